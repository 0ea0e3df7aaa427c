package metrics_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"rongxin/internal/metrics"
)

// write tells a call of a verb.
func write(t *testing.T, home, verb string, tell func(*metrics.Report)) {
	t.Helper()
	var r metrics.Report
	tell(&r)
	if err := r.Write(context.Background(), home, verb); err != nil {
		t.Fatal(err)
	}
}

// samples are the lines of a verb's text file that are no comments.
func samples(t *testing.T, home, verb string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(metrics.Dir(home), metrics.FileName(verb)))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// A failed call takes nothing from what an earlier one told: counters go on, what
// it did not speak of stays.
func TestCallsAddUp(t *testing.T) {
	home := t.TempDir()
	write(t, home, "land", func(r *metrics.Report) {
		r.Set(metrics.LastSuccess, 100, "land")
		r.Set(metrics.ExitCode, 0, "land")
		r.Add(metrics.Runs, 1, "land", "0")
		r.Add(metrics.LandRead, 30, "tax/grades")
		r.Add(metrics.LandRead, 2, "tax/grades")
		r.Set(metrics.LandLast, 99, "tax/grades")
	})
	write(t, home, "land", func(r *metrics.Report) {
		r.Set(metrics.ExitCode, 65, "land")
		r.Add(metrics.Runs, 1, "land", "65")
		r.Add(metrics.LandRead, 5, "tax/grades")
		r.Add(metrics.LandRead, 7, "samr/penalties")
	})
	want := []string{
		`rongxin_land_last_extract_timestamp_seconds{dataset="tax/grades"} 99`,
		`rongxin_land_rows_read_total{dataset="samr/penalties"} 7`,
		`rongxin_land_rows_read_total{dataset="tax/grades"} 37`,
		`rongxin_verb_last_exit_code{verb="land"} 65`,
		`rongxin_verb_last_success_timestamp_seconds{verb="land"} 100`,
		`rongxin_verb_runs_total{code="0",verb="land"} 1`,
		`rongxin_verb_runs_total{code="65",verb="land"} 1`,
	}
	if diff := cmp.Diff(want, samples(t, home, "land")); diff != "" {
		t.Error(diff)
	}
}

// What is told anew of a part takes the place of all that was told of it.
func TestRenewTakesBackAPart(t *testing.T) {
	home := t.TempDir()
	write(t, home, "land", func(r *metrics.Report) {
		r.Set(metrics.LandLast, 1, "tax/grades")
		r.Set(metrics.LandLast, 2, "samr/penalties")
		r.Add(metrics.LandRead, 1, "tax/grades")
	})
	write(t, home, "land", func(r *metrics.Report) { r.Renew(metrics.LandLast, "tax/grades") })
	want := []string{`rongxin_land_last_extract_timestamp_seconds{dataset="samr/penalties"} 2`, `rongxin_land_rows_read_total{dataset="tax/grades"} 1`}
	if diff := cmp.Diff(want, samples(t, home, "land")); diff != "" {
		t.Error(diff)
	}
	write(t, home, "land", func(r *metrics.Report) { r.Renew(metrics.LandLast) })
	if diff := cmp.Diff(want[1:], samples(t, home, "land")); diff != "" {
		t.Error(diff)
	}
}

