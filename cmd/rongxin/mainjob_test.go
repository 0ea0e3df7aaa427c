package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators/explain"
	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
	"rongxin/warehouse/secret"
)

// The main job from extracts to receipts, each promise of it held against a
// seeded city.
func TestMainJob(t *testing.T) {
	home, city := landedCity(t, "3000")

	batches, err := landing.List(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if b.Rows.Accepted+b.Rows.Rejected != b.Rows.Read {
			t.Errorf("%s batch %s: %d accepted + %d rejected are not %d read", b.Dataset, b.ID, b.Rows.Accepted, b.Rows.Rejected, b.Rows.Read)
		}
	}

	var report runReport
	lastJSON(t, mustRun(t, home, "run", "--as-of", asOf, "--json"), &report)
	if report.Subjects < 2900 || len(report.Classes) != 5 {
		t.Errorf("%d subjects in %d classes", report.Subjects, len(report.Classes))
	}
	r := published(t, home)

	t.Run("every point adds up", func(t *testing.T) { sumsUp(t, r) })
	t.Run("every seeded fault is found", func(t *testing.T) { faultsFound(t, r, filepath.Join(city, "truth", "defects.csv")) })
	t.Run("every subject has a class", func(t *testing.T) { everySubject(t, r) })
	t.Run("a step leads where explain says", func(t *testing.T) { stepsHold(t, r) })
	t.Run("schemes, conflicts and batches", func(t *testing.T) { schemesStand(t, r) })
	t.Run("a record that does not count is in no output", func(t *testing.T) { notInOutputs(t, r) })
	t.Run("the same run again is the same", func(t *testing.T) { sameAgain(t, home, r) })
	t.Run("verified elsewhere by one thread and by two", func(t *testing.T) { verifiedElsewhere(t, home, r) })
	t.Run("a changed byte is found", func(t *testing.T) { changedByte(t, home, r) })
	t.Run("delivered and reconciled", func(t *testing.T) { delivered(t, home) })
	t.Run("no clear personal number leaves the extract", func(t *testing.T) { noPersonalNumbers(t, home) })
}

func attach(t *testing.T, r *run.Run, tables ...string) *engine.DB {
	t.Helper()
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := r.Attach(ctx, db, tables...); err != nil {
		t.Fatal(err)
	}
	return db
}

