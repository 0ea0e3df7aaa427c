package evaluators_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

const cityPlan = "inspection_plans/city.yml"

func seedOf(t *testing.T, set *evaluators.RuleSet, name string) run.Seed {
	t.Helper()
	seeds := set.Seeds()
	at := slices.IndexFunc(seeds, func(s run.Seed) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("no seed %s", name)
	}
	return seeds[at]
}

// cells are the named columns of a seed as text, a row a line.
func cells(t *testing.T, seed run.Seed, names ...string) []string {
	t.Helper()
	var lines []string
	for _, row := range seed.Rows {
		var line []string
		for _, name := range names {
			at := slices.IndexFunc(seed.Columns, func(c landing.Column) bool { return c.Name == name })
			if at < 0 {
				t.Fatalf("%s has no column %s", seed.Name, name)
			}
			value := fmt.Sprint(row[at])
			if row[at] == nil {
				value = "-"
			}
			line = append(line, value)
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return lines
}

// The ratios are those of Fujian 2018, sharper where market supervision sees a
// high risk, and the lines that fit all come last.
func TestQuotas(t *testing.T) {
	want := []string{
		"1 IQ-A 1 - - A 0 0 1 0", "2 IQ-D 1 - - D 3000 3000 4 0", "2 IQ-D 2 - - D 3000 3000 4 0", "2 IQ-D 3 - - D 3000 3000 4 0",
		"3 IQ-C 1 - - C 2000 2000 2 0", "3 IQ-C 2 - - C 2000 2000 2 0",
		"4 IQ-1 1 - - - 0 500 1 0", "5 IQ-2 2 - - - 1500 1500 1 0", "6 IQ-3 3 - - - 2000 2000 2 0", "7 IQ-4 4 - - - 3000 3000 4 1",
	}
	got := cells(t, seedOf(t, ruleSet(t, os.DirFS("rules")), "rules.inspection_quotas"), "position", "quota_id", "supervision_class",
		"industry_section", "industry_division", "risk_class", "ratio_min_bp", "check_ratio_bp", "max_checks", "minimum")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A line for industries has a row for each, sections and divisions apart.
func TestQuotasByIndustry(t *testing.T) {
	set := ruleSet(t, changedRules(t, cityPlan, "  - {id: IQ-2, ",
		"  - {id: IQ-F, classes: [2], industries: [C, '62'], risk_classes: [B, C], ratio_min: 10%, ratio: 12.5%, max_checks_per_year: 2, frequency: 每年2次, trust: proposal, basis: 试}\n  - {id: IQ-2, "))
	var got []string
	for _, line := range cells(t, seedOf(t, set, "rules.inspection_quotas"), "quota_id", "supervision_class", "industry_section", "industry_division", "risk_class", "check_ratio_bp") {
		if strings.HasPrefix(line, "IQ-F ") {
			got = append(got, line)
		}
	}
	if diff := cmp.Diff([]string{"IQ-F 2 C - B 1250", "IQ-F 2 C - C 1250", "IQ-F 2 - 62 B 1250", "IQ-F 2 - 62 C 1250"}, got); diff != "" {
		t.Error(diff)
	}
}

// The rest of the plan comes out as it was written.
func TestPlanSeeds(t *testing.T) {
	set := ruleSet(t, os.DirFS("rules"))
	for _, tt := range []struct {
		seed, columns string
		want          []string
	}{
		{"rules.inspection_plans", "plan period control_share_bp inspectors_per_object spares publish_within_working_days", []string{"city 2026-Q2 1000 2 1 20"}},
		{"rules.inspection_plan_schemes", "scheme plan", []string{"overall city",
			"bidding city", "catering city", "construction city", "customs city", "drugs city", "ecology city", "fire city", "food city",
			"labour city", "medical city", "price city", "property city", "research_integrity city", "road_transport city",
			"social_organisations city", "statistics city", "tax city", "wage_arrears city", "water city", "work_safety city"}},
		{"rules.inspection_conflicts", "conflict months", []string{"former_employer -", "declared_interest -", "recent_visit 12"}},
		{"rules.inspection_exclusions", "exclusion months registration_status result_code supervision_class risk_class", []string{
			"new 12 - - - -", "closed - 吊销 - - -", "closed - 注销 - - -", "closed - 迁出 - - -", "closed - - 7 - -", "closed - - 9 - -",
			"closed - - 10 - -", "closed - - 11 - -", "closed - - 12 - -", "inspected - - - - -", "cap_reached - - - - -", "no_disturbance - - - 1 A"}},
		{"rules.inspection_initiators", "position department", []string{
			"1 市市场监督管理局", "2 市生态环境局", "3 市人力资源和社会保障局", "4 市税务局", "5 市公共信用信息中心"}},
		{"rules.inspection_joint_caps", "supervision_class max_visits", []string{"1 1", "2 2", "3 4", "4 6"}},
	} {
		if diff := cmp.Diff(tt.want, cells(t, seedOf(t, set, tt.seed), strings.Fields(tt.columns)...)); diff != "" {
			t.Errorf("%s: %s", tt.seed, diff)
		}
	}
}

// A list speaks for the month, quarter or year that its day lies in.
func TestPeriod(t *testing.T) {
	for _, tt := range []struct {
		kind string
		day  credit.Date
		want string
	}{
		{"month", credit.NewDate(2028, 2, 29), "2028-02 2028-02-01 2028-02-29"},
		{"quarter", credit.NewDate(2026, 3, 31), "2026-Q1 2026-01-01 2026-03-31"},
		{"quarter", credit.NewDate(2026, 10, 1), "2026-Q4 2026-10-01 2026-12-31"},
		{"year", credit.NewDate(2026, 12, 31), "2026 2026-01-01 2026-12-31"},
	} {
		library, err := evaluators.Load(changedRules(t, cityPlan, "period: quarter", "period: "+tt.kind))
		if err != nil {
			t.Fatal(err)
		}
		set, err := library.On(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		row := seedOf(t, set, "rules.inspection_plans").Rows[0]
		got := fmt.Sprint(row[7], " ", row[8].(time.Time).Format(time.DateOnly), " ", row[9].(time.Time).Format(time.DateOnly))
		if got != tt.want {
			t.Errorf("%s of %s: %s, want %s", tt.kind, tt.day, got, tt.want)
		}
	}
}

// A scheme may have a plan of its own; no list has none or two.
func TestPlanOfAScheme(t *testing.T) {
	with := func(schemes ...string) fs.FS {
		files := changedRules(t, cityPlan, "period: quarter", "period: quarter").(fstest.MapFS)
		text := string(files[cityPlan].Data)
		for i, scheme := range schemes {
			own := strings.Replace(text, "inspection_plan: city", fmt.Sprintf("inspection_plan: p%d", i), 1)
			own = strings.Replace(own, "schemes: []", "schemes: ["+scheme+"]", 1)
			files[fmt.Sprintf("inspection_plans/p%d.yml", i)] = &fstest.MapFile{Data: []byte(own)}
		}
		return files
	}
	got := cells(t, seedOf(t, ruleSet(t, with("food")), "rules.inspection_plan_schemes"), "scheme", "plan")
	own := 0
	for _, line := range got {
		if line == "food p0" {
			own++
		} else if !strings.HasSuffix(line, " city") {
			t.Errorf("%s, want the plan of the city", line)
		}
	}
	if own != 1 {
		t.Errorf("food has its own plan in %d lines of %v", own, got)
	}
	for name, tt := range map[string]struct{ schemes, want string }{
		"two plans of a scheme":  {"food|food", "scheme food follows p0 already"},
		"a scheme nobody knows":  {"forestry", "scheme forestry is not in force"},
		"two plans for the rest": {"", "2 inspection plans without schemes"},
	} {
		library, err := evaluators.Load(with(strings.Split(tt.schemes, "|")...))
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := library.On(day); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
