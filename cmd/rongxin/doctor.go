package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"rongxin/internal/metrics"
)

// Outcomes of an examination.
const (
	healthy = "ok"
	warning = "warn"
	ailing  = "fail"
)

// symptom is what one examination found.
type symptom struct {
	Of      string `json:"of"`
	Outcome string `json:"outcome"` // ok, warn, fail
	Found   string `json:"found"`
	Mend    string `json:"mend,omitempty"`
}

// An examination looks at one thing; it changes nothing.
type examination struct {
	of   string
	look func(context.Context) symptom
}

func fine(format string, args ...any) symptom {
	return symptom{Outcome: healthy, Found: fmt.Sprintf(format, args...)}
}

func worrying(mend, format string, args ...any) symptom {
	return symptom{Outcome: warning, Mend: mend, Found: fmt.Sprintf(format, args...)}
}

func unfit(mend, format string, args ...any) symptom {
	return symptom{Outcome: ailing, Mend: mend, Found: fmt.Sprintf(format, args...)}
}

func (a *app) doctorCmd() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine this warehouse: set-up, keys, space, clock, locks, digests, calendar, what waits",
		Long: `Looks at everything that has to be right before a night: settings, rules and
calendar, rights of the home and its keys, free space and memory, the clock, the
published run and the register, files against their digests, runs that were left
unfinished, batches that wait for a receiver. It changes nothing, names each thing
with what to do, and ends with exit code 65 when something is broken. With --full the
files of every run and of every landed batch are read, not those of the published run
alone.`,
		Example: "  rongxin doctor\n  rongxin doctor --full",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := os.Stat(a.cfg.Home); err != nil {
				return fmt.Errorf("%w: there is no warehouse at %s: give --home or RONGXIN_HOME", errConfig, a.cfg.Home)
			}
			report, failed := a.examine(cmd.Context(), full)
			a.told.Renew(metrics.DoctorOutcome)
			for _, s := range report {
				a.told.Set(metrics.DoctorOutcome, float64(slices.Index([]string{healthy, warning, ailing}, s.Outcome)), s.Of)
			}
			err := a.finish(map[string]any{"examined": report, "failed": failed}, func(w io.Writer) { printSymptoms(w, report) })
			if failed > 0 {
				err = errors.Join(err, fmt.Errorf("%d things %w from what they must be", failed, errDiffers))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "read the files of every run and every landed batch")
	return cmd
}

// examine makes all examinations, whatever each of them finds.
func (a *app) examine(ctx context.Context, full bool) (report []symptom, failed int) {
	for _, e := range a.examinations(full) {
		s := e.look(ctx)
		s.Of = e.of
		report = append(report, s)
		if s.Outcome == ailing {
			failed++
		}
	}
	return report, failed
}

func printSymptoms(w io.Writer, report []symptom) {
	for _, s := range report {
		fmt.Fprintf(w, "%-4s  %-12s  %s\n", s.Outcome, s.Of, s.Found)
		if s.Mend != "" {
			fmt.Fprintf(w, "      %-12s  → %s\n", "", s.Mend)
		}
	}
}
