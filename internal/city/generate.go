package city

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// batchSize enterprises pass from one stage to the next at a time.
const batchSize = 256

// Generate makes a city and returns what it wrote. The files appear in cfg.Dir
// all at once, after the last is finished; on an error nothing is left behind.
func Generate(ctx context.Context, cfg Config) (Summary, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return Summary{}, err
	}
	if err := mustBeVacant(cfg.Dir); err != nil {
		return Summary{}, err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(cfg.Dir)), 0o755); err != nil {
		return Summary{}, fmt.Errorf("city: %w", err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(cfg.Dir)), ".city-*")
	if err != nil {
		return Summary{}, fmt.Errorf("city: %w", err)
	}
	defer os.RemoveAll(temp)
	summary, err := generate(ctx, cfg, temp)
	if err != nil {
		return Summary{}, fmt.Errorf("city: %w", err)
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return Summary{}, fmt.Errorf("city: %w", err)
	}
	// Renaming onto an empty directory replaces it where the system allows.
	if err := os.Remove(cfg.Dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Summary{}, fmt.Errorf("city: %w", err)
	}
	if err := os.Rename(temp, cfg.Dir); err != nil {
		return Summary{}, fmt.Errorf("city: %w", err)
	}
	return summary, nil
}

func mustBeVacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("city: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("city: %s is not empty", dir)
	}
	return nil
}

func generate(ctx context.Context, cfg Config, dir string) (Summary, error) {
	w := newWorld(cfg)
	truth, err := newTruth(filepath.Join(dir, "truth"))
	if err != nil {
		return Summary{}, err
	}
	k := &desk{
		w: w, inbox: filepath.Join(dir, "inbox"), x: newExtracts(w),
		registry: newRegistry(), in: newInjector(w, cfg.Rates), truth: truth,
	}
	s := Summary{
		Enterprises: cfg.Enterprises, Seed: cfg.Seed, AsOf: cfg.AsOf.String(),
		Rows: map[string]int{}, Defects: k.in.count, Rates: cfg.Rates,
	}
	// Closing comes after an error as well, to release the files.
	err = errors.Join(k.sendLibraries(), pipe(ctx, cfg, w, k), k.close(&s))
	if err != nil {
		return Summary{}, err
	}
	return s, s.save(filepath.Join(dir, "truth"))
}

// pipe runs the two stages: enterprises are made in one goroutine and written
// in another, in order.
func pipe(ctx context.Context, cfg Config, w *world, k *desk) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []*enterprise, 4)
	group.Go(func() error {
		defer close(batches)
		for first := 0; first < cfg.Enterprises; first += batchSize {
			batch, err := w.batch(first, min(first+batchSize, cfg.Enterprises))
			if err != nil {
				return err
			}
			select {
			case batches <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	group.Go(func() error {
		done := 0
		for batch := range batches {
			for _, e := range batch {
				if err := k.file(e); err != nil {
					return err
				}
			}
			if done += len(batch); cfg.Progress != nil {
				cfg.Progress(done, cfg.Enterprises)
			}
		}
		return nil
	})
	return group.Wait()
}

func (w *world) batch(first, end int) ([]*enterprise, error) {
	batch := make([]*enterprise, 0, end-first)
	for i := first; i < end; i++ {
		e := w.enterprise(i)
		if err := w.live(e); err != nil {
			return nil, fmt.Errorf("enterprise %d: %w", i, err)
		}
		batch = append(batch, e)
	}
	return batch, nil
}
