package main

import "testing"

// Runs made from the run before are those of a full evaluation.
func TestIncremental(t *testing.T) {
	o, books := short(t)
	if err := o.incremental(t.Context(), books); err != nil {
		t.Fatal(err)
	}
}
