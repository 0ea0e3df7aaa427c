package main

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// verified is what verify says of a run, by its exit code and by kind and name.
func verified(t *testing.T, home, id string) (code int, differs, changed []string) {
	t.Helper()
	code, out, errs := rongxin(t, home, "verify", id, "--json")
	var report verifyReport
	if out == "" {
		return code, []string{errs}, nil
	}
	lastJSON(t, out, &report)
	if report.Equal != (len(report.Mismatches) == 0) || report.Equal != (code == exitDone) {
		t.Errorf("exit %d, equal %v, mismatches %v", code, report.Equal, report.Mismatches)
	}
	names := func(list []run.Mismatch) (names []string) {
		for _, m := range list {
			names = append(names, m.Kind+" "+m.Name)
		}
		return names
	}
	return code, names(report.Mismatches), names(report.Changed)
}

// TestVerify holds verify to what it promises: every way in which a run is not
// what was published is named, and what only this program has otherwise does not
// make it another.
func TestVerify(t *testing.T) {
	whole, _ := landedCity(t, "60")
	mustRun(t, whole, "run", "--as-of", asOf)
	mustRun(t, whole, "run", "--as-of", nextDay)
	r := published(t, whole)
	b := r.Manifest.Batches[0]
	rule := "evaluators/rules/overlay.yml"

	for _, tt := range []struct {
		name             string
		harm             func(t *testing.T, home string, r *run.Run)
		differs, changed []string
	}{
		{name: "what only this program has otherwise", harm: func(t *testing.T, home string, r *run.Run) {
			noError(t, os.CopyFS(filepath.Join(home, "rules"), os.DirFS("../../evaluators/rules")))
			file := filepath.Join(home, "rules", "overlay.yml")
			text, err := os.ReadFile(file)
			noError(t, err)
			noError(t, os.WriteFile(file, append(text, "# reviewed\n"...), 0o644))
			t.Setenv("RONGXIN_RULES", filepath.Join(home, "rules"))
		}, changed: []string{"rule " + rule}},

		{name: "damage", harm: func(t *testing.T, home string, r *run.Run) {
			flip(t, run.TablePath(r.Dir, "overlay.subject_classes"))
			flip(t, run.TablePath(r.Dir, "rules.tiers"))
			noError(t, os.WriteFile(filepath.Join(r.SourceDir(), rule), []byte("rule: ["), 0o644)) // no YAML
			flip(t, filepath.Join(home, "landing", b.Dataset, b.ID, "rejects.parquet"))
			noError(t, os.Remove(run.TablePath(r.Dir, "lists.supervision")))
			noError(t, os.WriteFile(filepath.Join(r.Dir, "lists", "其他.xlsx"), nil, 0o644))
		}, differs: []string{"file lists/supervision.parquet", "file lists/其他.xlsx", "file overlay/subject_classes.parquet", "file rules/tiers.parquet",
			"file source/" + rule, "rule " + rule, "batch " + b.Dataset + " batch " + b.ID},
			changed: []string{"rule kept by the run"}},

		{name: "forgery", harm: func(t *testing.T, home string, r *run.Run) {
			forgeTable(t, r, "overlay.subject_classes")
			before, err := run.Open(home, r.Manifest.Previous)
			noError(t, err)
			noError(t, run.Publish(home, before))
			db, err := sql.Open("sqlite", filepath.Join(home, "ops.db"))
			noError(t, err)
			defer db.Close()
			_, err = db.Exec(`drop trigger journal_no_update; update journal set actor = 'another' where seq = 1`)
			noError(t, err)
		}, differs: []string{"journal chain", "manifest manifest.json", "file CURRENT", "table overlay.subject_classes",
			"check " + r.Manifest.Checks[0].Table + ": " + r.Manifest.Checks[0].Check}},

		{name: "a forged model", harm: forgeModel,
			differs: []string{"manifest manifest.json", "run " + r.ID},
			changed: []string{"model models/overlay/subject_classes.sql overlay.subject_classes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			copyTree(t, whole, home)
			tt.harm(t, home, published(t, home))
			code, differs, changed := verified(t, home, r.ID)
			want := exitDone
			if len(tt.differs) > 0 {
				want = exitBadData
			}
			if code != want {
				t.Errorf("exit %d, want %d", code, want)
			}
			if diff := cmp.Diff(tt.differs, differs); diff != "" {
				t.Errorf("differs: %s", diff)
			}
			if diff := cmp.Diff(tt.changed, changed); diff != "" {
				t.Errorf("changed since: %s", diff)
			}
		})
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// flip changes one byte in the middle of a file.
func flip(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	noError(t, err)
	data[len(data)/2] ^= 1
	noError(t, os.WriteFile(file, data, 0o644))
}

// writeSealed writes a manifest as somebody would who knows how runs are made.
func writeSealed(t *testing.T, file string, m run.Manifest) {
	t.Helper()
	data, err := store.Seal(m)
	noError(t, err)
	noError(t, os.WriteFile(file, data, 0o644))
}

// forgeTable betters everybody by one class, and the outcome of a check, with
// digests to match.
func forgeTable(t *testing.T, r *run.Run, name string) {
	t.Helper()
	db := attach(t, r, name)
	ctx, file := context.Background(), run.TablePath(r.Dir, name)
	forged := filepath.Join(t.TempDir(), "forged.parquet")
	noError(t, db.CopyTo(ctx, "select * replace (greatest(supervision_class - 1, 1) as supervision_class) from "+name, forged))
	data, err := os.ReadFile(forged)
	noError(t, err)
	noError(t, os.WriteFile(file, data, 0o644))
	m := r.Manifest
	m.Checks[0].Detail = "tried by hand"
	for i, entry := range m.Tables {
		if entry.Name == name {
			m.Tables[i].File, err = store.Sum(file)
			noError(t, err)
			_, m.Tables[i].Content, err = db.Digest(ctx, "select * from read_parquet("+engine.Quote(file)+")")
			noError(t, err)
		}
	}
	writeSealed(t, filepath.Join(r.Dir, "manifest.json"), m)
}

// forgeModel has the run keep another model than it was computed by, with
// digests to match.
func forgeModel(t *testing.T, _ string, r *run.Run) {
	file := filepath.Join(r.SourceDir(), "models", "overlay.subject_classes.sql")
	text, err := os.ReadFile(file)
	noError(t, err)
	noError(t, os.WriteFile(file, append([]byte("-- as agreed\n"), text...), 0o644))
	m := r.Manifest
	for i, f := range m.Source {
		if f.Path == "source/models/overlay.subject_classes.sql" {
			m.Source[i].Digest, err = store.Sum(file)
			noError(t, err)
		}
	}
	writeSealed(t, filepath.Join(r.Dir, "manifest.json"), m)
}
