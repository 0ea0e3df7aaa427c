package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/internal/city"
	"rongxin/internal/credit"
)

func (a *app) cityCmd() *cobra.Command {
	var cfg city.Config
	var asOf string
	cmd := &cobra.Command{
		Use:   "city --out DIR",
		Short: "Make a synthetic city: every department's extracts, with seeded faults and the truth about them",
		Long: `No real department extract is public, so a made-up city is the standing input of
demos, tests and benchmarks. The same seed, number and day give the same bytes.

DIR/inbox/<day>/<department>/<dataset>/ holds the extracts as each department sent
them on that day; DIR/truth/defects.csv tells every seeded fault: file, line, field, kind,
right value. No name, code or person in it is real.`,
		Example: "  rongxin city --enterprises 20000 --seed 1 --as-of 2026-06-30 --out demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if cfg.AsOf, err = credit.ParseDate(asOf); err != nil {
				return fmt.Errorf("%w: --as-of: %w", errUsage, err)
			}
			progress := a.progress("making enterprises")
			cfg.Progress = func(done, total int) { progress(int64(done), int64(total)) }
			summary, err := city.Generate(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return a.finish(summary, func(w io.Writer) {
				fmt.Fprintf(w, "%d enterprises as of %s in %s\n", cfg.Enterprises, cfg.AsOf, cfg.Dir)
				fmt.Fprintf(w, "next: rongxin land --inbox %s/inbox\n", cfg.Dir)
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&cfg.Enterprises, "enterprises", 20000, "how many enterprises live in the city")
	f.Uint64Var(&cfg.Seed, "seed", 1, "the same seed gives the same city")
	f.StringVar(&asOf, "as-of", city.DefaultAsOf().String(), "the day up to which departments report")
	f.StringVar(&cfg.Dir, "out", "", "folder to make; must not exist or be empty")
	f.BoolVar(&cfg.Clean, "clean", false, "seed no faults")
	must(cmd.MarkFlagRequired("out"))
	return cmd
}

// must reports a mistake in this program's own wiring.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
