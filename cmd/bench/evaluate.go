package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// enterprises is how many have the records of the contest.
func (j job) enterprises() int { return max(j.rows/recordsEach, 1) }

// judgeMemory is what the engine may hold while judging.
const judgeMemory = "768MB"

// evaluate judges enterprises with 31 records each in full.
var evaluate = contest{
	name: "evaluate", title: "enterprises with 31 records each, judged in full",
	prepare: func(ctx context.Context, j job) error {
		jd, err := newJudgement(ctx, j)
		if err != nil {
			return err
		}
		if err := jd.makeFacts(ctx, j, j.path("facts"), j.enterprises(), false); err != nil {
			return err
		}
		_, err = run.Build(ctx, j.builder(j.path("runs")), jd.plan(j.path("facts"), factsDay, nil), model.Transform)
		return err
	},
	contenders: []contender{
		{name: "full", title: "rongxin evaluate", run: func(ctx context.Context, j job) (string, error) {
			jd, err := newJudgement(ctx, j)
			if err != nil {
				return "", err
			}
			plan := jd.plan(j.path("facts"), factsDay, nil)
			if err := linkTree(j.path("runs"), j.out); err != nil {
				return "", err
			}
			_, err = run.Build(ctx, j.builder(j.out), plan, model.Evaluate)
			return "", err
		}},
	},
}

func (j job) builder(runs string) run.Config {
	return run.Config{Home: j.dir, Runs: runs, Engine: j.engine(), Log: slog.New(slog.DiscardHandler)}
}

// linkTree makes a tree with the files of another.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
}
