package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/city"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/run"
)

// What a city's truth says must be in the figures: at least 995 of 1000 seeded
// faults are found, and what is found at rows that are right has a reason.
func TestQualityOfCities(t *testing.T) {
	var seeded, found, stray int
	why := map[string]int{}
	for _, seed := range []string{"1", "2", "3"} {
		home, dir := landedCity(t, "2000", "--seed", seed)
		mustRun(t, home, "run", "--as-of", asOf)
		r := published(t, home)
		defects := readTable(t, filepath.Join(dir, "truth", "defects.csv"))
		findings := findingsByRow(t, r)
		faulty, spoilt := map[string]bool{}, map[string]bool{} // rows; codes of registrations, as they are and as they should be
		for _, d := range defects {
			seeded++
			row := path.Base(d[1]) + ":" + d[3]
			faulty[row] = true
			if d[2] == "samr/registrations" {
				spoilt[d[8]], spoilt[d[6]] = true, true
			}
			if kind := city.Kind(d[5]); slices.ContainsFunc(findingsOf[string(kind)], func(want string) bool { return slices.Contains(findings[row], want) }) {
				found++
			} else {
				t.Logf("seed %s: %s %s at %s: %v", seed, d[0], kind, row, findings[row])
			}
		}
		for row, codes := range findings {
			if faulty[row] {
				continue
			}
			for _, code := range codes {
				stray++
				why[code]++
			}
		}
		explained(t, r, faulty, spoilt)
		coverageAsTold(t, r, filepath.Join(dir, "truth", "deliveries.csv"))
		sumsHold(t, r)
	}
	t.Logf("figure recall=%d/%d (%.2f%%) findings at right rows=%d %v", found, seeded, 100*float64(found)/float64(seeded), stray, why)
	if 1000*found < 995*seeded {
		t.Errorf("%d of %d seeded faults were found", found, seeded)
	}
}

// explained checks every finding at a row that is right: a spoilt registration
// leaves the records of its enterprise without a subject or under another's
// name, both rows of a duplicate are told, and so is a right grade that the
// nation's right grade refuses.
func explained(t *testing.T, r *run.Run, faulty, spoilt map[string]bool) {
	t.Helper()
	rows, err := attach(t, r, "marts.quality_findings", "run.batches").Query(context.Background(),
		`select b.extract_name || ':' || f.line, f.finding, coalesce(f.subject_id, '') from marts.quality_findings as f
		join run.batches as b on b.dataset = f.dataset and b.batch_id = f.batch_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var row, finding, code string
		if err := rows.Scan(&row, &finding, &code); err != nil {
			t.Fatal(err)
		}
		known := slices.Contains([]string{"CODE_UNREGISTERED", "DUPLICATE_CODE", "DUPLICATE_ORGANISATION_CODE", "NAME_MISMATCH"}, finding)
		if !faulty[row] && !(known && spoilt[code]) && finding != "PUBLIC_GRADE_CONFLICT" {
			t.Errorf("%s of %s at %s, where nothing is wrong", finding, code, row)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func readTable(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", file, len(rows), err)
	}
	return rows[1:]
}

// findingsByRow are the findings of a run by file:line, those answered since too.
func findingsByRow(t *testing.T, r *run.Run) map[string][]string {
	t.Helper()
	rows, err := attach(t, r, "marts.findings_told", "run.batches").Query(context.Background(),
		`select b.extract_name, f.line, f.finding from marts.findings_told as f
		join run.batches as b on b.dataset = f.dataset and b.batch_id = f.batch_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var file, finding string
		var line int64
		if err := rows.Scan(&file, &line, &finding); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(file, ":", line)
		found[key] = append(found[key], finding)
	}
	return found
}

// coverageAsTold compares what a department's calendar of reports became with
// what the city knows of it.
func coverageAsTold(t *testing.T, r *run.Run, truth string) {
	t.Helper()
	want := map[string]string{}
	for _, d := range readTable(t, truth) {
		want[d[0]+" "+d[1]] = d[2] + " " + d[3]
	}
	rows, err := attach(t, r, "marts.coverage").Query(context.Background(), `select dataset, period, coalesce(cast(first_received_on as varchar), ''), state
		from marts.coverage where dataset = 'samr/inspections' and period >= '2026-01'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]string{}
	for rows.Next() {
		var dataset, period, received, state string
		if err := rows.Scan(&dataset, &period, &received, &state); err != nil {
			t.Fatal(err)
		}
		got[dataset+" "+period] = received + " " + state
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("coverage: %s", diff)
	}
	states := slices.Sorted(maps.Values(want))
	if len(states) != 6 {
		t.Errorf("the city tells of %d reports", len(states))
	}
}

// sumsHold checks that no row is lost between the tables: rows of divisions are
// the rows received, late records those counted late, problems all findings.
func sumsHold(t *testing.T, r *run.Run) {
	t.Helper()
	db := attach(t, r, append(workbook.NoticeTables(), "marts.quality_findings", "marts.quality_summary", "marts.findings_told", "intermediate.subjects")...)
	for _, pair := range [][2]string{
		{"select sum(rows_read) from marts.quality_monthly", "select sum(rows_read) from run.batches"},
		{"select sum(rows_rejected) from marts.quality_monthly", "select sum(rows_rejected) from run.batches"},
		{"select sum(publication_late_rows) from marts.quality_monthly", "select count(*) from marts.late_records"},
		{"select sum(findings_told) from marts.quality_monthly", "select count(*) from marts.findings_told where wants_answer"},
		{"select sum(findings) from marts.quality_problems", "select count(*) from marts.findings_told"},
		{"select sum(wrong_code_rows) from marts.quality_summary", "select count(distinct dataset || batch_id || ':' || line) from marts.quality_findings where measure = 'wrong_code'"},
		{"select sum(live_codes) from marts.code_quality", "select count(*) from intermediate.subjects where registration_status in ('存续', '吊销')"},
	} {
		if a, b := count(t, db, pair[0]), count(t, db, pair[1]); a != b || a == 0 {
			t.Errorf("%s is %d, %s is %d", pair[0], a, pair[1], b)
		}
	}
}
