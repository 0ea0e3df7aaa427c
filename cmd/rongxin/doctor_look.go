package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// examinations are all of them, the ones that others rest on first.
func (a *app) examinations(full bool) []examination {
	return []examination{
		{"settings", a.lookAtSettings}, {"rules", a.lookAtRules}, {"calendar", a.lookAtCalendar},
		{"home", a.lookAtHome}, {"space", a.lookAtSpace}, {"clock", a.lookAtClock}, {"keys", a.lookAtKeys},
		{"engine", a.lookAtEngine}, {"register", a.lookAtRegister}, {"published run", a.lookAtPublished},
		{"digests", func(ctx context.Context) symptom { return a.lookAtDigests(ctx, full) }},
		{"unfinished", a.lookAtUnfinished}, {"locks", a.lookAtLocks}, {"outbox", a.lookAtOutbox},
	}
}

func (a *app) lookAtSettings(context.Context) symptom {
	receivers := len(a.cfg.Receivers)
	return fine("home %s, %d threads, %s memory, %d receivers, %d exchange databases", a.cfg.Home, a.cfg.Threads, a.cfg.Memory, receivers, len(a.cfg.Databases))
}

func (a *app) lookAtRules(context.Context) symptom {
	today := credit.DateOf(a.now())
	set, err := a.ruleSet(a.cfg.Rules, today)
	if err == nil {
		_, err = a.catalog()
	}
	if err != nil {
		return unfit("rongxin rules check; rongxin contracts check", "%v", err)
	}
	return fine("rule set %s is whole on %s", set.ID, today)
}

// ahead is how many days the calendar should reach beyond today: holidays of a
// year are published in the November before it.
const ahead = 60

func (a *app) lookAtCalendar(context.Context) symptom {
	calendar, today := credit.WorkCalendar(), credit.DateOf(a.now())
	years := calendar.Years()
	const mend = "add the holidays of the year to internal/credit as soon as the State Council has published them"
	if _, err := calendar.IsWorkingDay(today); err != nil {
		return unfit(mend, "no working days are known for %s; known are %v", today, years)
	}
	if day := today.AddDays(ahead); day.Year() > years[len(years)-1] {
		return worrying(mend, "no working days are known for %s; known are %v", day, years)
	}
	return fine("working days known from %d to %d", years[0], years[len(years)-1])
}

func (a *app) lookAtHome(context.Context) symptom {
	probe, err := os.CreateTemp(a.cfg.Home, store.Temporary("doctor-*"))
	if err != nil {
		return unfit("give the user of the program the right to write there", "%v", err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return unfit("look at the disk", "%v", err)
	}
	path := filepath.Join(a.cfg.Home, "ops.db")
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return unfit("chmod 600 "+path, "%s can be read by others: mode %v", path, info.Mode().Perm())
	}
	return fine("can be written; the operations store is its owner's alone")
}

// A night writes a run beside the others, and spills while it sorts.
const (
	spareRuns = 3
	leastFree = 2 << 30
)

func (a *app) lookAtSpace(context.Context) symptom {
	free, err := freeBytes(a.cfg.Home)
	if err != nil {
		return unfit("look at the disk", "%v", err)
	}
	list, err := run.List(a.cfg.Home)
	if err != nil {
		return unfit("look at the disk", "%v", err)
	}
	largest := int64(0)
	for _, s := range list {
		largest = max(largest, s.OwnBytes)
	}
	const mend = "make room, rongxin runs prune, or a larger disk"
	switch {
	case free < largest || free < leastFree/4:
		return unfit(mend, "%.1f GB free, the largest run has %.1f", gigabytes(free), gigabytes(largest))
	case free < spareRuns*largest || free < leastFree:
		return worrying(mend, "%.1f GB free, the largest run has %.1f; want room for %d", gigabytes(free), gigabytes(largest), spareRuns)
	}
	return fine("%.1f GB free, the largest run has %.1f", gigabytes(free), gigabytes(largest))
}

func gigabytes(n int64) float64 { return float64(n) / 1e9 }

