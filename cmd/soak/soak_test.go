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

// The short form of make soak, over both stores.
func TestKilledAndStoppedSendersLoseAndDoubleNothing(t *testing.T) {
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			var out, progress strings.Builder
			args := []string{"-records", "20000", "-batch", "100", "-days", "3", "-kills", "30", "-stops", "2", "-store", store}
			if err := run(context.Background(), args, &out, &progress); err != nil {
				t.Fatalf("%v\n%s%s", err, &progress, &out)
			}
			for _, n := range []figure{{"kills of the sender", 30}, {"senders stopped and replaced", 2}, {"changes lost", 0},
				{"changes doubled in effect", 0}, {"changes out of order", 0}, {"records unreconciled", 0}} {
				if line := fmt.Sprintf("%-42s %v\n", n.name, n.value); !strings.Contains(out.String(), line) {
					t.Errorf("no %q in\n%s", line, &out)
				}
			}
		})
	}
}
