package main

import (
	"context"
	"errors"
	"os"

	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// incremental judges a day on which one subject in two hundred has other records
// than the day before, in full and for those subjects alone: P12.
var incremental = contest{
	name: "incremental", title: "enterprises, each with as many records as -each says, of which 0.5 % have a record more, a record less and one corrected since the day before",
	prepare: func(ctx context.Context, j job) error {
		day := factsDay.AddDays(-1)
		if err := j.arrange(ctx, "before", j.enterprises(), false, day, nil); err != nil {
			return err
		}
		jd, err := newJudgement(ctx, j)
		if err != nil {
			return err
		}
		before, err := run.Build(ctx, j.builder(j.path("runs-before"), run.Config{}), jd.plan(j.path("facts-before"), day, nil), model.List)
		if err != nil {
			return err
		}
		if err := errors.Join(os.MkdirAll(run.Dir(j.dir), 0o755), os.Rename(before.Dir, j.path("runs/"+before.ID))); err != nil {
			return err
		}
		if before, err = j.before(); err != nil {
			return err
		}
		return j.arrange(ctx, "after", j.enterprises(), true, factsDay, before)
	},
	contenders: []contender{
		{name: "full", title: "rongxin evaluate --full", run: func(ctx context.Context, j job) (string, error) {
			return j.judgeAfter(ctx, run.Config{Full: true})
		}},
		{name: "touched", title: "rongxin evaluate", run: func(ctx context.Context, j job) (string, error) {
			return j.judgeAfter(ctx, run.Config{})
		}},
	},
	goals: []goal{
		{id: "P12", title: "share of a full evaluation", gate: 0.15, aim: 0.07, atMost: true, figures: faster("touched", "full")},
		{id: "P12", title: "contents of all tables are those of the full evaluation", gate: 1, aim: 1, figures: same("full", "touched")},
	},
}

func (j job) judgeAfter(ctx context.Context, of run.Config) (string, error) {
	before, err := j.before()
	if err != nil {
		return "", err
	}
	return j.judge(ctx, "after", factsDay, before, of)
}

// before is the run of the day before, the only one of the home.
func (j job) before() (*run.Run, error) {
	entries, err := os.ReadDir(run.Dir(j.dir))
	if err != nil {
		return nil, err
	}
	return run.Open(j.dir, entries[0].Name())
}

// buckets judges the same enterprises all at once, with as much memory as that
// takes, and in buckets, four or as many as their size makes: P10.
var buckets = contest{
	name: "buckets", title: "enterprises, each with as many records as -each says, all at once and in buckets",
	prepare: func(ctx context.Context, j job) error {
		return j.arrange(ctx, "once", j.enterprises(), false, factsDay, nil)
	},
	contenders: []contender{
		{name: "whole", title: "all at once, memory " + largeMemory, run: func(ctx context.Context, j job) (string, error) {
			of := run.Config{Bucket: j.enterprises() + 1, Engine: j.engine()}
			of.Engine.Memory = largeMemory
			return j.judge(ctx, "once", factsDay, nil, of)
		}},
		{name: "buckets", title: "in buckets, memory " + judgeMemory, run: func(ctx context.Context, j job) (string, error) {
			return j.judge(ctx, "once", factsDay, nil, run.Config{Bucket: min(j.enterprises()/4+1, judgeBucket)})
		}},
	},
	goals: []goal{
		{id: "P10", title: "speed in buckets", gate: 1.2, aim: 1.5, figures: faster("whole", "buckets")},
		{id: "P10", title: "peak memory in buckets", gate: 1024, aim: 512, unit: " MiB", atMost: true, figures: peak("buckets")},
		{id: "P10", title: "contents are the same", gate: 1, aim: 1, figures: same("whole", "buckets")},
	},
}
