package main

import (
	"strings"
	"testing"

	"rongxin/evaluators/reference"
)

// What a change may do to results holds of every enterprise that it was tried on.
func TestRelations(t *testing.T) {
	o, books := short(t)
	o.cases = 200
	if err := o.relate(t.Context(), books); err != nil {
		t.Fatal(err)
	}
}

// A relation that does not hold is found, and names whom it does not hold of.
func TestBrokenRelationIsFound(t *testing.T) {
	_, books := short(t)
	worse := func(g *generator, e *reference.Enterprise) bool {
		e.Records = append(e.Records, g.adverse(e))
		return true
	}
	for _, r := range []relation{{"an adverse record more changes nothing", worse, same}, {"an adverse record more worsens no score", worse, noScore}} {
		_, _, err := relateOnce(t.Context(), books[0], turning[0], 1, 40, []relation{r})
		if err == nil || !strings.HasPrefix(err.Error(), r.name) || !strings.Contains(err.Error(), ": S") {
			t.Errorf("got %v", err)
		}
	}
}
