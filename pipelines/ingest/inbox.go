package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"rongxin/pipelines/contract"
)

// An Inbox is a folder into which departments drop files, as
// <department>/<dataset>/… or <day>/<department>/<dataset>/….
type Inbox struct {
	Dir        string
	Only       []string  // departments or datasets; what lies elsewhere is left there. None: all
	ReceivedAt time.Time // of what lies in no folder named after a day
	// Settle is how long a file must have stayed as it is before it is taken.
	// Now and Sleep tell and pass the time; they are asked only when it is not 0.
	Settle time.Duration
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
}

// Where files go when they are done with.
const (
	doneDir    = "done"
	refusedDir = "refused"
	lockName   = ".lock"
)

// ErrInboxBusy is returned when another process is taking files from the inbox.
var ErrInboxBusy = errors.New("another process is taking files from this inbox")

// lanes are so many datasets landed at once; the files of one keep their order.
const lanes = 2

// A Delivery is what became of one file of an inbox.
type Delivery struct {
	Path    string // of the file, in the inbox
	Dataset string // by its folders
	Result  Result
	Err     error  // nil, a refusal, or something worth a retry
	MovedTo string // its new path; empty when it was left where it is
	Receipt string // path of the receipt beside it
}

// LandInbox lands every file of an inbox and moves it to done/ or refused/,
// under the path it had, with a receipt beside it. What is still being written
// (see [Inbox.Settle] and [isUnfinished]), and what failed for a reason of this
// machine's, is left for the next time. The files of a dataset land day by day
// and in the order of names, so that a department can number what it sends.
//
// A process that is killed leaves each file in the inbox or moved, and the same
// bytes land once, so the next call ends what it began. The error is of the
// inbox itself, never of a file.
func (l *Lander) LandInbox(ctx context.Context, in Inbox) ([]Delivery, error) {
	lock := flock.New(filepath.Join(in.Dir, lockName))
	if locked, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !locked {
		return nil, fmt.Errorf("%s: %w", in.Dir, ErrInboxBusy)
	}
	defer lock.Unlock()
	files, err := in.settled(ctx)
	if err != nil {
		return nil, err
	}
	deliveries := make([]Delivery, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lanes)
	for first := 0; first < len(files); {
		last := first + 1
		for last < len(files) && files[last].dataset == files[first].dataset {
			last++
		}
		from, to := first, last
		group.Go(func() error {
			for i := from; i < to; i++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				deliveries[i] = l.landDropped(ctx, in, files[i])
			}
			return nil
		})
		first = last
	}
	err = group.Wait()
	return slices.DeleteFunc(deliveries, func(d Delivery) bool { return d.Path == "" }), err
}

// landDropped lands one file and puts it away.
func (l *Lander) landDropped(ctx context.Context, in Inbox, f dropped) Delivery {
	d := Delivery{Path: filepath.Join(in.Dir, f.rel), Dataset: f.dataset}
	refuse := func(code RefusalCode, detail, problem string) {
		d.Err = Refuse(code, f.dataset, filepath.Base(f.rel), Place{}, detail, problem)
	}
	if code := f.misplaced(); code != "" {
		refuse(code, "", code.explain().English)
	} else {
		d.Result, d.Err = l.Land(ctx, Request{Dataset: f.dataset, File: d.Path, ReceivedAt: f.receivedAt})
		if errors.Is(d.Err, contract.ErrUnknownDataset) {
			refuse(DatasetUnknown, l.nearDatasets(f.dataset), d.Err.Error())
		}
	}
	if refusal := new(Refusal); d.Err != nil && !errors.As(d.Err, &refusal) {
		return d // another try may succeed
	}
	if err := l.putAway(in, f, &d); err != nil {
		d.Err = errors.Join(d.Err, fmt.Errorf("%s: put it away: %w", f.rel, err))
	}
	return d
}

// nearDatasets tells a sender which folders may be meant.
func (l *Lander) nearDatasets(dataset string) string {
	var known []string
	for _, c := range l.cfg.Catalog.All() {
		known = append(known, c.Dataset)
	}
	near := contract.Nearest(dataset, known)
	if len(near) == 0 {
		return "没有 " + dataset
	}
	return fmt.Sprintf("没有 %s，是否为 %s？", dataset, strings.Join(near, " 或 "))
}

// settled returns the files that look the same now and Settle later, those
// that have been so for that long at once.
func (in Inbox) settled(ctx context.Context) ([]dropped, error) {
	files, err := in.scan()
	if err != nil || in.Settle <= 0 {
		return files, err
	}
	now := in.Now()
	isYoung := func(f dropped) bool { return now.Sub(f.info.ModTime()) < in.Settle }
	if !slices.ContainsFunc(files, isYoung) {
		return files, nil
	}
	if err := in.Sleep(ctx, in.Settle); err != nil {
		return nil, err
	}
	again, err := in.scan()
	return slices.DeleteFunc(files, func(f dropped) bool {
		return isYoung(f) && !slices.ContainsFunc(again, func(g dropped) bool { return g.rel == f.rel && isSame(f.info, g.info) })
	}), err
}

// scan lists what lies in the inbox by dataset, then by day and name.
func (in Inbox) scan() ([]dropped, error) {
	var files []dropped
	err := filepath.WalkDir(in.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) && path != in.Dir {
				return nil // taken away while we looked
			}
			return err
		}
		rel, err := filepath.Rel(in.Dir, path)
		if err != nil || rel == "." {
			return err
		}
		if isUnfinished(e.Name()) || rel == doneDir || rel == refusedDir {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.IsDir() {
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if f := newDropped(rel, info, in.ReceivedAt); in.wants(f.dataset) {
			files = append(files, f)
		}
		return err
	})
	slices.SortFunc(files, compareDropped)
	return files, err
}

// wants reports whether a dataset is one of those to be taken.
func (in Inbox) wants(dataset string) bool {
	department, _, _ := strings.Cut(dataset, "/")
	return len(in.Only) == 0 || slices.Contains(in.Only, dataset) || department != "" && slices.Contains(in.Only, department)
}
