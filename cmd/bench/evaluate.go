package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// judgeMemory is what the engine may hold while judging, and judgeBucket how many
// enterprises are judged at once within it.
const (
	judgeMemory = "768MB"
	judgeBucket = 50_000
	largeMemory = "8GB" // for what is not measured
)

// plainSQL is written by hand: scores, grades and classes of every enterprise,
// and nothing that says where they come from.
//
//go:embed evaluate.sql
var plainSQL string

// evaluate judges every enterprise, against plain SQL for the same scores, grades
// and classes, against plain Go for them, and twice as many enterprises: P8, P9,
// P10, P14.
var evaluate = contest{
	name: "evaluate", title: "enterprises judged in full, each with as many records as -each says, against plain SQL for the same results; and twice as many",
	prepare: func(ctx context.Context, j job) error {
		if err := j.arrange(ctx, "once", j.enterprises(), false, factsDay, nil); err != nil {
			return err
		}
		return j.arrange(ctx, "twice", 2*j.enterprises(), false, factsDay, nil)
	},
	contenders: []contender{
		{name: "sql", title: "plain SQL by hand: scores, grades, classes", run: plain},
		{name: "go", title: "plain Go by hand, the same", run: byHand},
		{name: "full", title: "rongxin evaluate: every point, check and digest", run: func(ctx context.Context, j job) (string, error) {
			return j.judge(ctx, "once", factsDay, nil, run.Config{})
		}},
		contender{name: "twice", title: "rongxin evaluate, twice the enterprises", run: func(ctx context.Context, j job) (string, error) {
			return j.judge(ctx, "twice", factsDay, nil, run.Config{})
		}}.of(2),
	},
	goals: []goal{
		{id: "P9", title: "time at twice the enterprises", gate: 2.2, aim: 2.05, unit: "x", atMost: true, figures: func(r results) []figure {
			return []figure{
				{"elapsed", 1 / r.ratio("full", "twice", func(s sample) float64 { return s.elapsed })},
				{"CPU", 1 / r.ratio("full", "twice", func(s sample) float64 { return s.cpu })}}
		}},
		{id: "P9", title: "peak memory at twice the enterprises", gate: 1.2, aim: 1.05, unit: "x", atMost: true, figures: func(r results) []figure {
			return []figure{{"", 1 / r.ratio("full", "twice", func(s sample) float64 { return s.peak })}}
		}},
		{id: "P10", title: "peak memory", gate: 1024, aim: 512, unit: " MiB", atMost: true, figures: peak("full", "twice")},
		{id: "P14", title: "contributions of everybody, share of the evaluation", gate: 0.8, aim: 0.5, atMost: true, figures: told("full", "contributions")},
		{id: "P14", title: "contributions of everybody, bytes an enterprise", gate: 120, aim: 80, atMost: true, figures: told("full", "bytes")},
		{id: "P8", title: "plain SQL against plain Go", gate: 0.6, aim: 0.8, figures: faster("go", "sql")},
		{id: "P8", title: "both come to the same", gate: 1, aim: 1, figures: same("go", "sql")},
		{id: "E1", title: "scores, grades and classes are those of the plain SQL", gate: 1, aim: 1, figures: same("sql", "full")},
		{id: "E2", title: "the evaluation with all its evidence, in times of the plain SQL", figures: faster("full", "sql")},
	},
}

// enterprises is how many have the records of the contest.
func (j job) enterprises() int { return max(j.rows/recordsEach, 1) }

func (j job) builder(runs string, of run.Config) run.Config {
	of.Home, of.Runs, of.Log = j.dir, runs, slog.New(slog.DiscardHandler)
	if of.Engine.Memory == "" {
		of.Engine = j.engine()
	}
	if of.Bucket == 0 {
		of.Bucket = judgeBucket
	}
	return of
}

// arrange makes facts and writes them as the first stage of a run does, sorted and
// digested; of that run only the judgement is left to do.
func (j job) arrange(ctx context.Context, name string, enterprises int, changed bool, day credit.Date, before *run.Run) error {
	jd, err := newJudgement(ctx, j)
	if err != nil {
		return err
	}
	if err := jd.makeFacts(ctx, j, j.path("facts-"+name), enterprises, changed); err != nil {
		return err
	}
	large := run.Config{Engine: j.engine()}
	large.Engine.Memory = largeMemory // whether millions of records are unique is no matter of judgement
	_, err = run.Build(ctx, j.builder(j.path("runs-"+name), large), jd.plan(j.path("facts-"+name), day, before), model.Transform)
	return err
}

