package main

import (
	"context"
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
			look := lookup.New(r)
			defer look.Close()
			answer, err := a.explain(cmd.Context(), explain.New(r.Manifest, look), r, args[0], nil)
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

// explain asks for one subject and registers the question before the answer is
// shown. A question that finds nobody is registered too: its refusal may name
// neighbours.
func (a *app) explain(ctx context.Context, explainer *explain.Explainer, r *run.Run, subject string, detail map[string]string) (*explain.Explanation, error) {
	answer, err := explainer.Subject(subject)
	asked := credit.MaskIDs(subject)
	if err == nil {
		asked = answer.Subject.SubjectID
	}
	if registerErr := a.register(ctx, "explain", r.ID, asked, detail); registerErr != nil {
		return nil, registerErr
	}
	return answer, err
}
