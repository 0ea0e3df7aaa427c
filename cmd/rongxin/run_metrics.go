package main

import (
	"context"
	"fmt"
	"syscall"

	"rongxin/internal/metrics"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// tellPublished tells what the run that was published holds.
func (a *app) tellPublished(ctx context.Context, r *run.Run, report runReport) error {
	day, err := asOfTime(r)
	if err != nil {
		return err
	}
	a.told.Set(metrics.RunAsOf, seconds(day))
	a.told.Set(metrics.RunSubjects, float64(report.Subjects))
	a.told.Set(metrics.RunTouched, float64(report.Judged.Touched))
	a.told.Set(metrics.RunTables, float64(report.Judged.Full), "full")
	a.told.Set(metrics.RunTables, float64(report.Judged.Apart), "touched")
	a.told.Set(metrics.RunTables, float64(report.Tables-report.Judged.Full-report.Judged.Apart), "other")
	a.told.Set(metrics.RunChecks, float64(report.Checks-len(report.Warnings)), "ok")
	a.told.Set(metrics.RunChecks, float64(len(report.Warnings)), "warn")
	if err := a.tellStale(report.Stale); err != nil {
		return err
	}
	a.told.Renew(metrics.RunClasses)
	for _, c := range report.Classes {
		class := "none"
		if c.Class != nil {
			class = fmt.Sprint(*c.Class)
		}
		a.told.Set(metrics.RunClasses, float64(c.Count), "supervision", class)
	}
	if err := a.tellCounts(ctx, r); err != nil {
		return err
	}
	return a.tellSpace(r)
}

// tellStale tells of every department how many datasets it owes.
func (a *app) tellStale(stale []staleInput) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	owed := map[string]int{}
	for _, c := range catalog.All() {
		owed[c.Department] += 0
	}
	for _, s := range stale {
		owed[s.Department]++
	}
	a.told.Renew(metrics.RunStale)
	for department, n := range owed {
		a.told.Set(metrics.RunStale, float64(n), department)
	}
	return nil
}

// tellCounts counts classes, lists and results of inspections in the run's tables.
func (a *app) tellCounts(ctx context.Context, r *run.Run) error {
	db, err := a.attach(ctx, r, "scores.public_results", "overlay.scheme_classes", "lists.supervision", "marts.inspection_publication")
	if err != nil {
		return err
	}
	defer db.Close()
	a.told.Renew(metrics.RunLists)
	a.told.Renew(metrics.RunInspections)
	for _, ask := range []struct {
		metrics.Metric
		query string
	}{
		{metrics.RunClasses, "select 'public', public_grade, count(*) from scores.public_results group by public_grade"},
		{metrics.RunClasses, `select scheme, coalesce(cast(supervision_class as varchar), 'none'), count(*) from overlay.scheme_classes
			where scheme <> 'none' group by scheme, supervision_class`},
		{metrics.RunLists, "select department, scheme, count(*) from lists.supervision group by department, scheme"},
		{metrics.RunInspections, "select state, '', count(*) from marts.inspection_publication group by state"},
	} {
		if err := a.tellGroups(ctx, db, ask.Metric, ask.query); err != nil {
			return err
		}
	}
	return nil
}

// tellGroups tells one value for each row of a query: two words and a count.
func (a *app) tellGroups(ctx context.Context, db *engine.DB, m metrics.Metric, query string) error {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		words, n := make([]string, 2), int64(0)
		if err := rows.Scan(&words[0], &words[1], &n); err != nil {
			return err
		}
		a.told.Set(m, float64(n), words[:len(m.Labels)]...)
	}
	return rows.Err()
}

// tellSpace tells how large the run is and how much is free beside it.
func (a *app) tellSpace(r *run.Run) error {
	size := int64(0)
	for _, t := range r.Manifest.Tables {
		size += t.File.Bytes
	}
	for _, f := range r.Manifest.Files {
		size += f.Bytes
	}
	free, err := freeBytes(a.cfg.Home)
	if err != nil {
		return err
	}
	a.told.Set(metrics.RunBytes, float64(size))
	a.told.Set(metrics.RunFree, float64(free))
	return nil
}

// freeBytes is what the user of the program may still write to the disk of a
// directory.
func freeBytes(dir string) (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, fmt.Errorf("%s: %w", dir, err)
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil
}
