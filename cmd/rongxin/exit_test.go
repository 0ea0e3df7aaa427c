package main

import (
	"errors"
	"fmt"
	"testing"

	"rongxin/pipelines/publish"
)

// Of several works the exit code is that of the one that asks most of the caller.
func TestTheWorstExitCodeCounts(t *testing.T) {
	temporary := fmt.Errorf("a: %w", publish.ErrTemporary)
	differs := fmt.Errorf("b: %w", errDiffers)
	setup := fmt.Errorf("c: %w", publish.ErrSetup)
	for want, errs := range map[int]several{
		exitTemporary: {temporary},
		exitBadData:   {differs, temporary},
		exitBadConfig: {temporary, setup, differs},
		exitOther:     {setup, errors.New("anything")},
		exitNothing:   {errNothing},
	} {
		if got := exitCode(fmt.Errorf("publish: %w", errs)); got != want {
			t.Errorf("%v: exit code %d, want %d", errs, got, want)
		}
	}
	if got := exitCode(several{temporary, differs}); got != exitBadData {
		t.Errorf("bare: exit code %d", got)
	}
}
