package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"rongxin/evaluators/explain"
	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/run"
)

func (a *app) explainCmd() *cobra.Command {
	var runID, asOf string
	cmd := &cobra.Command{
		Use:   "explain SUBJECT",
		Short: "Say why an enterprise stands where it stands, down to the source record",
		Long: `Prints every point with its record, document number, department, rule and
citation, what does not count and why, and how the class came about: in Chinese
for a person, with --json for a machine. SUBJECT is a credit code or an exact
name. The question is registered: who, when, which run, for what purpose.`,
		Example: "  rongxin explain 91350100MA8T00016W --purpose 企业查询自身信用",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.openRun(runID, asOf)
			if err != nil {
				return err
			}
			x, err := a.explainer(cmd.Context(), r)
			if err != nil {
				return err
			}
			defer x.close()
			answer, err := a.explain(cmd.Context(), x, args[0], nil)
			if err != nil {
				return err
			}
			var printErr error
			err = a.finish(answer, func(w io.Writer) { printErr = answer.WriteText(w) })
			if err == nil {
				err = printErr
			}
			return err
		},
	}
	cmd.Flags().StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	cmd.Flags().StringVar(&asOf, "as-of", "", "the run that spoke for this day")
	a.purposeFlag(cmd)
	return cmd
}

// explainer explains subjects of one run: from its tables, by its own models, and
// beside the run before it.
type explainer struct {
	*explain.Explainer
	run  *run.Run
	open []io.Closer
}

func (a *app) explainer(ctx context.Context, r *run.Run) (*explainer, error) {
	look := lookup.New(r)
	x := &explainer{Explainer: explain.New(r.Manifest, look), run: r, open: []io.Closer{look}}
	models, err := r.Models(explain.JudgeModels()...)
	if err != nil {
		return nil, errors.Join(err, x.close())
	}
	judge, err := explain.NewJudge(ctx, a.cfg.engine(), r.Manifest, models, look)
	if err != nil {
		return nil, errors.Join(err, x.close())
	}
	x.open = append(x.open, judge)
	x.WhatIf(judge)
	if r.Manifest.Previous == "" {
		return x, nil
	}
	previous, err := run.Open(a.cfg.Home, r.Manifest.Previous)
	if err != nil {
		x.Since(nil, "上期运行 "+r.Manifest.Previous+" 已不在，或由另一版本的程序写成，不作比较")
		return x, nil
	}
	before := lookup.New(previous)
	x.open = append(x.open, before)
	x.Since(explain.New(previous.Manifest, before), "")
	return x, nil
}

func (x *explainer) close() error {
	var faults []error
	for _, c := range x.open {
		faults = append(faults, c.Close())
	}
	return errors.Join(faults...)
}

// explain asks for one subject and registers the question before the answer is
// shown. A question that finds nobody is registered too: its refusal may name
// neighbours.
func (a *app) explain(ctx context.Context, x *explainer, subject string, detail map[string]string) (*explain.Explanation, error) {
	answer, err := x.Subject(ctx, subject)
	asked := credit.MaskIDs(subject)
	if err == nil {
		asked = answer.Subject.SubjectID
	}
	if registerErr := a.register(ctx, "explain", x.run.ID, asked, detail); registerErr != nil {
		return nil, registerErr
	}
	return answer, err
}
