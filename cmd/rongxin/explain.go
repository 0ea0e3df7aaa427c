package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/evaluators/explain"
	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

func (a *app) explainCmd() *cobra.Command {
	var runID, asOf, format, out string
	cmd := &cobra.Command{
		Use:   "explain SUBJECT",
		Short: "Say why an enterprise stands where it stands, down to the source record",
		Long: `Prints every point with its record, document number, department, rule and
citation, what does not count and why, how the class came about, what changed
since the run before and what brought it about, and which lawful steps lead to
the next class, on which day at the earliest: in Chinese for a person, as one
page to print with --format html, with --json for a machine. SUBJECT is a credit
code or an exact name. The question is registered: who, when, which run, for what
purpose.

The explanation is by the tables, rules and models of the run that is asked, also
of an earlier one. Of each table no more is read than the question needs, and no
byte that was not held against the manifest.`,
		Example: `  rongxin explain 91350100MA8T00016W --purpose 企业查询自身信用
  rongxin explain 91350100MA8T00016W --format html --out 说明.html --purpose 企业查询自身信用`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.json {
				format = formatJSON
			}
			write, ok := explanationFormats[format]
			if !ok {
				return fmt.Errorf("%w: --format %s: text, json or html", errUsage, format)
			}
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
			if out == "" {
				return write(answer, a.out)
			}
			return store.Write(out, 0o600, func(w io.Writer) error { return write(answer, w) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", formatText, "text, json or html")
	f.StringVar(&out, "out", "", "write to this file, readable by you alone")
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&asOf, "as-of", "", "the run that spoke for this day")
	a.purposeFlag(cmd)
	return cmd
}

const (
	formatText = "text"
	formatJSON = "json"
	formatHTML = "html"
)

// explanationFormats write an explanation.
var explanationFormats = map[string]func(*explain.Explanation, io.Writer) error{
	formatText: (*explain.Explanation).WriteText,
	formatHTML: (*explain.Explanation).WriteHTML,
	formatJSON: func(e *explain.Explanation, w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	},
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
