package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
)

// drawTimes times the rows of the contest are drawn from: more than a million.
const drawTimes = 4

// drawing takes the seed of a committed draw and draws, against the keys of the
// same candidates computed and sorted.
var drawing = contest{
	name: "draw", title: "a draw from the files of its directory, four times as many candidates; quotas of 5 to 30 %, control 10 %",
	prepare: func(_ context.Context, j job) error {
		_, dir, err := dossier.Make(j.path("draws"), dossier.Scope{RunID: "bench", AsOf: "2026-06-30", Range: "public"},
			draw.Bounds{ControlBP: 1000, CapBP: 10000}, nil, listOf(drawTimes*j.rows), drawRule, benchStamp, unrecorded)
		if err != nil {
			return err
		}
		if _, err := dossier.Commit(dir, "bench", benchStamp, unrecorded); err != nil {
			return err
		}
		if err := os.Rename(dir, j.path("committed")); err != nil {
			return err
		}
		if err := linkAll(j.path("committed"), j.path("revealed")); err != nil {
			return err
		}
		_, _, err = dossier.Reveal(j.path("revealed"), benchOrigin, benchStamp, unrecorded)
		return err
	},
	contenders: []contender{
		contender{name: "sort", title: "SHA-256 of each code, sorted", run: sortKeys}.of(drawTimes),
		contender{name: "reveal", title: "rongxin draw reveal", run: func(_ context.Context, j job) (string, error) {
			if err := linkAll(j.path("committed"), j.out); err != nil {
				return "", err
			}
			_, drawn, err := dossier.Reveal(j.out, benchOrigin, benchStamp, unrecorded)
			return fmt.Sprint(len(drawn)), err
		}}.of(drawTimes),
		contender{name: "verify", title: "rongxin draw verify", run: func(_ context.Context, j job) (string, error) {
			r, err := dossier.Verify(os.DirFS(j.path("revealed")))
			return fmt.Sprint(r.Drawn), err
		}}.of(drawTimes),
	},
	goals: []goal{
		{id: "D1", title: "a draw, against the sort of its keys", gate: 0.1, aim: 0.25, figures: faster("sort", "reveal")},
		{id: "D1", title: "a draw verified, against the sort of its keys", gate: 0.08, aim: 0.2, figures: faster("sort", "verify")},
		{id: "D1", title: "peak memory", gate: 640, aim: 400, unit: " MiB", atMost: true, figures: peak("reveal", "verify")},
	},
}

var (
	benchStamp  = dossier.NewStamp(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), "bench")
	benchOrigin = dossier.Origin{Public: "2026-07-01-3921.07"}
)

func unrecorded(dossier.Event) error { return nil }

// listOf is a list of n subjects in strata of all kinds.
func listOf(n int) func(yield func(dossier.Listed, error) bool) {
	return func(yield func(dossier.Listed, error) bool) {
		for i := range n {
			s := draw.Stratum{Class: 1 + i*7%4, Industry: string(rune('A' + i*3%20)), Division: fmt.Sprint(350102 + i%13), Line: fmt.Sprint("IQ-", 1+i*7%4)}
			c := draw.Candidate{SubjectID: drawID(i), SubjectName: fmt.Sprintf("示例市鼓楼区第%d号商贸有限公司", i), Stratum: s}
			if !yield(dossier.Listed{Candidate: c}, nil) {
				return
			}
		}
	}
}

func drawID(i int) string { return fmt.Sprintf("91350102MA%08d", i) }

func drawRule(s draw.Stratum) (draw.Rule, error) {
	return draw.Rule{RatioBP: []int64{500, 1500, 2000, 3000}[s.Class-1]}, nil
}

// linkAll makes a directory with the files of another.
func linkAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	faults := []error{os.MkdirAll(to, 0o755)}
	for _, e := range entries {
		faults = append(faults, os.Link(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())))
	}
	return errors.Join(faults...)
}

// sortKeys computes the key of every candidate and sorts them.
func sortKeys(_ context.Context, j job) (string, error) {
	keys := make([][sha256.Size]byte, drawTimes*j.rows)
	g := draw.Generator{Seed: benchOrigin.Public, Commit: fmt.Sprintf("%064d", 0)}
	for i := range keys {
		keys[i] = g.Key(draw.ControlPart, drawID(i))
	}
	slices.SortFunc(keys, func(a, b [sha256.Size]byte) int { return slices.Compare(a[:], b[:]) })
	file, err := os.Create(filepath.Join(j.out, "keys"))
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(file)
	for _, k := range keys {
		fmt.Fprintf(w, "%x\n", k)
	}
	return "", errors.Join(w.Flush(), file.Close())
}
