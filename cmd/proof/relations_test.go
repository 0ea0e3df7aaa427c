package main

import "testing"

// What a change may do to results holds of every enterprise that it was tried on.
func TestRelations(t *testing.T) {
	o, books := short(t)
	o.cases = 200
	if err := o.relate(t.Context(), books); err != nil {
		t.Fatal(err)
	}
}