// slack is how far clocks may be apart: signatures of requests are older sooner.
const slack = time.Minute

func (a *app) lookAtClock(context.Context) symptom {
	const mend = "set the clock by NTP"
	probe, err := os.CreateTemp(a.cfg.Home, store.Temporary("doctor-*"))
	if err != nil {
		return unfit("see home", "%v", err)
	}
	info, err := probe.Stat()
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return unfit("see home", "%v", err)
	}
	now := a.now()
	if apart := now.Sub(info.ModTime()).Abs(); apart > slack {
		return unfit(mend, "the clock of the disk is %s apart", apart.Round(time.Second))
	}
	batches, err := landing.List(a.cfg.Home)
	if err != nil {
		return unfit("rongxin doctor --full", "%v", err)
	}
	for _, b := range batches {
		if b.ReceivedAt.After(now.Add(slack)) {
			return worrying(mend+", or land with the right --received", "batch %s of %s was received on %s, which is to come", b.ID, b.Dataset, credit.DateOf(b.ReceivedAt))
		}
	}
	return fine("%s in China, as the disk has it; no batch is of a day to come", now.In(credit.ChinaTime).Format("2006-01-02 15:04"))
}

func (a *app) lookAtKeys(context.Context) symptom {
	states, missing, err := a.keyStates()
	switch {
	case err != nil:
		return unfit("rongxin keys check", "%v", err)
	case len(missing) > 0:
		return unfit("put them back from their own backup", "keys %s are missing, batches were written with them", strings.Join(missing, ", "))
	case len(states) == 0:
		return fine("none yet; the first landing that needs one makes it")
	}
	return fine("%d, none missing; back them up apart from the warehouse", len(states))
}

func (a *app) lookAtEngine(ctx context.Context) symptom {
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return unfit("look at memory and threads in the settings, and at spill/ in the home", "%v", err)
	}
	defer db.Close()
	version, err := db.Version(ctx)
	if err != nil {
		return unfit("install the program again", "%v", err)
	}
	return fine("%s", version)
}

func (a *app) lookAtRegister(ctx context.Context) symptom {
	entries, err := a.verifyJournal(ctx)
	switch {
	case errors.Is(err, errDiffers):
		return unfit("somebody altered the register: keep this file, restore a backup beside it, compare", "%v", err)
	case err != nil:
		return unfit("see ops_dsn_file in the settings, or ops.db in the home", "%v", err)
	}
	return fine("%d entries, the chain is whole", entries)
}

func (a *app) lookAtPublished(ctx context.Context) symptom {
	r, err := run.Open(a.cfg.Home, "")
	if errors.Is(err, run.ErrNoRun) {
		told, err2 := a.publications(ctx)
		if err2 != nil || len(told) > 0 {
			return unfit("rongxin run --as-of DATE publishes it again", "%v", errors.Join(err, err2))
		}
		return worrying("rongxin run --as-of DATE", "%v", err)
	}
	if err != nil {
		return unfit("rongxin run --as-of DATE makes it again", "%v", err)
	}
	_, mismatches, err := a.checkPublication(ctx, r)
	if err != nil {
		return unfit("see register", "%v", err)
	}
	for _, m := range mismatches {
		return unfit("rongxin verify "+r.ID+"; rongxin run --as-of "+r.Manifest.AsOf, "%s", m)
	}
	day, err := credit.ParseDate(r.Manifest.AsOf)
	if err != nil {
		return unfit("rongxin run --as-of DATE", "%v", err)
	}
	if old := int(credit.DateOf(a.now()) - day); old > 1 {
		return worrying("see why the nightly run did not come through", "%s speaks for %s, %d days ago", r.ID, day, old)
	}
	return fine("%s", r.ID)
}

