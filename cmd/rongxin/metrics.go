package main

import (
	"github.com/prometheus/common/expfmt"
	"github.com/spf13/cobra"

	"rongxin/internal/metrics"
)

func (a *app) metricsCmd() *cobra.Command {
	var describe bool
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "Print what all verbs told of operation in this home, in the text format of Prometheus",
		Long: `Every verb writes metrics/<verb>.prom in the home when it ends. This prints what
is in them together, for a collector that may not look into the home itself, or
for a person. --describe prints docs/metrics.md, the definition of each metric.`,
		Example: "  rongxin metrics\n  rongxin metrics --describe",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if describe {
				return metrics.WritePage(a.out)
			}
			families, err := metrics.Home(a.cfg.Home).Gather()
			if err != nil {
				return err
			}
			for _, f := range families {
				if _, err := expfmt.MetricFamilyToText(a.out, f); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&describe, "describe", false, "print the definition of each metric, docs/metrics.md, and end")
	return cmd
}
