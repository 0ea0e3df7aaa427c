package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// ErrBusy is returned when another process is building a run in the same home.
var ErrBusy = errors.New("another run is being built here")

// Config says where and with what a run is built.
type Config struct {
	Home   string // where the landing area is
	Runs   string // where the run is made; empty means the home's own runs
	Engine engine.Config
	Log    *slog.Logger
	// Export writes the files made for people into dir, once every table
	// stands; nil writes none. It must give the same files for the same run.
	Export func(ctx context.Context, db *engine.DB, dir string) error
	// Bucket is how many subjects are evaluated at once by local models; 0 is a
	// hundred thousand. Memory grows with it, results do not depend on it.
	Bucket int
	// Full evaluates every subject, also those that nothing changed for.
	Full bool
	// TouchedShare is the percentage of subjects above which all are evaluated; 0
	// is 10.
	TouchedShare int
	// Progress is told of each table once it stands.
	Progress func(done, total int, table string)
	// Watch, when set, is told when the making of a table begins, not of one that
	// stands; what it returns is told how it ended. Of rules and the run's own
	// tables the model has no file.
	Watch func(ctx context.Context, m model.Model) func(TableEntry, error)
}

const (
	progressName = "progress.json"
	lockName     = ".lock"
	filesDir     = "files"
)

// builder is a run in the making: runs/.tmp-<id>, with progress.json naming
// the tables that already stand. A build that was cut off goes on from there.
type builder struct {
	Config
	plan Plan
	dir  string
	db   *engine.DB
	m    Manifest

	read    map[string]bool      // the tables that local models read
	divided []bucket             // the subjects, see buckets.go
	isCut   map[string]bool      // by table
	narrow  map[string]bool      // the tables that models see a part of
	sets    map[string]touchedBy // by local model, see touched.go
	rows    map[string]keptRows  // by input, see merge.go
	picks   int                  // made of row groups
}

// Build makes the tables of the plan up to and including a stage. With the
// last stage it finishes the run and returns it; before that it returns nil
// and what it made waits for the next call. A run that is finished already is
// returned as it is. A failed check stops it with ErrCheck.
func Build(ctx context.Context, cfg Config, plan Plan, upTo model.Stage) (*Run, error) {
	if cfg.Runs == "" {
		cfg.Runs = Dir(cfg.Home)
	}
	if done, err := open(cfg.Runs, plan.ID()); !errors.Is(err, ErrNoRun) {
		return done, err
	}
	unlock, err := lock(cfg.Runs)
	if err != nil {
		return nil, err
	}
	defer unlock()
	// It may have been finished while we asked for the lock.
	if done, err := open(cfg.Runs, plan.ID()); !errors.Is(err, ErrNoRun) {
		return done, err
	}

	b := &builder{Config: cfg, plan: plan, dir: filepath.Join(cfg.Runs, store.Temporary(plan.ID()))}
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	defer b.db.Close()
	if err := b.tables(ctx, upTo); err != nil {
		return nil, err
	}
	if upTo < model.List {
		return nil, nil
	}
	return b.finish(ctx)
}

func lock(runs string) (unlock func(), err error) {
	if err := store.MakeDirs(runs); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(runs, lockName))
	ok, err := l.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", runs, ErrBusy)
	}
	return func() { l.Unlock() }, nil
}