// lookAtDigests reads the files of the published run, or of everything.
func (a *app) lookAtDigests(ctx context.Context, full bool) symptom {
	list, err := run.List(a.cfg.Home)
	if err != nil {
		return unfit("look at the disk", "%v", err)
	}
	current, _ := run.Current(a.cfg.Home)
	var faults []string
	runs, batches := 0, 0
	for _, s := range list {
		switch {
		case !full && (s.ID != current || s.Challenger):
		case s.Fault != nil:
			faults = append(faults, s.Fault.Error())
		default:
			runs++
			for _, m := range s.Run.CheckFiles() {
				faults = append(faults, s.ID+": "+m.String())
			}
		}
	}
	if full {
		known, err := landing.List(a.cfg.Home)
		if err != nil {
			faults = append(faults, err.Error())
		}
		for _, b := range known {
			if err := context.Cause(ctx); err != nil {
				return unfit("let it come to its end", "%v", err)
			}
			batches++
			dir := landing.Dir(a.cfg.Home, b.Dataset, b.ID)
			for name, want := range map[string]store.Digest{landing.RecordsName: b.Records, landing.RejectsName: b.Rejects} {
				if err := store.Check(filepath.Join(dir, name), want); err != nil {
					faults = append(faults, err.Error())
				}
			}
		}
	}
	if len(faults) > 0 {
		slices.Sort(faults)
		return unfit("restore the file from a backup; a run can be made again: rongxin run --as-of DATE", "%d files are not what was written: %s", len(faults), faults[0])
	}
	return fine("%d runs and %d batches read, every file as written", runs, batches)
}

func (a *app) lookAtUnfinished(context.Context) symptom {
	unfinished, err := run.Unfinished(a.cfg.Home)
	if err != nil {
		return unfit("look at the disk", "%v", err)
	}
	if len(unfinished) > 0 {
		return worrying("rongxin run of the same day goes on with it; that of another day sweeps it", "run %s is in the making, or was cut off", strings.Join(unfinished, ", "))
	}
	left := 0
	err = filepath.WalkDir(filepath.Join(a.cfg.Home, "landing"), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && store.IsTemporary(e.Name()) {
			left++
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return unfit("look at the disk", "%v", err)
	}
	if left > 0 {
		return worrying("the next landing of the dataset sweeps them", "%d landings are under way, or were cut off", left)
	}
	return fine("nothing")
}

func (a *app) lookAtLocks(ctx context.Context) symptom {
	release, err := run.Hold(a.cfg.Home)
	if errors.Is(err, run.ErrBusy) {
		return worrying("wait for it", "a run is being built")
	}
	if err != nil {
		return unfit("see home", "%v", err)
	}
	if err := release(); err != nil {
		return unfit("see home", "%v", err)
	}
	s, err := a.ops(ctx)
	if err != nil {
		return unfit("see register", "%v", err)
	}
	defer s.Close()
	free, err := s.Lock(houseLock)
	if errors.Is(err, ops.ErrLocked) {
		return worrying("wait for it", "a backup or a pruning is at work")
	}
	if err == nil {
		err = free()
	}
	if err != nil {
		return unfit("see register", "%v", err)
	}
	return fine("nobody is at work")
}

// overdue is how long a batch may wait for its receiver: results are to be there
// within one working day (item 24 of the work plan).
const overdue = 24 * time.Hour

func (a *app) lookAtOutbox(ctx context.Context) symptom {
	s, err := a.ops(ctx)
	if err != nil {
		return unfit("see register", "%v", err)
	}
	defer s.Close()
	counts, err := s.BatchCounts(ctx, "")
	if err != nil {
		return unfit("see register", "%v", err)
	}
	waiting, failed := []string{}, []string{}
	for _, c := range counts {
		switch c.Status {
		case ops.Pending, ops.Sent, ops.HandedOver:
			text := fmt.Sprintf("%d of %s at %s", c.Batches, c.Table, c.Receiver)
			if a.now().Sub(c.Oldest) > overdue {
				failed = append(failed, text)
			} else {
				waiting = append(waiting, text)
			}
		}
	}
	switch {
	case len(failed) > 0:
		return unfit("rongxin publish; rongxin publish show", "batches wait for more than a day: %s", strings.Join(failed, "; "))
	case len(waiting) > 0:
		return worrying("rongxin publish", "batches wait: %s", strings.Join(waiting, "; "))
	}
	return fine("nothing waits for a receiver")
}
