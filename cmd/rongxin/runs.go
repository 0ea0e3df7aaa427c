package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

func (a *app) runsCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "runs", Short: "List, show, compare and prune the runs of this warehouse"}
	cmd.AddCommand(a.runsListCmd(), a.runsShowCmd(), a.runsDiffCmd(), a.runsPruneCmd())
	return cmd
}

// States of a run.
const (
	stateCurrent    = "current"
	stateUnfinished = "unfinished"
	stateFaulty     = "faulty"
)

// runLine is one run of the list.
type runLine struct {
	RunID       string `json:"run_id"`
	AsOf        string `json:"as_of"`
	State       string `json:"state"` // current, published, unpublished, challenger, unfinished, faulty
	MadeOn      string `json:"made_on"`
	PublishedAt string `json:"published_at,omitempty"` // the last time
	RuleSet     string `json:"rule_set"`
	Previous    string `json:"previous"`
	Tables      int    `json:"tables"`
	OwnBytes    int64  `json:"own_bytes"` // what removing it would free
	KeptUntil   string `json:"kept_until"`
	KeptBy      string `json:"kept_by"` // the line of rule retention, or what else holds it
	Fault       string `json:"fault,omitempty"`

	standing run.Standing
}

func (a *app) runsListCmd() *cobra.Command {
	var asOf func() (credit.Date, error)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "The runs that stand here: their day, state, size, and how long each is kept",
		Long: `One line a run: the day it speaks for, whether it is the published one, was
published, never was, or is a challenger's; when it was made and last published; what
removing it would free, files shared with other runs not counted; and until when the
rule retention keeps it.`,
		Example: "  rongxin runs list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := asOf()
			if err != nil {
				return err
			}
			lines, err := a.runLines(cmd.Context(), day)
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				return fmt.Errorf("%w: no run stands in %s", errNothing, run.Dir(a.cfg.Home))
			}
			return a.finish(map[string]any{"runs": lines}, func(w io.Writer) { printRunLines(w, lines) })
		},
	}
	asOf = a.asOfFlag(cmd, "the day whose rule of retention is asked")
	return cmd
}

func printRunLines(w io.Writer, lines []runLine) {
	fmt.Fprintf(w, "%-20s  %-11s  %-10s  %9s  %-10s  %s\n", "run", "state", "made on", "MB of own", "kept until", "kept by")
	for _, l := range lines {
		fmt.Fprintf(w, "%-20s  %-11s  %-10s  %9.1f  %-10s  %s\n", l.RunID, l.State, l.MadeOn, float64(l.OwnBytes)/1e6, l.KeptUntil, l.KeptBy)
		if l.Fault != "" {
			fmt.Fprintf(w, "  %s\n", l.Fault)
		}
	}
}

// runLines are all runs, and how long each is kept by the rule of the day.
func (a *app) runLines(ctx context.Context, day credit.Date) ([]runLine, error) {
	retention, err := a.retention(day)
	if err != nil {
		return nil, err
	}
	list, err := run.List(a.cfg.Home)
	if err != nil {
		return nil, err
	}
	published, err := a.publications(ctx)
	if err != nil {
		return nil, err
	}
	current, err := run.Current(a.cfg.Home)
	if err != nil && !errors.Is(err, run.ErrNoRun) {
		return nil, err
	}
	lines := make([]runLine, 0, len(list))
	for _, s := range list {
		lines = append(lines, lineOf(s, current, published, retention))
	}
	keepNeeded(lines, day)
	unfinished, err := run.Unfinished(a.cfg.Home)
	for _, id := range unfinished {
		lines = append(lines, runLine{RunID: id, State: stateUnfinished, KeptBy: "the next run of its day, which goes on with it"})
	}
	return lines, err
}

// retention is the rule of the day on how long runs are kept.
func (a *app) retention(day credit.Date) (*evaluators.Retention, error) {
	library, err := a.library(a.cfg.Rules)
	if err != nil {
		return nil, err
	}
	r := library.At(day).Retention()
	if r == nil {
		return nil, fmt.Errorf("%w: no version of rule retention is in force on %s", errConfig, day)
	}
	return r, nil
}

// publishing is when each run was last published, and by which entry.
type publishing struct {
	At  time.Time
	Seq int64
	By  string
}

func (a *app) publications(ctx context.Context) (_ map[string]publishing, err error) {
	s, err := a.ops(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	list := map[string]publishing{}
	for entry, err := range s.Entries(ctx, ops.EntryFilter{Action: actionPublish}) {
		if err != nil {
			return nil, err
		}
		list[entry.Run] = publishing{entry.At, entry.Seq, entry.Actor}
	}
	return list, nil
}

func lineOf(s run.Standing, current string, published map[string]publishing, retention *evaluators.Retention) runLine {
	l := runLine{RunID: s.ID, MadeOn: credit.DateOf(s.MadeAt).String(), OwnBytes: s.OwnBytes, State: evaluators.UnpublishedRun, standing: s}
	if s.Fault != nil {
		l.State, l.MadeOn, l.KeptBy, l.Fault = stateFaulty, "", "nothing is removed that cannot be read", s.Fault.Error()
		return l
	}
	m := s.Run.Manifest
	l.AsOf, l.RuleSet, l.Previous, l.Tables = m.AsOf, m.RuleSet, m.Previous, len(m.Tables)
	from := credit.DateOf(s.MadeAt)
	when, was := published[s.ID]
	switch {
	case s.Challenger:
		l.State = evaluators.ChallengerRun
	case was:
		l.State, l.PublishedAt = evaluators.PublishedRun, when.At.Format(time.RFC3339)
		if day, err := credit.ParseDate(m.AsOf); err == nil {
			from = day
		}
	}
	until, id := retention.Until(l.State, from)
	l.KeptUntil, l.KeptBy = until.String(), id
	if s.ID == current && !s.Challenger {
		l.State, l.KeptUntil, l.KeptBy = stateCurrent, "", "readers"
	}
	return l
}

// keepNeeded keeps what a run that stays cannot be proven or explained without: the
// run before it.
func keepNeeded(lines []runLine, day credit.Date) {
	needed := map[string]string{}
	for _, l := range lines {
		if l.Previous != "" && !l.expired(day) {
			needed[l.Previous] = l.RunID
		}
	}
	for i, l := range lines {
		if by := needed[l.RunID]; by != "" && l.State != evaluators.ChallengerRun && l.expired(day) {
			lines[i].KeptUntil, lines[i].KeptBy = "", "run "+by+", which is verified against it"
		}
	}
}

// expired tells whether the rule no longer keeps the run on the day.
func (l runLine) expired(day credit.Date) bool {
	return l.KeptUntil != "" && l.KeptUntil < day.String()
}
