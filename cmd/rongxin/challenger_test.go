package main

import (
	"os"
	"strings"
	"testing"
)

// Every verb that can be told which run to read is tried on a challenger's.
func TestNoVerbIsLeftUntriedOnAChallenger(t *testing.T) {
	script, err := os.ReadFile("testdata/script/challenger.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, cmd := range verbs() {
		if cmd.Flags().Lookup("run") == nil {
			continue
		}
		tried++
		line := "exits 65 " + cmd.CommandPath() + " "
		found := false
		for _, l := range strings.Split(string(script), "\n") {
			found = found || strings.HasPrefix(l, line) && strings.Contains(l, "--run $TRIED")
		}
		if !found {
			t.Errorf("challenger.txtar does not try: %s --run", cmd.CommandPath())
		}
	}
	if tried < 8 {
		t.Errorf("only %d verbs take --run", tried)
	}
}
