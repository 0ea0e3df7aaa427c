package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/store"
)

// ops opens the operations store of the home.
func (a *app) ops(ctx context.Context) (*ops.Store, error) {
	if err := store.MakeDirs(a.cfg.Home); err != nil {
		return nil, err
	}
	return ops.Open(ctx, a.cfg.opsPath())
}

// register writes one line into the audit chain before data is given out or
// published. Without the line there is no answer.
func (a *app) register(ctx context.Context, action, runID, subject string, detail any) error {
	data, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	s, err := a.ops(ctx)
	if err != nil {
		return err
	}
	_, err = s.Append(ctx, ops.Entry{At: a.now(), Actor: a.cfg.Actor, Action: action, Subject: subject,
		Purpose: a.purpose, Run: runID, Detail: data})
	return errors.Join(err, s.Close())
}

// purposeFlag adds --purpose, which the register of queries asks for.
func (a *app) purposeFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.purpose, "purpose", "", "why the data is asked for, for the register of queries")
}
