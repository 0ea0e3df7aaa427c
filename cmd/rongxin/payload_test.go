package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rongxin/internal/city"
	"rongxin/pipelines/payload"
	"rongxin/warehouse/engine"
)

// Of a seeded city every table has records to send, but that of measures, which
// departments answer; nothing is lost between read and sent; and every penalty that
// was told differently by two routes is found, with its difference.
func TestPayloadsOfACity(t *testing.T) {
	home, dir := landedCity(t, "2000")
	mustRun(t, home, "run", "--as-of", asOf)
	heldFile := filepath.Join(t.TempDir(), "held.csv")
	var report dryRun
	lastJSON(t, mustRun(t, home, "publish", "--dry-run", "--held", heldFile, "--json"), &report)
	if len(report.Tables) != 7 {
		t.Fatalf("%d tables", len(report.Tables))
	}
	held := map[string]map[string]bool{}
	for _, row := range readTable(t, heldFile) {
		if held[row[0]] == nil {
			held[row[0]] = map[string]bool{}
		}
		held[row[0]][row[1]] = true
	}
	for _, c := range report.Tables {
		if c.Read != c.ToSend+c.HeldBack+c.NotForReceiver || len(held[c.Table]) != c.HeldBack {
			t.Errorf("%+v, %d in the file", c, len(held[c.Table]))
		}
		if (c.ToSend == 0) != (c.Table == "measures") || (c.Example == nil) != (c.ToSend == 0) {
			t.Errorf("%s has %d records to send", c.Table, c.ToSend)
		}
		if personal := slices.ContainsFunc(c.Reasons, func(r payload.Reason) bool { return r.Code == "PERSONAL" }); personal {
			t.Errorf("%s holds a person's number: %+v", c.Table, c.Reasons)
		}
	}
	out := mustRun(t, home, "publish", "--dry-run", "--table", "penalty_actions")
	for _, want := range []string{"nothing is sent", "penalty_actions  处罚行为", "PA-4", `"punish_file_num": "`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if strings.Contains(out, "check_actions") {
		t.Error("a table that was not asked for")
	}
	if code, _, errs := rongxin(t, home, "publish", "--dry-run", "--table", "penalty"); code != exitBadConfig || !strings.Contains(errs, "unknown table penalty") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if code, _, errs := rongxin(t, home, "publish", "--table", "measures"); code != exitBadConfig || !strings.Contains(errs, "--dry-run") {
		t.Errorf("exit %d, %s", code, errs)
	}
	routesFound(t, home, dir)
}

// routesFound compares the differences of the run with what the city was told to
// write differently. A seeded fault of the other row may hide one or make another.
func routesFound(t *testing.T, home, dir string) {
	t.Helper()
	db := attach(t, published(t, home), "marts.route_differences", "staging.supervision__penalty_actions")
	rows, err := db.Query(context.Background(), `select actions.action_no || ' ' || d.difference from marts.route_differences as d
		join staging.supervision__penalty_actions as actions on actions.record_id = d.action_record_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		found[one] = true
	}
	spoilt := map[string]bool{} // decisions whose row in double publicity has a seeded fault
	for _, d := range readTable(t, filepath.Join(dir, "truth", "defects.csv")) {
		if strings.HasSuffix(d[2], "/penalties") {
			spoilt[d[8]] = true
		}
	}
	seeded := readTable(t, filepath.Join(dir, "truth", "routes.csv"))
	kinds := map[string]bool{}
	for _, d := range seeded {
		kinds[d[1]] = true
		if document := documentOf(t, db, d[0]); !found[d[0]+" "+d[1]] && !spoilt[document] {
			t.Errorf("%s of %s, %s, is not found", d[1], d[0], document)
		}
		delete(found, d[0]+" "+d[1])
	}
	if len(kinds) != 4 || len(found) > len(spoilt) {
		t.Errorf("seeded %v; beside them %v, with %d seeded faults in double publicity", kinds, found, len(spoilt))
	}
	file := filepath.Join(t.TempDir(), "差异.csv")
	var report routesReport
	lastJSON(t, mustRun(t, home, "quality", "routes", "--csv", file, "--json"), &report)
	total := 0
	for _, n := range report.Counts {
		total += n
	}
	if total != len(report.Differences) || total < len(seeded) || len(readTable(t, file)) != total {
		t.Errorf("%v of %d differences", report.Counts, len(report.Differences))
	}
	if out := mustRun(t, home, "quality", "routes"); !strings.Contains(out, "罚款金额相差一万倍") || !strings.Contains(out, "核对单位") {
		t.Error(out)
	}
	one := report.Differences[0].Authority
	lastJSON(t, mustRun(t, home, "quality", "routes", "--department", one, "--json"), &report)
	if len(report.Differences) == 0 || len(report.Differences) == total {
		t.Errorf("%d differences of %s", len(report.Differences), one)
	}
}

func documentOf(t *testing.T, db *engine.DB, actionNo string) (document string) {
	t.Helper()
	query := "select document_no from staging.supervision__penalty_actions where action_no = ?"
	if err := db.QueryRow(t.Context(), query, actionNo).Scan(&document); err != nil {
		t.Fatal(err)
	}
	return document
}

// A clean city tells every penalty alike by both routes.
func TestRoutesOfACleanCity(t *testing.T) {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Config{Enterprises: 3000, Seed: 1, Clean: true, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "truth", "routes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if rows, err := csv.NewReader(f).ReadAll(); err != nil || len(rows) != 1 {
		t.Error(fmt.Errorf("%d rows, %w", len(rows), err))
	}
}
