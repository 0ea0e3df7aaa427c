package ops

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// group lets changes that come at the same time share one transaction, and so
// one wait for the disk: lanes side by side are then no slower than the disk is
// for one of them. Each change has its effect or not by itself. There is no
// goroutine behind it: of those who wait, one does the work of all.
type group struct {
	mu      sync.Mutex
	waiting []*sharedChange
	busy    bool
}

type sharedChange struct {
	do   func(context.Context, *sql.Tx) error
	done chan error
	lead chan struct{} // told to do the work of all who wait by now
}

// change runs do in a transaction, committed when it returns nil. Once begun it
// is not given up for the caller's context, which the others have no part in.
func (g *group) change(ctx context.Context, s *Store, do func(context.Context, *sql.Tx) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	own := &sharedChange{do, make(chan error, 1), make(chan struct{}, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, own)
	if !g.busy {
		g.busy = true
		own.lead <- struct{}{}
	}
	g.mu.Unlock()
	select {
	case err := <-own.done:
		return err
	case <-own.lead:
	}
	g.mu.Lock()
	all := g.waiting
	g.waiting = nil
	g.mu.Unlock()
	shared(context.WithoutCancel(ctx), s, all)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy = len(g.waiting) > 0; g.busy {
		g.waiting[0].lead <- struct{}{}
	}
	return <-own.done
}

// shared runs the changes in one transaction and tells each how it ended.
func shared(ctx context.Context, s *Store, all []*sharedChange) {
	results := make([]error, len(all))
	err := s.change(ctx, func(tx *sql.Tx) error {
		for i, c := range all {
			if results[i] = apart(ctx, tx, c.do, len(all) > 1); errors.Is(results[i], errTransaction) {
				return results[i]
			}
		}
		if len(all) == 1 {
			return results[0]
		}
		return nil
	})
	for i, c := range all {
		if results[i] == nil {
			results[i] = err
		}
		c.done <- results[i]
	}
}

// errTransaction says that the transaction as a whole is at an end.
var errTransaction = errors.New("the transaction cannot go on")

// apart runs do so that it leaves nothing behind when it fails.
func apart(ctx context.Context, tx *sql.Tx, do func(context.Context, *sql.Tx) error, others bool) error {
	if !others {
		return do(ctx, tx)
	}
	if _, err := tx.ExecContext(ctx, `savepoint apart`); err != nil {
		return errors.Join(errTransaction, err)
	}
	failed := do(ctx, tx)
	if failed != nil {
		if _, err := tx.ExecContext(ctx, `rollback to savepoint apart`); err != nil {
			return errors.Join(errTransaction, failed, err)
		}
	}
	if _, err := tx.ExecContext(ctx, `release savepoint apart`); err != nil {
		return errors.Join(errTransaction, failed, err)
	}
	return failed
}
