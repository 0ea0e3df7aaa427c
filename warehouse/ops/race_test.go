package ops_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// races are held on each system.
const races = 250

// Two publishers race for the one batch of each of many receivers. Of every second
// pair each stands still with its lease until the other has had the time to take
// over. A batch is begun under one epoch only, or, where a sender was replaced,
// under ascending ones; and it is answered once, under the last.
func TestTwoPublishersNeverBothSend(t *testing.T) { opstest.Each(t, twoPublishersNeverBothSend) }

func twoPublishersNeverBothSend(t *testing.T, place string) {
	t.Parallel()
	s, ctx := opstest.Open(t, place), t.Context()
	for i := range races {
		l, err := s.Lease(ctx, racer(i), "planner", noon, ttl)
		if err != nil {
			t.Fatal(err)
		}
		b := ops.Batch{Key: racer(i), Table: "t", Run: "r1", Number: "2026040100001", FirstKey: "a", LastKey: "a", Rows: 1,
			Digest: "d", Body: []byte("body"), Subjects: "s"}
		if err := errors.Join(s.AddDrafts(ctx, l, noon, b), s.SealDrafts(ctx, l, nil), s.Release(ctx, l)); err != nil {
			t.Fatal(err)
		}
	}
	var children []*exec.Cmd
	for _, name := range []string{"one", "two"} {
		c := child(t, place, "race", name)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, c)
	}
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	replaced := 0
	for i := range races {
		attempts, err := s.Attempts(ctx, racer(i))
		if err != nil {
			t.Fatal(err)
		}
		accepted := 0
		for n, a := range attempts {
			if n > 0 && a.Epoch <= attempts[n-1].Epoch {
				t.Errorf("race %d: epoch %d was begun after %d", i, a.Epoch, attempts[n-1].Epoch)
			}
			if a.Outcome == "accepted" {
				accepted++
			}
		}
		if accepted != 1 || attempts[len(attempts)-1].Outcome != "accepted" {
			t.Errorf("race %d: %d answers, want one, to the last of %+v", i, accepted, attempts)
		}
		if !standsStill(i) && len(attempts) != 1 {
			t.Errorf("race %d: sent %d times, and nobody was replaced", i, len(attempts))
		}
		if len(attempts) > 1 {
			replaced++
		}
	}
	if replaced == 0 {
		t.Error("nobody was replaced with a batch under way")
	}
}

func racer(i int) string { return "r" + strconv.Itoa(i) }

func standsStill(i int) bool { return i%2 == 1 }

// raceAsChild delivers the batch of one receiver after the other, or leaves it to
// the other racer.
func raceAsChild(place string, args []string) error {
	ctx := context.Background()
	s, err := ops.Open(ctx, place)
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range races {
		for done := false; !done; {
			if done, err = raceFor(ctx, s, i, args[0]); err != nil && !errors.Is(err, ops.ErrFenced) && !errors.Is(err, ops.ErrLocked) {
				return fmt.Errorf("race %d: %w", i, err)
			}
		}
	}
	return nil
}

// raceFor tells whether nothing is left to be sent.
func raceFor(ctx context.Context, s *ops.Store, i int, name string) (done bool, err error) {
	holds, still := ttl, time.Duration(0)
	if standsStill(i) {
		holds, still = 2*time.Millisecond, time.Duration(i%8)*time.Millisecond
	}
	b, ok, err := s.NextOpen(ctx, racer(i), 0, time.Now())
	if err != nil || !ok {
		return true, err
	}
	l, err := s.Lease(ctx, racer(i), name, time.Now(), holds)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Release(ctx, l)) }()
	if b, ok, err = s.NextOpen(ctx, racer(i), 0, time.Now()); err != nil || !ok {
		return true, err
	}
	if i%4 == 1 {
		time.Sleep(still)
	}
	id, err := s.BeginAttempt(ctx, l, b.Key, time.Now())
	if err != nil {
		return false, err
	}
	time.Sleep(still) // it is on its way
	return true, s.Accept(ctx, l, ops.Attempt{ID: id, Batch: b.Key, Outcome: "accepted"},
		ops.Receipt{ID: "R", Level: ops.Processed, At: time.Now(), Content: []byte("ok")},
		[]ops.Outcome{{Key: "a", Subject: "s", Operation: ops.Insert, Digest: "d"}})
}
