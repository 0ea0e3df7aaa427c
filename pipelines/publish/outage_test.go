package publish_test

import (
	"errors"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
)

// The receiver is down for three days, during which the run changes twice. A
// scheduler calls every half hour. The receiver is asked no more often than the
// schedule says, and has everything within one longest wait of its return.
func TestAnOutageOfThreeDaysIsCaughtUp(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	const every, outage = 30 * time.Minute, 72 * time.Hour
	runs := []city{newCity(200), newCity(220), newCity(150)}
	for n := range 40 {
		runs[1][n]++
		runs[2][n+20] = 1
	}
	publisher := p.publisher(func(c *publish.Config) { c.Lanes = 8 })
	p.faults("down=1000000")
	calls, asked := 0, 0
	for p.clock.now().Before(noon.Add(outage)) {
		day := int(p.clock.now().Sub(noon) / (24 * time.Hour))
		sum, err := publisher.Publish(t.Context(), april, runs[day].source)
		if !errors.Is(err, publish.ErrTemporary) {
			t.Fatalf("%+v %v, want ErrTemporary", sum, err)
		}
		calls, asked = calls+1, asked+sum.Attempts
		p.clock.set(p.clock.now().Add(every))
	}
	if asked > 2*calls {
		t.Errorf("asked %d times in %d calls", asked, calls)
	}
	p.faults("")
	back := p.clock.now()
	for {
		_, err := publisher.Publish(t.Context(), april, runs[2].source)
		if err == nil {
			break
		}
		if !errors.Is(err, publish.ErrTemporary) || p.clock.now().Sub(back) > time.Hour {
			t.Fatalf("%v after %v", err, p.clock.now().Sub(back))
		}
		p.clock.set(p.clock.now().Add(every))
	}
	t.Logf("%d calls, %d handings-over during the outage; caught up %v after it", calls, asked, p.clock.now().Sub(back))
	p.holds(runs[2])
}

// A receiver that names the time it will be back is not asked before by any lane.
func TestAllLanesKeepAwayUntilTheTimeNamed(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	p.faults("down=1,retry_after=20s")
	publisher := p.publisher(func(c *publish.Config) { c.Lanes = 1 })
	if sum, err := publisher.Publish(t.Context(), april, newCity(30).source); err != nil || sum.Attempts != 4 {
		t.Fatalf("%+v %v, want one handing-over in vain", sum, err)
	}
	if waited := p.clock.now().Sub(noon); waited != 20*time.Second {
		t.Errorf("waited %v, want 20s", waited)
	}
	p.holds(newCity(30))
}

func TestNotMoreASecondThanAgreed(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	publisher := p.publisher(func(c *publish.Config) { c.Rate = 4 })
	if sum, err := publisher.Publish(t.Context(), april, newCity(90).source); err != nil || sum.Attempts != 9 {
		t.Fatalf("%+v %v", sum, err)
	}
	if took := p.clock.now().Sub(noon); took != 2*time.Second {
		t.Errorf("9 batches took %v, want 2s", took)
	}
}
