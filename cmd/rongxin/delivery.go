package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/internal/openlineage"
	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

// delivery is a run on its way to one receiver: what publish and reconcile share.
type delivery struct {
	receiver  receiver
	run       *run.Run
	payloads  *payload.Source
	source    publish.Source // of payloads
	db        *engine.DB
	store     *ops.Store
	transport transport
	publisher *publish.Publisher
}

// Close ends the round: what was handed over is made ready to leave, whatever
// became of the caller.
func (d *delivery) Close(ctx context.Context) error {
	return errors.Join(d.transport.Close(context.WithoutCancel(ctx)), d.db.Close(), d.store.Close())
}

// openDelivery opens what a run has to send to a receiver, and the way there.
func (a *app) openDelivery(ctx context.Context, r *run.Run, to receiver) (_ *delivery, err error) {
	day, err := credit.ParseDate(r.Manifest.AsOf)
	if err != nil {
		return nil, err
	}
	d := &delivery{receiver: to, run: r}
	payloads, db, err := a.payloads(ctx, r, to.Tables)
	if err != nil {
		return nil, err
	}
	d.payloads, d.source, d.db = payloads, payloads.Records, db
	if d.store, err = a.ops(ctx); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	if d.transport, err = a.openTransport(to, day); err != nil {
		return nil, errors.Join(err, d.db.Close(), d.store.Close())
	}
	d.transport = watched{d.transport}
	if d.publisher, err = publish.New(a.publisherConfig(d, payloads)); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", errConfig, err), d.Close(ctx))
	}
	return d, nil
}

func (a *app) publisherConfig(d *delivery, payloads *payload.Source) publish.Config {
	r, progress := d.receiver, a.progress("records")
	return publish.Config{
		Store: d.store, Owner: a.cfg.Actor, Receiver: r.Name, Transport: d.transport, Tables: payloads.Tables(), SourceCode: r.Source,
		Lanes: r.Lanes, BatchSize: r.Batch, Rate: r.Rate, Schedule: r.Retry.Waits, Patience: r.Retry.Patience, MaxAttempts: r.Retry.Attempts, AnswerDue: r.AnswerDue,
		MaxBreaks: breaksListed, Now: a.now,
		Progress: func(p publish.Progress) { progress(int64(p.Records), 0) },
	}
}

func (d *delivery) info() (publish.RunInfo, error) {
	day, err := asOfTime(d.run)
	return publish.RunInfo{ID: d.run.ID, AsOf: day}, err
}

// asOfTime is the day a run speaks for.
func asOfTime(r *run.Run) (time.Time, error) {
	day, err := credit.ParseDate(r.Manifest.AsOf)
	return day.Time(), err
}

// deliveryCmd gives a verb that talks to receivers its flags, and does its work
// for each of them in turn. One that fails does not keep the others waiting.
func (a *app) deliveryCmd(cmd *cobra.Command, do func(context.Context, *delivery, publish.RunInfo) error) *cobra.Command {
	var runID, to string
	cmd.Args = cobra.NoArgs
	cmd.Flags().StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	cmd.Flags().StringVar(&to, "to", "", "name of a receiver in rongxin.yml, or address of a platform (default: all of them)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		receivers, err := a.cfg.receivers(to)
		if err != nil {
			return err
		}
		r, err := run.Open(a.cfg.Home, runID)
		if err != nil {
			return err
		}
		a.known = openlineage.Rongxin{RunID: r.ID, AsOf: r.Manifest.AsOf, RuleSet: r.Manifest.RuleSet}
		a.job.Know(a.known)
		return a.forEach(cmd.Context(), receivers, func(ctx context.Context, to receiver) error {
			return a.watchDelivery(ctx, cmd.Name(), to, func(ctx context.Context) error {
				d, err := a.openDelivery(ctx, r, to)
				if err != nil {
					return err
				}
				info, err := d.info()
				if err == nil {
					err = do(ctx, d, info)
				}
				return errors.Join(err, d.Close(ctx))
			})
		})
	}
	return cmd
}

// forEach does a work for each receiver and returns what failed, with its names.
// Of several, the JSON objects stand in one, under receivers.
func (a *app) forEach(ctx context.Context, receivers []receiver, work func(context.Context, receiver) error) error {
	if len(receivers) == 1 {
		return work(ctx, receivers[0])
	}
	out := a.out
	defer func() { a.out = out }()
	var failed several
	objects := map[string]json.RawMessage{}
	for _, r := range receivers {
		var text bytes.Buffer
		if a.json {
			a.out = &text
		}
		if err := work(ctx, r); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", r.Name, err))
		}
		if text.Len() > 0 {
			objects[r.Name] = text.Bytes()
		}
		if ctx.Err() != nil {
			break
		}
	}
	a.out = out
	err := a.finish(map[string]any{"receivers": objects}, func(io.Writer) {})
	if len(failed) > 0 {
		return errors.Join(failed, err)
	}
	return err
}
