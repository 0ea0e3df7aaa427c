package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
)

const screenFeedbackDataset = "credit/screen_feedback"

// measureTaken is the answer that says a measure was taken.
const measureTaken = "已惩戒"

// screenCount is how a department answers its hits.
type screenCount struct {
	Department string `json:"department"`
	Screenings int64  `json:"screenings"`
	Parties    int64  `json:"parties"`
	Hits       int64  `json:"hits"`
	Answered   int64  `json:"answered"`
	Acted      int64  `json:"acted"`
	RateBP     *int64 `json:"feedback_rate_bp"` // hundredths of a percent; null without hits
}

func (a *app) screenFeedbackCmd() *cobra.Command {
	var received string
	cmd := &cobra.Command{
		Use:   "feedback FILE.xlsx",
		Short: "Land what a department did about the hits it was told, and say how many are answered",
		Long: `FILE is the workbook of a comparison with its sheet 比对反馈表 filled in: 处理类型, and
where a measure was taken its number, date and basis. It lands as
credit/screen_feedback; a row that is not filled in waits, one whose locked cells
changed is refused, and so is a hit that was never given out. A measure that the
catalogue does not name for the list is a finding of the next run.`,
		Example: "  rongxin screen feedback 比对结果.xlsx",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := a.receivedAt(received)
			if err != nil {
				return err
			}
			lander, _, err := a.lander()
			if err != nil {
				return err
			}
			result, err := lander.Land(cmd.Context(), ingest.Request{Dataset: screenFeedbackDataset, File: args[0], ReceivedAt: at})
			told := describeLanded(filepath.Base(args[0]), result, err)
			if err != nil {
				return a.finishLanding(cmd, []landed{told}, err)
			}
			unknown, err := a.answerHits(cmd.Context(), result.Batch)
			if err != nil {
				return err
			}
			if len(unknown) > 0 {
				return fmt.Errorf("%s: %w", strings.Join(unknown, ", "), errUnknownHits)
			}
			return a.finishCounts(cmd.Context(), map[string]any{"extract": told})
		},
	}
	cmd.Flags().StringVar(&received, "received", "", "when the answer came (default: now)")
	return cmd
}

// errUnknownHits are answers to what was never given out.
var errUnknownHits = errors.New("no comparison gave out these hits for these codes")

func (a *app) screenLedgerCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "ledger",
		Short:   "How many hits each department was told, and how many it answered",
		Example: "  rongxin screen ledger",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.register(cmd.Context(), "screen.ledger", "", "", nil); err != nil {
				return err
			}
			return a.finishCounts(cmd.Context(), map[string]any{})
		},
	}
}

// answerHits notes in the ledger what a landed batch answers.
func (a *app) answerHits(ctx context.Context, batch landing.Batch) ([]string, error) {
	answers, err := a.readAnswers(ctx, batch)
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"batch_id": batch.ID, "answers": len(answers)}
	if err := a.register(ctx, "screen.feedback", "", batch.Dataset, detail); err != nil {
		return nil, err
	}
	s, err := a.ops(ctx)
	if err != nil {
		return nil, err
	}
	unknown, err := s.AnswerHits(ctx, answers)
	return unknown, errors.Join(err, s.Close())
}

func (a *app) readAnswers(ctx context.Context, batch landing.Batch) (answers []ops.ScreeningAnswer, err error) {
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	file := filepath.Join(landing.Dir(a.cfg.Home, batch.Dataset, batch.ID), landing.RecordsName)
	rows, err := db.Query(ctx, "select hit_no, subject_id, feedback_kind from read_parquet("+engine.Quote(file)+") order by line")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		answer := ops.ScreeningAnswer{On: credit.DateOf(batch.ReceivedAt).String(), BatchID: batch.ID}
		if err := rows.Scan(&answer.HitNo, &answer.SubjectID, &answer.Answer); err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers, rows.Err()
}

// finishCounts tells the feedback rate of every department, with what else there
// is to tell.
func (a *app) finishCounts(ctx context.Context, result map[string]any) error {
	s, err := a.ops(ctx)
	if err != nil {
		return err
	}
	counted, err := s.ScreeningCounts(ctx, measureTaken)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	departments := []screenCount{}
	for _, c := range counted {
		d := screenCount{Department: c.Department, Screenings: c.Screenings, Parties: c.Parties, Hits: c.Hits, Answered: c.Answered, Acted: c.Acted}
		if c.Hits > 0 {
			rate := c.Answered * 10_000 / c.Hits
			d.RateBP = &rate
		}
		departments = append(departments, d)
	}
	result["departments"] = departments
	return a.finish(result, func(w io.Writer) {
		rows := [][]string{{"部门", "比对次数", "比对行数", "命中", "已反馈", "其中已惩戒", "反馈率"}}
		for _, d := range departments {
			rate := "—"
			if d.RateBP != nil {
				rate = fmt.Sprintf("%d.%02d%%", *d.RateBP/100, *d.RateBP%100)
			}
			rows = append(rows, []string{d.Department, fmt.Sprint(d.Screenings), fmt.Sprint(d.Parties), fmt.Sprint(d.Hits), fmt.Sprint(d.Answered), fmt.Sprint(d.Acted), rate})
		}
		printAligned(w, rows)
	})
}
