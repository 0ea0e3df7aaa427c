package sandbox

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Faults says how often the platform fails, and how. Shares are of the batches
// handed over and the questions asked, 0 to 1; a request meets at most one
// fault, so they add up to at most 1. What a request meets follows from the
// seed, from what is handed over or asked, and from how often that was done
// before, not from the order in which requests come.
type Faults struct {
	Refuse             float64 // told to come later, nothing taken
	TimeoutAfterTaking float64 // taken, but not answered
	Cut                float64 // cut off: before taking, or in the middle of the answer
	Garbage            float64 // answered with a page of HTML: before taking or after
	Slow               float64 // answered after Wait
	Twice              float64 // arrives or is answered twice, as behind a gateway that repeats
	LoseReceipt        float64 // taken, and the receipt is not to be had before the batch comes again

	RejectLater float64 // of the records accepted: refused in processing
	Poison      string  // a regular expression: a batch with such a cd_id is refused as a whole

	Ask *Faults // other shares for questions, the first seven; nil: the same

	Down       int           // so many requests from now on find nobody
	Outage     time.Duration // nobody is there for so long
	Delay      time.Duration // of Slow; 200 ms when zero
	RetryAfter time.Duration // told to those who are to come later; not told when zero
	Seed       uint64
}

// share is one of the shares with its name.
type share struct {
	name  string
	value *float64
}

func (f *Faults) shares() []share {
	return []share{
		{"refuse", &f.Refuse}, {"timeout_after_taking", &f.TimeoutAfterTaking}, {"cut", &f.Cut},
		{"garbage", &f.Garbage}, {"slow", &f.Slow}, {"twice", &f.Twice}, {"lose_receipt", &f.LoseReceipt},
	}
}

// named returns the share of that name, nil if there is none.
func (f *Faults) named(name string) *float64 {
	if name == "reject_later" {
		return &f.RejectLater
	}
	for _, s := range f.shares() {
		if s.name == name {
			return s.value
		}
	}
	return nil
}

// ParseFaults reads a list such as
//
//	refuse=10%, timeout_after_taking=5%, cut=5%, garbage=5%, slow=10%, twice=5%, lose_receipt=1%,
//	reject_later=0.1%, poison=^91350102, ask.refuse=50%, down=3, delay=50ms, retry_after=2s, seed=7
//
// down takes a number of requests or a time such as 2h. Each name occurs at most once; what is not named does not happen. The error
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
		if f.Down, err = strconv.Atoi(value); err == nil && f.Down >= 0 {
			return nil
		}
		f.Down = 0
		if f.Outage, err = time.ParseDuration(value); err != nil || f.Outage < 0 {
			return fmt.Errorf("down: %q: want a number of requests or a time such as 2h", value)
		}
		return nil
	case "delay":
		return setTime(&f.Delay, name, value)
	case "retry_after":
		return setTime(&f.RetryAfter, name, value)
	case "seed":
		if f.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("seed: %q: want a whole number", value)
		}
		return nil
	case "poison":
		f.Poison = value
		return nil
	}
	from := f
	if asked, ok := strings.CutPrefix(name, "ask."); ok && asked != "reject_later" {
		if f.Ask == nil {
			f.Ask = &Faults{}
		}
		from, name = f.Ask, asked
	}
	share := from.named(name)
	if share == nil {
		var names []string
		for _, s := range f.shares() {
			names = append(names, s.name)
		}
		return fmt.Errorf("%q: not a fault; there are %s, each also after ask., and reject_later, poison, down, delay, retry_after, seed",
			name, strings.Join(names, ", "))
	}
	if *share, err = parseShare(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func setTime(into *time.Duration, name, value string) (err error) {
	if *into, err = time.ParseDuration(value); err != nil || *into < 0 {
		return fmt.Errorf("%s: %q: want a duration such as 50ms", name, value)
	}
	return nil
}

func parseShare(value string) (float64, error) {
	number, percent := strings.CutSuffix(value, "%")
	n, err := strconv.ParseFloat(number, 64)
	if !percent || err != nil || !(n >= 0 && n <= 100) {
		return 0, fmt.Errorf("%q: want a share such as 10%%", value)
	}
	return n / 100, nil
}

// check refuses what cannot be.
func (f Faults) check() error {
	sum := 0.0
	for _, s := range append(f.shares(), share{"reject_later", &f.RejectLater}) {
		if !(*s.value >= 0 && *s.value <= 1) {
			return fmt.Errorf("%s: %v: want a share from 0 to 1", s.name, *s.value)
		}
		sum += *s.value
	}
	if sum -= f.RejectLater; sum > 1+1e-9 {
		return fmt.Errorf("the shares add up to %.4g%%, more than 100%%", 100*sum)
	}
	if f.Down < 0 || f.Outage < 0 || f.Delay < 0 || f.RetryAfter < 0 {
		return errors.New("down, delay and retry_after cannot be negative")
	}
	if _, err := regexp.Compile(f.Poison); err != nil {
		return fmt.Errorf("poison: %w", err)
	}
	if f.Ask != nil {
		if err := f.Ask.check(); err != nil {
			return fmt.Errorf("ask: %w", err)
		}
	}
	return nil
}

// String writes f in the words of [ParseFaults].
func (f Faults) String() string {
	items := f.written("")
	if f.RejectLater > 0 {
		items = append(items, "reject_later="+shareText(f.RejectLater))
	}
	if f.Ask != nil {
		items = append(items, f.Ask.written("ask.")...)
		if len(f.Ask.written("")) == 0 { // asking never fails
			items = append(items, "ask.refuse=0%")
		}
	}
	say := func(is bool, name string, value any) {
		if is {
			items = append(items, fmt.Sprintf("%s=%v", name, value))
		}
	}
	say(f.Poison != "", "poison", f.Poison)
	say(f.Down > 0, "down", f.Down)
	say(f.Outage > 0, "down", f.Outage)
	say(f.Delay > 0, "delay", f.Delay)
	say(f.RetryAfter > 0, "retry_after", f.RetryAfter)
	say(f.Seed > 0, "seed", f.Seed)
	return strings.Join(items, ",")
}

func (f *Faults) written(prefix string) (items []string) {
	for _, s := range f.shares() {
		if *s.value > 0 {
			items = append(items, prefix+s.name+"="+shareText(*s.value))
		}
	}
	return items
}

func shareText(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e10)/1e8, 'f', -1, 64) + "%"
}