// Calls at the same time lose nothing of each other's.
func TestCallsAtOnce(t *testing.T) {
	home, calls := t.TempDir(), 8
	var group sync.WaitGroup
	for range calls {
		group.Go(func() {
			var r metrics.Report
			r.Add(metrics.LandRead, 1, "tax/grades")
			if err := r.Write(context.Background(), home, "land"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff([]string{`rongxin_land_rows_read_total{dataset="tax/grades"} 8`}, samples(t, home, "land")); diff != "" {
		t.Error(diff)
	}
}

// What another version told, a half file and a killed call's leavings end with the
// next call, and a file that cannot be read is said.
func TestWhatWasLeftBehind(t *testing.T) {
	home := t.TempDir()
	dir := metrics.Dir(home)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("land.prom", "# TYPE rongxin_old_total counter\nrongxin_old_total 1\n# TYPE rongxin_land_rows_read_total counter\n"+
		"rongxin_land_rows_read_total{dataset=\"tax/grades\"} 4\nrongxin_land_rows_read_total{dataset=\"tax/grades\",more=\"x\"} 4\n")
	put("land.prom123", "rongxin")
	write(t, home, "land", func(r *metrics.Report) { r.Add(metrics.LandRead, 1, "tax/grades") })
	if diff := cmp.Diff([]string{`rongxin_land_rows_read_total{dataset="tax/grades"} 5`}, samples(t, home, "land")); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "land.prom123")); err == nil {
		t.Error("land.prom123 was left")
	}

	put("land.prom", "rongxin_land_rows_read_total{dataset=")
	put("run.prom", "# TYPE rongxin_verb_last_exit_code gauge\nrongxin_verb_last_exit_code{verb=\"run\"} 0\n")
	families, err := metrics.Home(home).Gather()
	if err == nil || !strings.Contains(err.Error(), "land.prom") || len(families) != 1 {
		t.Errorf("gathered %d families, %v; want those of run, and land.prom named", len(families), err)
	}
	var r metrics.Report
	r.Add(metrics.LandRead, 1, "tax/grades")
	if err := r.Write(context.Background(), home, "land"); err == nil || !strings.Contains(err.Error(), "begun anew") {
		t.Errorf("%v, want to hear that the file is begun anew", err)
	}
	if diff := cmp.Diff([]string{`rongxin_land_rows_read_total{dataset="tax/grades"} 1`}, samples(t, home, "land")); diff != "" {
		t.Error(diff)
	}
}

// A slip in telling is said and costs nothing else of the report.
func TestFaultsOfAReport(t *testing.T) {
	home := t.TempDir()
	for name, slip := range map[string]func(*metrics.Report){
		"no label":        func(r *metrics.Report) { r.Add(metrics.LandRead, 1) },
		"gauge counted":   func(r *metrics.Report) { r.Add(metrics.LandLast, 1, "tax/grades") },
		"live in a file":  func(r *metrics.Report) { r.Set(metrics.ServeAsOf, 1) },
		"another's":       func(r *metrics.Report) { r.Set(metrics.ExitCode, 1, "run") },
		"of another verb": func(r *metrics.Report) { r.Add(metrics.LandRead, 1, "tax/grades") },
	} {
		var r metrics.Report
		slip(&r)
		r.Set(metrics.ExitCode, 0, "code check")
		if err := r.Write(context.Background(), home, "code check"); err == nil || !strings.Contains(err.Error(), "metric rongxin_") {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]string{`rongxin_verb_last_exit_code{verb="code check"} 0`}, samples(t, home, "code check")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Everything that can be told, told by every verb: a collector that reads all the
// files finds no series twice and one help for each name, and /metrics the same.
func TestAllFilesTogether(t *testing.T) {
	home := t.TempDir()
	verbs := map[string]bool{"verify": true}
	for _, m := range metrics.All() {
		if m.Verb != "" {
			verbs[m.Verb] = true
		}
	}
	for verb := range verbs {
		write(t, home, verb, func(r *metrics.Report) {
			for _, m := range metrics.All() {
				values := make([]string, len(m.Labels))
				switch {
				case m.Live || m.Verb != "" && m.Verb != verb:
					continue
				case m.Verb == "":
					values[0] = verb
				}
				if m.Type == metrics.Counter {
					r.Add(m, 1, values...)
				} else {
					r.Set(m, 1, values...)
				}
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(metrics.Dir(home), "*.prom"))
	if err != nil || len(files) != len(verbs) {
		t.Fatalf("%d files of %d verbs, %v", len(files), len(verbs), err)
	}
	var each prometheus.Gatherers
	for _, file := range files {
		each = append(each, prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			f, err := os.Open(file)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			parser := expfmt.NewTextParser(model.LegacyValidation)
			found, err := parser.TextToMetricFamilies(f)
			var list []*dto.MetricFamily
			for _, family := range found {
				list = append(list, family)
			}
			return list, err
		}))
	}
	raw, err := each.Gather()
	if err != nil {
		t.Fatalf("the files do not go together: %v", err)
	}
	shown, err := prometheus.Gatherers{metrics.Home(home)}.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, raw), text(t, shown)); diff != "" {
		t.Errorf("/metrics shows something else than the files: %s", diff)
	}
	if personal := regexp.MustCompile(`subject|enterprise|uscc|person`); personal.MatchString(strings.Join(labelNames(raw), " ")) {
		t.Errorf("a label tells of somebody: %v", labelNames(raw))
	}
}

func text(t *testing.T, families []*dto.MetricFamily) string {
	t.Helper()
	var b strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func labelNames(families []*dto.MetricFamily) (names []string) {
	for _, f := range families {
		for _, m := range f.Metric {
			for _, l := range m.Label {
				names = append(names, l.GetName())
			}
		}
	}
	return names
}
