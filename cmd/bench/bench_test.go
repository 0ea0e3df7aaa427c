package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// The contenders are processes of this binary; the flags of go test itself begin
// with -test.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-run") {
		main()
		return
	}
	os.Exit(m.Run())
}

// Every contest can be held and tells every one of its goals. How fast it was
// is no matter of tests; that all workers write equal bytes is.
func TestContests(t *testing.T) {
	for _, c := range slices.Concat(contests, byName) {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := c.hold(&out, 3000, 1); err != nil {
				t.Fatal(err)
			}
			for _, g := range c.goals {
				if !strings.Contains(out.String(), g.id+" ") {
					t.Errorf("%s is not told in\n%s", g.id, out.String())
				}
			}
			if c.name == equalBytes.name && strings.Contains(out.String(), "MISSED") {
				t.Error(out.String())
			}
		})
	}
}