// verdict is what a contender says of an evaluation.
type verdict struct {
	Results       string  `json:"results"`       // digest of scores, grades and classes
	Contents      string  `json:"contents"`      // digests of all tables
	Contributions float64 `json:"contributions"` // share of their table in the time
	Bytes         float64 `json:"bytes"`         // of their file, for each enterprise
}

// judge does the judgement that is left, and says what came out.
func (j job) judge(ctx context.Context, name string, day credit.Date, before *run.Run, of run.Config) (string, error) {
	jd, err := newJudgement(ctx, j)
	if err != nil {
		return "", err
	}
	plan := jd.plan(j.path("facts-"+name), day, before)
	if err := linkTree(j.path("runs-"+name), j.out); err != nil {
		return "", err
	}
	cfg := j.builder(j.out, of)
	var v verdict
	judged := map[string]bool{}
	for _, m := range jd.models {
		judged[m.Name] = true
	}
	total, last := time.Duration(0), time.Now()
	var contributions time.Duration
	cfg.Progress = func(_, _ int, table string) {
		took := time.Since(last)
		last = time.Now()
		if judged[table] {
			total += took
		}
		if table == "scores.contributions" {
			contributions = took
		}
	}
	r, err := run.Build(ctx, cfg, plan, model.List)
	if err != nil {
		return "", err
	}
	v.Contributions = contributions.Seconds() / total.Seconds()
	db, err := engine.Open(ctx, j.engine())
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, t := range r.Manifest.Tables {
		if !model.IsShared(t.Name) {
			v.Contents += t.Content[:8]
		}
		if t.Name == "scores.contributions" {
			v.Bytes = float64(t.File.Bytes) / float64(j.enterprises())
		}
	}
	if err := r.Attach(ctx, db, "scores.scorecard_results", "overlay.subject_classes"); err != nil {
		return "", err
	}
	if _, v.Results, err = db.Digest(ctx, resultsOfRun); err != nil {
		return "", err
	}
	said, err := json.Marshal(v)
	return string(said), err
}

// resultsOfRun has the columns of the plain SQL.
const resultsOfRun = `select classes.subject_id, city.score_milli as city_score, city.grade as city_grade, food.score_milli as food_score,
		food.grade as food_grade, classes.matrix_class, classes.supervision_class
	from overlay.subject_classes as classes
	left join scores.scorecard_results as city on city.subject_id = classes.subject_id and city.scorecard = 'public_city'
	left join scores.scorecard_results as food on food.subject_id = classes.subject_id and food.scorecard = 'food'`

// plain runs the SQL by hand over the same files and writes its result sorted.
func plain(ctx context.Context, j job) (string, error) {
	db, err := engine.Open(ctx, j.engine())
	if err != nil {
		return "", err
	}
	defer db.Close()
	files, err := filepath.Glob(j.path("runs-once/.tmp-*/*/*.parquet"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		base := filepath.Base(file)
		if filepath.Ext(base[:len(base)-len(".parquet")]) != "" {
			continue // digests by subject
		}
		table := filepath.Base(filepath.Dir(file)) + "." + base[:len(base)-len(".parquet")]
		if err := db.View(ctx, table, "select * from read_parquet("+engine.Quote(file)+")"); err != nil {
			return "", err
		}
	}
	out := filepath.Join(j.out, "classes.parquet")
	if err := db.CopyTo(ctx, "select * from ("+plainSQL+") order by subject_id", out); err != nil {
		return "", err
	}
	_, digest, err := db.Digest(ctx, "select * from read_parquet("+engine.Quote(out)+")")
	if err != nil {
		return "", err
	}
	said, err := json.Marshal(verdict{Results: digest})
	return string(said), err
}

// told is the median of one number that a contender says.
func told(contender, number string) func(results) []figure {
	return func(r results) []figure {
		var list []float64
		for _, s := range r[contender] {
			said := map[string]any{}
			if err := json.Unmarshal([]byte(s.said), &said); err != nil {
				panic(fmt.Sprintf("%s said %q: %v", contender, s.said, err))
			}
			list = append(list, said[number].(float64))
		}
		return []figure{{"", median(list)}}
	}
}

// same is 1 where every run of two contenders came to the same results.
func same(one, other string) func(results) []figure {
	return func(r results) []figure {
		equal := 1.0
		for i := range r[one] {
			var a, b verdict
			if json.Unmarshal([]byte(r[one][i].said), &a) != nil || json.Unmarshal([]byte(r[other][i].said), &b) != nil ||
				a.Results != b.Results || a.Contents != "" && a.Contents != b.Contents {
				equal = 0
			}
		}
		return []figure{{"", equal}}
	}
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
