package city_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/city"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
)

// A clean city keeps every contract; in a city with faults only the rows that
// truth/defects.csv names break theirs.
func TestRowsKeepTheirContracts(t *testing.T) {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	for _, clean := range []bool{true, false} {
		m := read(t, city.Config{Enterprises: 4000, Seed: 11, Clean: clean})
		known := map[string]bool{}
		for _, d := range m.defects(t) {
			known[fmt.Sprintf("%s:%d", d.file, d.line)] = true
		}
		for _, one := range m.tables {
			c, err := catalog.Find(one.dataset)
			if err != nil {
				t.Fatal(err)
			}
			checkHeader(t, c, one)
			keys := map[string]int{}
			for _, l := range one.rows {
				at := fmt.Sprintf("%s:%d", one.file, l.number)
				if known[at] {
					continue
				}
				for _, fault := range faults(c, one, l, keys) {
					t.Errorf("clean=%v %s: %s", clean, at, fault)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}

func TestEveryDatasetIsSent(t *testing.T) {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"civil/abnormal_activities", "civil/organisations", "civil/ratings", "civil/severe",
		"construction/grades", "construction/property_grades",
		"court/judgment_debtors", "credit/cases", "credit/commitments", "credit/force_majeure", "credit/honours",
		"credit/manual_overrides", "credit/revocations", "culture/severe", "customs/grades", "customs/severe", "ecology/grades", "ecology/penalties",
		"emergency/severe", "finance/procurement_violations", "fire/inspections", "health/demerits", "health/licences",
		"inspection/annual_plans", "inspection/inspectors", "inspection/interests", "inspection/items", "inspection/results", "inspection/tasks", "inspection/visits",
		"labour/grades", "labour/wage_arrears", "medical_insurance/violations",
		"ndrc/public_results", "samr/abnormal_operations", "samr/drug_grades", "samr/food_grades", "samr/inspections", "samr/penalties", "samr/permits",
		"samr/price_grades", "samr/registrations", "samr/risk_classes", "samr/severe_violations", "science/research_integrity", "statistics/severe",
		"supervision/items", "supervision/penalty_actions",
		"tax/grades", "tax/major_violations", "trading/bids", "trading/violations", "transport/grades", "transport/overloading", "water_conservancy/grades",
	}
	for _, dataset := range want {
		if _, err := catalog.Find(dataset); err != nil {
			t.Error(err)
		}
	}
	var got []string
	for _, one := range read(t, city.Config{Enterprises: 4000, Seed: 3}).tables {
		got = append(got, one.dataset)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Error(diff)
	}
}

func checkHeader(t *testing.T, c *contract.Contract, one table) {
	t.Helper()
	var want []string
	for _, f := range c.Fields {
		want = append(want, f.Name)
	}
	got := slices.DeleteFunc(slices.Clone(one.header), func(name string) bool { return slices.Contains(c.Ignore, name) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: header: %s", one.file, diff)
	}
}

// faults judges a row as landing would, strictly: what landing flags is a fault.
func faults(c *contract.Contract, one table, l line, keys map[string]int) (found []string) {
	complain := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if last := strings.HasSuffix(one.file, ".csv"); last && len(l.cells) != len(one.header) {
		complain("%d fields of %d", len(l.cells), len(one.header))
		return found
	}
	for _, f := range c.Fields {
		value := one.cell(l, f.Name)
		required := f.Required.Always || f.Required.Field != "" && slices.Contains(f.Required.In, one.cell(l, f.Required.Field))
		switch {
		case value == "" && required:
			complain("%s: missing", f.Name)
		case value != "":
			if why := valueFault(f, value, one.day); why != "" {
				complain("%s: %q: %s", f.Name, value, why)
			}
		}
	}
	if c.Clock != nil {
		from, _ := credit.ParseDate(one.cell(l, c.Clock.From))
		to, _ := credit.ParseDate(one.cell(l, c.Clock.To))
		if due, err := credit.WorkCalendar().AddWorkingDays(from, c.Clock.Within); err != nil || to > due {
			complain("reported %s, due %s %v", to, due, err)
		}
	}
	var key []string
	for _, name := range c.Key {
		key = append(key, one.cell(l, name))
	}
	if before := keys[strings.Join(key, "|")]; before != 0 {
		complain("same key as line %d: %v", before, key)
	}
	keys[strings.Join(key, "|")] = l.number
	return found
}

func valueFault(f contract.Field, value, day string) string {
	if f.MaxLength > 0 && utf8.RuneCountInString(value) > f.MaxLength {
		return "too long"
	}
	switch f.Type {
	case contract.USCC:
		if credit.ClassifyCode(value) != credit.CodeValid {
			return "not a valid code"
		}
	case contract.Code:
		for _, one := range strings.FieldsFunc(value, contract.PartsCodes) {
			if f.Several && one != value {
				if fault := valueFault(f, one, day); fault != "" {
					return fault
				}
			}
		}
		if f.Several && strings.ContainsFunc(value, contract.PartsCodes) {
			return ""
		}
		if !slices.ContainsFunc(f.Codes, func(c contract.CodeValue) bool { return c.Source == value }) {
			return "not in the list"
		}
	case contract.Date:
		on, err := credit.ParseDate(value)
		received, _ := credit.ParseDate(day)
		if err != nil || f.NotAfter != "" && on > received {
			return "not a date by " + day
		}
	case contract.Integer, contract.Decimal, contract.Money:
		n, err := contract.ParseScaled(value, f.Scale, false)
		if err != nil || f.Min != nil && n < *f.Min || f.Max != nil && n > *f.Max || f.WarnAbove != nil && n > *f.WarnAbove {
			return "out of range"
		}
	case contract.PersonID:
		id, err := credit.ParsePersonID(value)
		if err != nil || id.Born.Year() < 1900 || id.Born.Year() > 1909 {
			return "not an id of a birth in 1900 to 1909"
		}
	case contract.RegistrationNo:
		if !credit.ValidRegistrationNo(value) {
			return "not a registration number"
		}
	case contract.Division:
		if d, ok := credit.FindDivision(value); !ok || !d.Current() {
			return "not a current division"
		}
	case contract.Industry:
		if _, ok := credit.FindIndustry(f.Edition, value); !ok || len(value) != 4 {
			return "not an industry class"
		}
	}
	if strings.ContainsRune(value, '\ufffd') {
		return "undecodable"
	}
	return ""
}
