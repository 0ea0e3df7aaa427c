package main

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/store"
)

// ops opens the operations store.
func (a *app) ops(ctx context.Context) (*ops.Store, error) {
	if err := store.MakeDirs(a.cfg.Home); err != nil {
		return nil, err
	}
	place, err := a.cfg.opsPlace()
	if err != nil {
		return nil, err
	}
	return ops.Open(ctx, place)
}

// jsonText is a string of a JSON document.
var jsonText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// register writes one line into the audit chain before data is given out or
// published. Without the line there is no answer. The chain is for ever, so what
// looks like a person's number is masked in it.
func (a *app) register(ctx context.Context, action, runID, subject string, detail any) error {
	_, err := a.journal(ctx, action, runID, subject, detail)
	return err
}

// journal is register for who wants to know the number of the line.
func (a *app) journal(ctx context.Context, action, runID, subject string, detail any) (int64, error) {
	e, err := a.entry(action, runID, subject, detail)
	if err != nil {
		return 0, err
	}
	if a.kept != nil {
		record, err := a.kept.Append(ctx, e)
		return record.Seq, err
	}
	s, err := a.ops(ctx)
	if err != nil {
		return 0, err
	}
	record, err := s.Append(ctx, e)
	return record.Seq, errors.Join(err, s.Close())
}

// entry is what the journal is told of an act of the actor, now.
func (a *app) entry(action, runID, subject string, detail any) (ops.Entry, error) {
	data, err := json.Marshal(detail)
	return ops.Entry{At: a.now(), Actor: a.cfg.Actor, Action: action, Subject: credit.MaskPersonal(subject),
		Purpose: credit.MaskPersonal(a.purpose), Run: runID, Detail: jsonText.ReplaceAllFunc(data, func(text []byte) []byte { return []byte(credit.MaskPersonal(string(text))) })}, err
}

// purposeFlag adds --purpose, which the register of queries asks for.
func (a *app) purposeFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.purpose, "purpose", "", "why the data is asked for, for the register of queries")
}
