package main

import (
	"os/exec"
	"strings"
	"testing"
)

// short are options for a proof that the tests have time for.
func short(t *testing.T) (options, []rulebook) {
	t.Helper()
	o := options{rules: "../../evaluators/rules", seed: 1, enterprises: 20_000, workers: 2, out: t.Output()}
	books, err := rulebooks(o.rules)
	if err != nil {
		t.Fatal(err)
	}
	return o, books
}

// The models and the reference say the same of every random enterprise.
func TestDifferential(t *testing.T) {
	o, books := short(t)
	if err := o.differential(t.Context(), books); err != nil {
		t.Fatal(err)
	}
}

// A difference is found and names the subject, what the model says and what the
// reference does.
func TestDifferenceIsFound(t *testing.T) {
	_, books := short(t)
	set, rules, err := books[0].on(turning[0])
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for i, m := range w.models {
		if m.Name == "intermediate.record_states" {
			w.models[i].SQL = strings.Replace(m.SQL, "classes.publicity_until <= parameters.as_of", "classes.publicity_until < parameters.as_of", 1)
		}
	}
	g := newGenerator(1, set, turning[0])
	err = w.differ(t.Context(), g, rules, g.enterprises(1000, weight))
	if err == nil || !strings.HasPrefix(err.Error(), "intermediate.record_states of S") || !strings.Contains(err.Error(), "|expired|"+turning[0].String()) {
		t.Errorf("a record that expires on the day: got %v", err)
	}
}

// The product has no part of the reference.
func TestReferenceIsNotInTheProduct(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "rongxin/cmd/rongxin").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range strings.Fields(string(out)) {
		if strings.HasPrefix(each, "rongxin/evaluators/reference") {
			t.Errorf("cmd/rongxin depends on %s", each)
		}
	}
	out, err = exec.Command("go", "list", "-f", "{{join .Imports \" \"}}", "rongxin/evaluators/reference").Output()
	if err != nil || strings.Contains(string(out), "rongxin/evaluators") || strings.Contains(string(out), "rongxin/warehouse") {
		t.Errorf("the reference imports %s, %v: it must know nothing of compiler and engine", out, err)
	}
}
