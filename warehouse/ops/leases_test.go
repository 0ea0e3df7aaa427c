package ops_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

const ttl = time.Minute

func lease(t *testing.T, s *ops.Store, owner string, now time.Time) *ops.Lease {
	t.Helper()
	l, err := s.Lease(t.Context(), "city", owner, now, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALeaseIsOfOne(t *testing.T) { opstest.Each(t, aLeaseIsOfOne) }

func aLeaseIsOfOne(t *testing.T, place string) {
	s, ctx := opstest.Open(t, place), t.Context()
	first := lease(t, s, "first", noon)
	if first.Epoch != noon.Unix() {
		t.Errorf("the first epoch is %d, want the clock's %d", first.Epoch, noon.Unix())
	}
	_, err := s.Lease(ctx, "city", "second", noon.Add(ttl-1), ttl)
	if !errors.Is(err, ops.ErrLocked) || !strings.Contains(err.Error(), "first holds it until 2026-04-01T12:01:00Z") {
		t.Errorf("a second lease: %v", err)
	}
	if other, err := s.Lease(ctx, "province", "second", noon, ttl); err != nil {
		t.Error("another receiver:", err)
	} else if err := s.Release(ctx, other); err != nil {
		t.Error(err)
	}
	if err := s.Renew(ctx, first, noon.Add(ttl)); err != nil {
		t.Error(err)
	}
	if _, err := s.Lease(ctx, "city", "second", noon.Add(2*ttl-1), ttl); !errors.Is(err, ops.ErrLocked) {
		t.Errorf("after it was renewed: %v", err)
	}
	if err := s.Release(ctx, first); err != nil {
		t.Error(err)
	}
	second := lease(t, s, "second", noon)
	if second.Epoch != first.Epoch+1 {
		t.Errorf("epoch %d follows %d", second.Epoch, first.Epoch)
	}
	if err := s.Release(ctx, second); err != nil {
		t.Error(err)
	}
}

// Who stood still past the lease is replaced, and then can do nothing; who took
// over without the lock of the one that stands still is not taken for ended when
// that one gives its lock back.
func TestAStaleLeaseIsFenced(t *testing.T) { opstest.Each(t, aStaleLeaseIsFenced) }

func aStaleLeaseIsFenced(t *testing.T, place string) {
	s, ctx := opstest.Open(t, place), t.Context()
	stale := lease(t, s, "stale", noon)
	now := noon.Add(ttl)
	second := lease(t, s, "second", now)
	if second.Epoch <= stale.Epoch {
		t.Errorf("epoch %d follows %d", second.Epoch, stale.Epoch)
	}
	if err := s.Renew(ctx, stale, now); !errors.Is(err, ops.ErrFenced) {
		t.Errorf("the stale one renews: %v", err)
	}
	if err := s.Release(ctx, stale); err != nil {
		t.Error(err)
	}
	if _, err := s.Lease(ctx, "city", "third", now, ttl); !errors.Is(err, ops.ErrLocked) || !strings.Contains(err.Error(), "second holds it") {
		t.Errorf("a third beside the second: %v", err)
	}
	if err := s.Renew(ctx, second, now); err != nil {
		t.Error(err)
	}
	lease(t, s, "third", now.Add(ttl))
	if err := s.Renew(ctx, second, now); !errors.Is(err, ops.ErrFenced) {
		t.Errorf("the second renews: %v", err)
	}
}

// A lease of a process that has ended does not keep others waiting.
func TestALeaseEndsWithItsProcess(t *testing.T) { opstest.Each(t, aLeaseEndsWithItsProcess) }

func aLeaseEndsWithItsProcess(t *testing.T, place string) {
	s := opstest.Open(t, place)
	first := child(t, place, "lease")
	if err := first.Run(); err != nil {
		t.Fatal(err)
	}
	l := lease(t, s, "second", noon)
	if l.Epoch != noon.Unix()+1 {
		t.Errorf("epoch %d, want that after the process's", l.Epoch)
	}
}

// leaseAndEnd takes a lease and ends without giving it back.
func leaseAndEnd(place string, _ []string) error {
	s, err := ops.Open(context.Background(), place)
	if err != nil {
		return err
	}
	_, err = s.Lease(context.Background(), "city", "first", noon, ttl)
	return err
}
