package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

// delivery holds what publish and reconcile share.
type delivery struct {
	run       *run.Run
	db        *engine.DB
	store     *ops.Store
	publisher *publish.Publisher
}

func (d *delivery) Close() error { return errors.Join(d.db.Close(), d.store.Close()) }

func (a *app) openDelivery(ctx context.Context, runID, to string) (*delivery, error) {
	if to == "" {
		to = a.cfg.Platform
	}
	if to == "" {
		return nil, fmt.Errorf("%w: no platform: give --to URL or set RONGXIN_PLATFORM", errConfig)
	}
	r, err := run.Open(a.cfg.Home, runID)
	if err != nil {
		return nil, err
	}
	db, err := a.attach(ctx, r, "lists.supervision")
	if err != nil {
		return nil, err
	}
	store, err := a.ops(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d := &delivery{run: r, db: db, store: store}
	progress := a.progress("records")
	if err := a.openPublisher(d, to, progress); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", errConfig, err), d.Close())
	}
	return d, nil
}

func (a *app) openPublisher(d *delivery, to string, progress func(done, total int64)) (err error) {
	transport, err := a.cfg.platform(to).open(nil, a.now, a.log)
	if err != nil {
		return err
	}
	d.publisher, err = publish.New(publish.Config{
		Store: d.store, Receiver: a.cfg.PlatformName, Transport: transport, Tables: []string{publish.SupervisionTable},
		BatchSize: a.cfg.BatchSize, MaxAttempts: a.cfg.Attempts, MaxBreaks: breaksListed, Now: a.now,
		Progress: func(p publish.Progress) { progress(int64(p.Records), 0) },
	})
	return err
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

// pageSize is how many results are held in memory at once.
const pageSize = 20000

// source reads the run's supervision results by key, page by page. Only what
// may be shared with the government or the public leaves.
func (d *delivery) source(ctx context.Context, yield func(publish.Record) error) error {
	after := ""
	for {
		n, err := d.page(ctx, &after, yield)
		if err != nil || n < pageSize {
			return err
		}
	}
}

func (d *delivery) page(ctx context.Context, after *string, yield func(publish.Record) error) (n int, err error) {
	rows, err := d.db.Query(ctx, `
		select subject_id, subject_name, division_code, public_grade, coalesce(cast(public_evaluated_on as varchar), ''),
			scheme, coalesce(industry_grade, ''), supervision_class, check_ratio_bp, frequency,
			coalesce(reason_1, ''), coalesce(reason_2, ''), coalesce(reason_3, ''), coalesce(reason_4, ''),
			rule_set, publication_range
		from lists.supervision
		where change <> 'left' and publication_range in ('public', 'government') and subject_id || '/' || scheme > ?
		order by subject_id || '/' || scheme
		limit ?`, *after, pageSize)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var s publish.Supervision
		var class int
		var ratio int64
		var reasons [4]string
		if err := rows.Scan(&s.SubjectID, &s.SubjectName, &s.DivisionCode, &s.PublicGrade, &s.PublicEvaluatedOn,
			&s.Scheme, &s.IndustryGrade, &class, &ratio, &s.CheckFrequency,
			&reasons[0], &reasons[1], &reasons[2], &reasons[3], &s.RuleSet, &s.PublicationRange); err != nil {
			return n, err
		}
		s.SupervisionClass, s.CheckRatio = &class, percent(ratio)
		for _, reason := range reasons {
			if reason != "" {
				s.Reasons = append(s.Reasons, reason)
			}
		}
		record, err := s.Record()
		if err != nil {
			return n, err
		}
		if err := yield(record); err != nil {
			return n, err
		}
		*after = record.Key
	}
	return n, rows.Err()
}

// percent writes hundredths of a percent as a share, such as 12.5%.
func percent(basisPoints int64) string {
	switch {
	case basisPoints%100 == 0:
		return fmt.Sprintf("%d%%", basisPoints/100)
	case basisPoints%10 == 0:
		return fmt.Sprintf("%d.%d%%", basisPoints/100, basisPoints%100/10)
	default:
		return fmt.Sprintf("%d.%02d%%", basisPoints/100, basisPoints%100)
	}
}

// deliveryCmd gives a verb that talks to the platform its flags, and opens and
// closes what it needs.
func (a *app) deliveryCmd(cmd *cobra.Command, do func(context.Context, *delivery, publish.RunInfo) error) *cobra.Command {
	var runID, to string
	cmd.Args = cobra.NoArgs
	cmd.Flags().StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	cmd.Flags().StringVar(&to, "to", "", "address of the platform (default: RONGXIN_PLATFORM)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.openDelivery(cmd.Context(), runID, to)
		if err != nil {
			return err
		}
		defer d.Close()
		info, err := d.info()
		if err != nil {
			return err
		}
		return do(cmd.Context(), d, info)
	}
	return cmd
}
