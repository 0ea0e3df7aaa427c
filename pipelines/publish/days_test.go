package publish_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/warehouse/ops/opstest"
)

// A platform that is down for three days, while a scheduler publishes every hour
// and each day brings another run, is asked little and then brought up to date: in
// order, with nothing lost and nothing twice.
func TestAnOutageOf72HoursIsCaughtUp(t *testing.T) {
	opstest.Each(t, func(t *testing.T, place string) {
		var p *platform
		p = newPlatform(t, sandbox.Config{Now: func() time.Time { return p.clock.now() }})
		p.store = opstest.Open(t, place)
		c, run := newCity(300), april
		p.publish(c)
		p.faults("down=72h")
		requests := 0
		for hour := range 72 {
			if hour%24 == 0 {
				run = c.nextDay(hour/24 + 1)
			}
			sum, err := p.publisher(nil).Publish(t.Context(), run, c.source)
			if !errors.Is(err, publish.ErrTemporary) {
				t.Fatalf("hour %d: %v", hour, err)
			}
			requests += sum.Attempts
			p.clock.sleep(t.Context(), time.Hour)
		}
		if requests == 0 || requests > 72*8 {
			t.Errorf("%d requests in 72 hours", requests)
		}
		for range 3 { // what is in flight is finished first, then the newest run is sent
			if _, err := p.publisher(nil).Publish(t.Context(), run, c.source); err != nil && !errors.Is(err, publish.ErrTemporary) {
				t.Fatal(err)
			}
			p.clock.sleep(t.Context(), time.Hour)
		}
		p.holds(c)
		p.audit().clean(t)
	})
}

// nextDay changes the city, one record of it each day again, and returns the run.
func (c city) nextDay(day int) publish.RunInfo {
	for _, n := range []int{day, 10} {
		c[n] = c[n]%4 + 1
	}
	delete(c, 20+day)
	c[300+day] = 1
	return publish.RunInfo{ID: fmt.Sprint("run of day ", day), AsOf: april.AsOf.AddDate(0, 0, day)}
}

// clean fails the test if the platform refused anything or had an effect twice or
// out of order.
func (a audit) clean(t *testing.T) {
	t.Helper()
	if a.Refused+a.RefusedBatches+a.Echoes+a.Duplicates+a.OutOfOrder != 0 {
		t.Errorf("the platform saw %+v", a)
	}
}

// A platform that does not look into its folder for three days finds each batch
// once, however often it was handed over, and is brought up to date.
func TestFilesThatNobodyTookFor72HoursAreCaughtUp(t *testing.T) {
	opstest.Each(t, func(t *testing.T, place string) {
		dir, clock := t.TempDir(), &clock{at: noon}
		stand, err := sandbox.OpenDrop(sandbox.Config{Dir: dir, Name: "city", Now: clock.now},
			sandbox.DropConfig{Out: filepath.Join(dir, "out"), Return: filepath.Join(dir, "return")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stand.Close() })
		keys, err := signing.Open(signing.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		transport, err := drop.Open(drop.Settings{Out: filepath.Join(dir, "out"), Return: filepath.Join(dir, "return")}, "city", keys, clock.now,
			slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		publisher, err := publish.New(publish.Config{Store: opstest.Open(t, place), Receiver: "city", Transport: transport, Tables: []string{results},
			Lanes: 2, BatchSize: 10, Now: clock.now, Sleep: clock.sleep})
		if err != nil {
			t.Fatal(err)
		}
		c, run := newCity(300), april
		deliver := func() publish.Summary {
			t.Helper()
			sum, err := publisher.Publish(t.Context(), run, c.source)
			if err != nil {
				t.Fatal(err)
			}
			clock.sleep(t.Context(), time.Hour)
			return sum
		}
		waited := 0
		for hour := range 72 {
			if hour%24 == 0 {
				run = c.nextDay(hour/24 + 1)
			}
			waited += deliver().Waiting
		}
		if waited == 0 {
			t.Error("nothing waited for an answer")
		}
		for range 4 {
			for n := 1; n > 0; {
				if n, err = stand.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			deliver()
		}
		report, err := publisher.Reconcile(t.Context(), run, c.source)
		if err != nil || !report.Equal || report.Open > 0 {
			t.Errorf("%+v, %v", report, err)
		}
		auditOf(t, serve(t, stand)).clean(t)
	})
}
