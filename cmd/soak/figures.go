package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"rongxin/pipelines/publish"
)

// figures are what a soak found.
type figures struct {
	plan    plan
	Days    int
	Kills   int
	Stops   int
	Wanted  changes // of the city, on all days
	Elapsed time.Duration

	saw          audit
	unreconciled int
}

// audit is what the platform tells of itself, counted from every effect it had.
type audit struct {
	Tables map[string]struct {
		Held    int
		Applied changes
	}
	Batches        int
	Repeats        int
	Fenced         int
	RefusedBatches int `json:"refused_batches"`
	Refused        int
	RefusedLater   int `json:"refused_later"`
	Echoes         int
	Duplicates     int
	OutOfOrder     int `json:"out_of_order"`
}

func (f *figures) take(report publish.Report, saw audit) {
	f.saw = saw
	if !report.Equal || report.Open > 0 {
		f.unreconciled += max(report.Differ+report.Open, 1)
	}
}

func (f *figures) applied() changes { return f.saw.Tables[table].Applied }

// lost are changes of the city without an effect.
func (f *figures) lost() int {
	a := f.applied()
	return max(f.Wanted.I-a.I, 0) + max(f.Wanted.U-a.U, 0) + max(f.Wanted.D-a.D, 0)
}

// doubled are effects without a change of the city.
func (f *figures) doubled() int {
	a := f.applied()
	return max(a.I-f.Wanted.I, 0) + max(a.U-f.Wanted.U, 0) + max(a.D-f.Wanted.D, 0) + f.saw.Duplicates + f.saw.Echoes
}

// fault names what must be 0 and is not.
func (f *figures) fault() error {
	var faults []error
	for _, n := range f.nothing() {
		if n.value != 0 {
			faults = append(faults, fmt.Errorf("%s: %v", n.name, n.value))
		}
	}
	return errors.Join(faults...)
}

type figure struct {
	name  string
	value any
}

// nothing are the figures that must be 0.
func (f *figures) nothing() []figure {
	return []figure{
		{"changes lost", f.lost()},
		{"changes doubled in effect", f.doubled()},
		{"changes out of order", f.saw.OutOfOrder},
		{"records refused", f.saw.Refused + f.saw.RefusedLater + f.saw.RefusedBatches},
		{"records unreconciled", f.unreconciled},
	}
}

func (f *figures) print(w io.Writer) error {
	list := []figure{
		{"records", f.plan.Records}, {"days", f.Days}, {"kills of the sender", f.Kills}, {"senders stopped and replaced", f.Stops},
		{"changes of the city", f.Wanted.I + f.Wanted.U + f.Wanted.D},
		{"batches", f.saw.Batches}, {"batches repeated and told apart", f.saw.Repeats}, {"batches of replaced senders turned away", f.saw.Fenced},
	}
	list = append(append(list, f.nothing()...), figure{"seconds", int(f.Elapsed.Seconds())})
	for _, n := range list {
		if _, err := fmt.Fprintf(w, "%-42s %v\n", n.name, n.value); err != nil {
			return err
		}
	}
	return nil
}