func count(t *testing.T, db *engine.DB, query string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func sumsUp(t *testing.T, r *run.Run) {
	subjects, bad, err := explain.CheckAll(context.Background(), attach(t, r))
	if err != nil {
		t.Fatal(err)
	}
	if subjects != count(t, attach(t, r, "intermediate.subjects"), "select count(*) from intermediate.subjects") {
		t.Errorf("only %d subjects were summed", subjects)
	}
	if len(bad) > 0 {
		t.Errorf("contributions do not sum to the score for %d subjects, such as %s", len(bad), bad[0])
	}
}

// findingsOf says how each kind of seeded fault shows itself. docs/quality.md
// is the same table for people.
var findingsOf = map[string][]string{
	"amount_in_yuan":        {"AMOUNT_SUSPECT_UNIT"},
	"bytes_undecodable":     {"UNDECODABLE"},
	"category_unknown":      {"UNKNOWN_CATEGORY"},
	"code_confusable":       {"CODE_INVALID"},
	"code_duplicate_name":   {"DUPLICATE_CODE", "DUPLICATE_ORGANISATION_CODE"},
	"code_full_width":       {"CODE_CLEANED"},
	"code_placeholder":      {"CODE_INVALID"},
	"code_swapped":          {"CODE_INVALID", "CODE_SUSPECT"},
	"code_unregistered":     {"CODE_UNREGISTERED"},
	"code_wrong_character":  {"CODE_INVALID", "CODE_SUSPECT"},
	"date_future":           {"DATE_IN_FUTURE"},
	"date_impossible":       {"DATE_IMPOSSIBLE"},
	"duplicate_row":         {"DUPLICATE_ROW"},
	"grade_score_conflict":  {"GRADE_SCORE_CONFLICT"},
	"kind_mismatch":         {"KIND_MISMATCH"},
	"late_report":           {"LATE"},
	"name_mismatch":         {"NAME_MISMATCH"},
	"permit_dates_reversed": {"DATES_REVERSED"},
	"person_id_invalid":     {"PERSON_ID_INVALID"},
	"register_no_invalid":   {"REGISTRATION_NO_INVALID"},
	"required_missing":      {"REQUIRED_MISSING"},
	"row_ragged":            {"RAGGED_ROW"},
	"withdrawn_still_sent":  {"WITHDRAWN_STILL_SENT"},
}

func faultsFound(t *testing.T, r *run.Run, truth string) {
	found, defects := findingsByRow(t, r), readTable(t, truth)
	spoilt := map[string]bool{}
	for _, d := range defects {
		spoilt[d[8]] = spoilt[d[8]] || d[2] == "samr/registrations"
	}
	kinds := map[string]int{}
	for _, d := range defects {
		id, key, kind := d[0], path.Base(d[1])+":"+d[3], d[5]
		kinds[kind]++
		switch {
		case slices.ContainsFunc(findingsOf[kind], func(want string) bool { return slices.Contains(found[key], want) }):
		case kind == "name_mismatch" && slices.Contains(found[key], "CODE_UNREGISTERED") && spoilt[registrationOf(d[8])]:
			// The registration was spoilt as well, so there is no name to compare with.
		default:
			t.Errorf("%s %s at %s: found %v, want one of %v", id, kind, key, found[key], findingsOf[kind])
		}
	}
	for kind := range findingsOf {
		if kinds[kind] < 3 {
			t.Errorf("%s was seeded %d times: too few to show anything", kind, kinds[kind])
		}
	}
}

// registrationOf is the code that the hint of a grade or a registration opens with.
func registrationOf(hint string) string {
	code, _, _ := strings.Cut(hint, "/")
	return code
}

func everySubject(t *testing.T, r *run.Run) {
	db := attach(t, r)
	subjects := count(t, db, "select count(*) from intermediate.subjects")
	registered := count(t, db, "select count(distinct subject_id) from staging.samr__registrations") +
		count(t, db, "select count(distinct subject_id) from staging.civil__organisations")
	classed := count(t, db, "select count(*) from overlay.subject_classes where supervision_class is not null or is_out")
	if subjects != registered || classed != subjects {
		t.Errorf("%d registered, %d subjects, %d with a class or out of the list", registered, subjects, classed)
	}
	listed := count(t, db, "select count(*) from lists.supervision where scheme = 'overall' and change <> 'left'")
	if out := count(t, db, "select count(*) from overlay.subject_classes where is_out"); listed+out != subjects {
		t.Errorf("%d listed + %d out are not %d subjects", listed, out, subjects)
	}
	if n := count(t, db, "select count(*) from scores.scorecard_results where scorecard = 'public_city'"); n != subjects {
		t.Errorf("%d scored of %d", n, subjects)
	}
}

// notInOutputs looks for every repaired, withdrawn, excluded or expired record
// in what is scored, listed and explained.
func notInOutputs(t *testing.T, r *run.Run) {
	db := attach(t, r)
	for _, state := range []string{"repaired", "withdrawn", "revoked", "exempted", "excluded", "expired", "ended"} {
		if n := count(t, db, "select count(*) from intermediate.record_states where state = ?", state); n == 0 {
			t.Errorf("the city has no %s record: nothing was tested", state)
		}
		for _, table := range []string{"marts.records_in_force", "scores.contributions", "scores.vetoes", "overlay.override_hits", "lists.reasons"} {
			if n := count(t, db, "select count(*) from "+table+" as o join intermediate.record_states as s on s.record_id = o.record_id where s.state = ?", state); n > 0 {
				t.Errorf("%d %s records are in %s", n, state, table)
			}
		}
	}
}

func sameAgain(t *testing.T, home string, r *run.Run) {
	before, err := os.Stat(filepath.Join(r.Dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, home, "run", "--as-of", asOf)
	if published(t, home).ID != r.ID {
		t.Error("the same inputs gave another run")
	}
	after, err := os.Stat(filepath.Join(r.Dir, "manifest.json"))
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("a finished run was written again: %v", err)
	}
}

func verifiedElsewhere(t *testing.T, home string, r *run.Run) {
	elsewhere := filepath.Join(t.TempDir(), "another", "machine")
	copyTree(t, home, elsewhere)
	for _, threads := range []string{"1", "2"} {
		var result struct {
			Equal  bool `json:"equal"`
			Tables int  `json:"tables"`
		}
		lastJSON(t, mustRun(t, elsewhere, "verify", r.ID, "--threads", threads, "--json"), &result)
		if !result.Equal || result.Tables != len(r.Manifest.Tables) {
			t.Errorf("%s threads: equal %v, %d tables", threads, result.Equal, result.Tables)
		}
	}
}

func changedByte(t *testing.T, home string, r *run.Run) {
	var subject string
	if err := attach(t, r, "overlay.subject_classes").QueryRow(context.Background(), "select min(subject_id) from overlay.subject_classes").Scan(&subject); err != nil {
		t.Fatal(err)
	}
	spoiled := filepath.Join(t.TempDir(), "home")
	copyTree(t, home, spoiled)
	file := filepath.Join(spoiled, "runs", r.ID, "overlay", "subject_classes.parquet")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", "CURRENT"}, {"sql", "select count(*) from overlay.subject_classes"}, {"explain", subject}} {
		code, out, errs := rongxin(t, spoiled, args...)
		if code != exitBadData || !strings.Contains(out+errs, "subject_classes.parquet") {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
}

func delivered(t *testing.T, home string) {
	platform, err := sandbox.New(sandbox.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer platform.Close()
	server := httptest.NewServer(platform)
	defer server.Close()
	code, _, _ := rongxin(t, home, "reconcile", "--to", server.URL)
	if code != exitBadData {
		t.Errorf("reconcile before anything was sent: exit %d, want %d", code, exitBadData)
	}
	var first, second struct {
		Published, Inserted, Unchanged int
		HeldBack                       int `json:"held_back"`
	}
	lastJSON(t, mustRun(t, home, "publish", "--to", server.URL, "--json"), &first)
	lastJSON(t, mustRun(t, home, "publish", "--to", server.URL, "--json"), &second)
	if first.Inserted+first.HeldBack != first.Published || first.Inserted == 0 || second.Unchanged != first.Inserted {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if out := mustRun(t, home, "reconcile", "--to", server.URL); !strings.Contains(out, "equal") {
		t.Error(out)
	}
	server.Close()
	t.Setenv("RONGXIN_PLATFORM_ATTEMPTS", "2")
	if code, _, errs := rongxin(t, home, "reconcile", "--to", server.URL); code != exitTemporary {
		t.Errorf("a platform that is gone: exit %d, want %d: %s", code, exitTemporary, errs)
	}
}

// noPersonalNumbers looks for person ids, of which the extracts hold many, in
// every table of the home. Only the extracts themselves keep them, for their
// owner's eyes.
func noPersonalNumbers(t *testing.T, home string) {
	ids := personIDs(t, home)
	if len(ids) < 100 {
		t.Fatalf("only %d personal numbers in the extracts: nothing to look for", len(ids))
	}
	extracts, err := filepath.Glob(filepath.Join(home, "landing", "*", "*", "*", "extract.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range extracts {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v, %v", file, info.Mode(), err)
		}
	}
	db := attach(t, published(t, home))
	for _, file := range parquetFiles(t, home) {
		columns, err := db.Columns(context.Background(), "select * from read_parquet("+engine.Quote(file)+")")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			if c.Type != "VARCHAR" {
				continue
			}
			query := fmt.Sprintf("select count(*) from read_parquet(%s) where regexp_matches(%s, '350[0-9]{3}190[0-9][0-9]{6}[0-9X]')", engine.Quote(file), engine.Ident(c.Name))
			if n := count(t, db, query); n > 0 {
				t.Errorf("%s: column %s holds %d clear personal numbers", file, c.Name, n)
			}
		}
	}
}

func parquetFiles(t *testing.T, home string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(home, func(file string, e os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(file, ".parquet") {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// personIDs reads the made-up person ids (births 1900 to 1909) of the extracts.
func personIDs(t *testing.T, home string) []string {
	t.Helper()
	batches, err := landing.List(home)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range batches {
		if !strings.HasPrefix(b.Dataset, "samr/") || b.Extract.Format != "csv" {
			continue
		}
		extract, err := landing.OpenExtract(home, b, secret.NewRing(home+".keys"))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(extract)
		if err = errors.Join(err, extract.Close()); err != nil {
			t.Fatal(err)
		}
		for _, cell := range strings.FieldsFunc(string(data), func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
			if len(cell) == 18 && strings.HasPrefix(cell, "350") && strings.HasPrefix(cell[6:], "190") {
				ids = append(ids, cell)
			}
		}
	}
	return ids
}