// open sweeps what other unfinished runs left, reads the progress of this one,
// and gives the engine its inputs.
func (b *builder) open(ctx context.Context) (err error) {
	others, err := filepath.Glob(filepath.Join(b.Runs, store.Temporary("*")))
	if err != nil {
		return err
	}
	for _, dir := range others {
		if dir != b.dir {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	if err := store.Sweep(b.dir); err != nil { // files that a killed build was writing
		return err
	}
	if err := b.readProgress(); err != nil {
		return err
	}
	if b.db, err = engine.Open(ctx, b.Engine); err != nil {
		return err
	}
	if err := b.plan.supply(ctx, b.db, b.Home); err != nil {
		return errors.Join(err, b.db.Close())
	}
	return nil
}

func (b *builder) readProgress() error {
	data, err := os.ReadFile(filepath.Join(b.dir, progressName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, &b.m)
}

// tables builds, sorts, digests and checks one table after the other. Rules,
// reference tables and the run's own tables are part of the evidence too.
func (b *builder) tables(ctx context.Context, upTo model.Stage) error {
	models, err := model.Order(b.plan.Models, b.plan.isGiven)
	if err != nil {
		return err
	}
	var todo []model.Model
	for _, s := range append(b.plan.runTables(known(b.plan.Batches, b.plan.AsOf)), b.plan.Seeds...) {
		todo = append(todo, model.Model{Name: s.Name, SQL: "select * from " + engine.Table(loaded(s.Name)), Grain: []string{"all"}})
	}
	for _, m := range models {
		if m.Stage <= upTo {
			todo = append(todo, m)
		}
	}
	b.read, b.isCut, b.narrow = map[string]bool{}, map[string]bool{}, map[string]bool{}
	b.sets, b.rows = map[string]touchedBy{}, map[string]keptRows{}
	for _, m := range models {
		for _, in := range m.Inputs {
			b.read[in] = b.read[in] || m.Local.Is && !model.IsShared(in)
		}
	}
	if err := os.RemoveAll(b.parts()); err != nil { // of a build that was cut off
		return err
	}
	for i, m := range todo {
		if err := b.table(ctx, m); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		if err := b.drop(todo[i+1:]); err != nil {
			return err
		}
		if b.Progress != nil {
			b.Progress(i+1, len(todo), m.Name)
		}
	}
	return os.RemoveAll(b.cutDir())
}

func (b *builder) table(ctx context.Context, m model.Model) (err error) {
	if entry, ok := b.m.Table(m.Name); ok && entry.check(b.dir) == nil {
		return b.db.View(ctx, m.Name, entry.query(b.dir))
	}
	if err := clearTable(b.dir, m.Name); err != nil {
		return err
	}
	var entry TableEntry
	if b.Watch != nil {
		done := b.Watch(ctx, m)
		defer func() { done(entry, err) }()
	}
	start := time.Now()
	make := b.whole
	if m.Local.Is {
		make = b.local
	}
	var checks []CheckEntry
	entry, checks, err = make(ctx, m)
	if err = errors.Join(err, os.RemoveAll(b.parts())); err != nil {
		return err
	}
	// A table built again, because its file was damaged, is told once.
	b.m.Tables = append(slices.DeleteFunc(b.m.Tables, func(e TableEntry) bool { return e.Name == m.Name }), entry)
	b.m.Checks = append(slices.DeleteFunc(b.m.Checks, func(e CheckEntry) bool { return e.Table == m.Name }), checks...)
	b.Log.Debug("table built", "model", m.Name, "rows", entry.Rows, "elapsed", time.Since(start))
	return b.saveProgress()
}

// whole evaluates a model in one go.
func (b *builder) whole(ctx context.Context, m model.Model) (TableEntry, []CheckEntry, error) {
	if err := b.widen(ctx); err != nil {
		return TableEntry{}, nil, err
	}
	source, err := takeStep(ctx, b.db, m)
	if err != nil {
		return TableEntry{}, nil, err
	}
	if err := b.write(ctx, sorted(m, source), TablePath(b.dir, m.Name)); err != nil {
		return TableEntry{}, nil, err
	}
	entry, err := b.describe(ctx, TableEntry{Name: m.Name})
	if err != nil {
		return entry, nil, err
	}
	checks, err := b.check(ctx, m, entry, nil)
	return entry, checks, err
}

func sorted(m model.Model, query string) string {
	return fmt.Sprintf("select * from (%s) order by %s", query, strings.Join(m.Grain, ", "))
}

// write makes a file of a table.
func (b *builder) write(ctx context.Context, query, file string) error {
	temp := filepath.Join(b.dir, store.Temporary("table.parquet"))
	if err := b.db.CopyTo(ctx, query, temp); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.Rename(temp, file)
}

// takeStep returns the SELECT that gives a model's rows: its own, or that of the
// table which its step in Go has made.
func takeStep(ctx context.Context, db *engine.DB, m model.Model) (string, error) {
	if m.Step == nil {
		return m.SQL, nil
	}
	values, err := db.Texts(ctx, "select * from ("+m.SQL+") order by 1")
	if err != nil {
		return "", err
	}
	made := loaded(m.Name)
	return "select * from " + engine.Table(made), db.Load(ctx, made, m.Step.Columns, m.Step.Rows(values))
}

// describe reads back a table that was just written and shows it to the models.
func (b *builder) describe(ctx context.Context, entry TableEntry) (_ TableEntry, err error) {
	file := TablePath(b.dir, entry.Name)
	if err = b.db.View(ctx, entry.Name, parquet(file)); err != nil {
		return entry, err
	}
	if entry.File, entry.Blocks, err = store.SumBlocks(file); err != nil {
		return entry, err
	}
	if entry.Columns, err = b.db.Columns(ctx, parquet(file)); err != nil {
		return entry, err
	}
	var sums engine.Sums
	if b.read[entry.Name] && slices.ContainsFunc(entry.Columns, func(c landing.Column) bool { return c.Name == model.SubjectID }) {
		sums, err = b.describeSubjects(ctx, &entry)
	} else {
		sums, err = b.db.Sums(ctx, parquet(file))
	}
	entry.Rows, entry.Content, entry.Sums = sums.Rows, sums.Digest(entry.Columns), sums.Texts()
	return entry, err
}

func (b *builder) saveProgress() error { return writeJSON(filepath.Join(b.dir, progressName), b.m) }

func writeJSON(path string, v any) error {
	return store.Write(path, 0o644, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	})
}

func writeSealed(path string, v any) error {
	data, err := store.Seal(v)
	if err != nil {
		return err
	}
	return store.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// finish writes the files for people and the manifest, and gives the run
// directory its name. The manifest is the last file.
func (b *builder) finish(ctx context.Context) (*Run, error) {
	b.Log.Info("writing lists", "run", b.plan.ID())
	if err := b.export(ctx); err != nil {
		return nil, err
	}
	b.Log.Info("writing the manifest", "run", b.plan.ID())
	m, p := &b.m, b.plan
	m.RunID, m.Format, m.AsOf, m.RuleSet, m.Previous = p.ID(), Format, p.AsOf.String(), p.RuleSet, p.previousID()
	var err error
	if m.Engine, err = b.db.Version(ctx); err != nil {
		return nil, err
	}
	for _, k := range known(p.Batches, p.AsOf) {
		m.Batches = append(m.Batches, BatchRef{k.Dataset, k.ID, k.ReceivedAt, k.Rows, k.Records, k.Rejects})
	}
	for _, s := range p.Seeds {
		m.Sources = append(m.Sources, s.Sources...)
	}
	for _, each := range p.Models {
		m.Models = append(m.Models, ModelRef{each.Name, each.File, each.Hash()})
	}
	if err := p.writeSource(filepath.Join(b.dir, sourceDir)); err != nil {
		return nil, err
	}
	if m.Source, err = entriesBelow(b.dir, sourceDir); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(b.dir, progressName)); err != nil {
		return nil, err
	}
	if err := writeSealed(filepath.Join(b.dir, manifestName), m); err != nil {
		return nil, err
	}
	b.Log.Info("flushing", "run", m.RunID)
	if err := store.SyncTree(b.dir); err != nil {
		return nil, err
	}
	if err := os.Rename(b.dir, filepath.Join(b.Runs, m.RunID)); err != nil {
		return nil, err
	}
	if err := store.SyncDir(b.Runs); err != nil {
		return nil, err
	}
	b.Log.Info("run finished", "run", m.RunID, "as_of", m.AsOf, "tables", len(m.Tables))
	return open(b.Runs, m.RunID)
}

func (b *builder) export(ctx context.Context) error {
	if b.Export == nil {
		return nil
	}
	dir := filepath.Join(b.dir, filesDir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := b.widen(ctx); err != nil {
		return err
	}
	if err := b.Export(ctx, b.db, dir); err != nil {
		return fmt.Errorf("write lists: %w", err)
	}
	var err error
	b.m.Files, err = entriesBelow(b.dir, filesDir)
	return err
}

// entriesBelow describes every file below a folder of the run, none where the
// folder is not there.
func entriesBelow(dir, folder string) (list []FileEntry, err error) {
	err = filepath.WalkDir(filepath.Join(dir, folder), func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == filepath.Join(dir, folder) {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		sum, err := store.Sum(path)
		rel, _ := filepath.Rel(dir, path)
		list = append(list, FileEntry{filepath.ToSlash(rel), sum})
		return err
	})
	return list, err
}
