package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(role) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The short form of make soak: over both stores, and over every transport.
func TestKilledAndStoppedSendersLoseAndDoubleNothing(t *testing.T) {
	for name, c := range map[string]struct {
		store, by      string
		records, kills int
	}{
		"a file, HTTP":                {"sqlite", "rest", 20_000, 30},
		"a server, HTTP":              {"postgres", "rest", 10_000, 15},
		"a server, exchange database": {"postgres", "exchange", 4000, 10},
		"a file, files":               {"sqlite", "drop", 4000, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, progress strings.Builder
			args := []string{"-records", fmt.Sprint(c.records), "-batch", "100", "-days", "3", "-kills", fmt.Sprint(c.kills), "-stops", "1",
				"-store", c.store, "-transport", c.by}
			if err := run(context.Background(), args, &out, &progress); err != nil {
				t.Fatalf("%v\n%s%s", err, &progress, &out)
			}
			for _, n := range []figure{{"kills of the sender", c.kills}, {"senders stopped and replaced", 1}, {"changes lost", 0},
				{"changes doubled in effect", 0}, {"changes out of order", 0}, {"records unreconciled", 0}} {
				if line := fmt.Sprintf("%-42s %v\n", n.name, n.value); !strings.Contains(out.String(), line) {
					t.Errorf("no %q in\n%s", line, &out)
				}
			}
		})
	}
}
