package sandbox

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Faults says how often the platform fails, and how. Shares are of all
// requests, 0 to 1; a request meets at most one fault, so they add up to at
// most 1. The same seed and the same order of requests fail the same way.
type Faults struct {
	Refuse             float64 // 503, nothing taken
	TimeoutAfterTaking float64 // taken, but never answered
	Cut                float64 // connection cut: before taking, or in the middle of the answer
	Garbage            float64 // 200 with a page of HTML: before taking or after
	Slow               float64 // answered after Delay
	Twice              float64 // the request arrives twice, as behind a gateway that repeats

	Down  int           // so many requests from now on get 503
	Delay time.Duration // of Slow; 200 ms when zero
	Seed  uint64
}

// share is one of the shares with its name.
type share struct {
	name  string
	value *float64
}

func (f *Faults) shares() []share {
	return []share{
		{"refuse", &f.Refuse}, {"timeout_after_taking", &f.TimeoutAfterTaking}, {"cut", &f.Cut},
		{"garbage", &f.Garbage}, {"slow", &f.Slow}, {"twice", &f.Twice},
	}
}

// ParseFaults reads a list such as
//
//	refuse=10%, timeout_after_taking=5%, cut=5%, garbage=5%, slow=10%, twice=5%, down=3, delay=50ms, seed=7
//
// Each name occurs at most once; what is not named does not happen. The error
// tells all that is wrong.
func ParseFaults(text string) (Faults, error) {
	var f Faults
	var faults []error
	seen := map[string]bool{}
	for _, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if seen[name] {
			faults = append(faults, fmt.Errorf("%s: named twice", name))
		}
		seen[name] = true
		if err := f.set(name, value); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) == 0 {
		faults = append(faults, f.check())
	}
	if err := errors.Join(faults...); err != nil {
		return Faults{}, fmt.Errorf("faults: %w", err)
	}
	return f, nil
}

func (f *Faults) set(name, value string) (err error) {
	switch name {
	case "down":
		if f.Down, err = strconv.Atoi(value); err != nil || f.Down < 0 {
			return fmt.Errorf("down: %q: want a number of requests", value)
		}
		return nil
	case "delay":
		if f.Delay, err = time.ParseDuration(value); err != nil || f.Delay < 0 {
			return fmt.Errorf("delay: %q: want a duration such as 50ms", value)
		}
		return nil
	case "seed":
		if f.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("seed: %q: want a whole number", value)
		}
		return nil
	}
	var names []string
	for _, s := range f.shares() {
		if s.name == name {
			*s.value, err = parseShare(value)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		names = append(names, s.name)
	}
	return fmt.Errorf("%q: not a fault; there are %s, down, delay, seed", name, strings.Join(names, ", "))
}

func parseShare(value string) (float64, error) {
	number, percent := strings.CutSuffix(value, "%")
	n, err := strconv.ParseFloat(number, 64)
	if !percent || err != nil || !(n >= 0 && n <= 100) {
		return 0, fmt.Errorf("%q: want a share such as 10%%", value)
	}
	return n / 100, nil
}

// check refuses shares that cannot be.
func (f Faults) check() error {
	sum := 0.0
	for _, s := range f.shares() {
		if !(*s.value >= 0 && *s.value <= 1) {
			return fmt.Errorf("%s: %v: want a share from 0 to 1", s.name, *s.value)
		}
		sum += *s.value
	}
	if sum > 1+1e-9 {
		return fmt.Errorf("the shares add up to %.4g%%, more than 100%%", 100*sum)
	}
	if f.Down < 0 || f.Delay < 0 {
		return errors.New("down and delay cannot be negative")
	}
	return nil
}

// String writes f in the words of [ParseFaults].
func (f Faults) String() string {
	var items []string
	for _, s := range f.shares() {
		if *s.value > 0 {
			percent := strconv.FormatFloat(math.Round(*s.value*1e10)/1e8, 'f', -1, 64)
			items = append(items, s.name+"="+percent+"%")
		}
	}
	if f.Down > 0 {
		items = append(items, fmt.Sprintf("down=%d", f.Down))
	}
	if f.Delay > 0 {
		items = append(items, fmt.Sprintf("delay=%s", f.Delay))
	}
	if f.Seed > 0 {
		items = append(items, fmt.Sprintf("seed=%d", f.Seed))
	}
	return strings.Join(items, ",")
}
