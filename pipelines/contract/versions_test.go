package contract_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// tree is a catalogue of the small contract and one earlier version of it.
func tree(newest, earlier, name string) fstest.MapFS {
	return fstest.MapFS{
		"water/arrears.yml": {Data: []byte(newest)},
		name:                {Data: []byte(earlier)},
	}
}

var newest = strings.NewReplacer("version: 1", "version: 2", "2026-04-01", "2026-07-01").Replace(small) + "  - {name: 备注, as: remark, type: text}\n"

func TestVersions(t *testing.T) {
	earlier := with("fields:", "fields:\n  - {name: 抄表员, as: reader, type: text}")
	earlier = strings.Replace(earlier, "effective_from: 2026-04-01", "effective_from: 2026-04-01\neffective_to: 2026-09-30", 1)
	catalog, err := contract.Load(tree(newest, earlier, "water/arrears.v1.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := catalog.Find("water/arrears"); err != nil || c.Version != 2 || len(catalog.All()) != 1 {
		t.Error(c, err)
	}
	versions := catalog.Versions("water/arrears")
	for day, want := range map[credit.Date][]int{
		credit.NewDate(2026, 3, 31): nil, credit.NewDate(2026, 4, 1): {1}, credit.NewDate(2026, 7, 1): {2, 1},
		credit.NewDate(2026, 9, 30): {2, 1}, credit.NewDate(2026, 10, 1): {2},
	} {
		var got []int
		for _, c := range versions {
			if c.ValidOn(day) {
				got = append(got, c.Version)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("on %s: %s", day, diff)
		}
	}
	var columns []string
	for _, c := range catalog.Landing("water/arrears").Columns {
		columns = append(columns, c.Name)
	}
	if tail := columns[len(columns)-2:]; !slices.Equal(tail, []string{"remark", "reader"}) {
		t.Errorf("columns %v", columns)
	}
}

func TestVersionFaults(t *testing.T) {
	for name, test := range map[string]struct{ newest, earlier, file, want string }{
		"a number that is another's": {newest, with("version: 1", "version: 2"), "water/arrears.v1.yml", "water/arrears.v1.yml: it is version 2: name it water/arrears.v2.yml"},
		"the same number":            {small, small, "water/arrears.v1.yml", "water/arrears.yml: version: water/arrears.v1.yml is version 1 too"},
		"newer than the newest":      {small, newest, "water/arrears.v2.yml", "water/arrears.v2.yml: is newer than water/arrears.yml"},
		"no newest":                  {newest, small, "water/debts.v1.yml", "water/debts.v1.yml: 3"},
		"not later":                  {strings.Replace(newest, "2026-07-01", "2026-04-01", 1), small, "water/arrears.v1.yml", "effective_from: want a day after that of version 1, 2026-04-01"},
		"another delivery":           {strings.Replace(newest, "delivery: delta", "delivery: snapshot", 1), small, "water/arrears.v1.yml", "source: version 1 is csv, delta"},
		"another key":                {strings.Replace(newest, "key: [户号, 账期]", "key: [户号]", 1), small, "water/arrears.v1.yml", "key: want the columns of version 1, account_no, period"},
		"a column of another type":   {strings.Replace(newest, "decimal(5,2)", "decimal(7,2)", 1), small, "water/arrears.v1.yml", "the column rate is DECIMAL(7,2), in version 1 DECIMAL(5,2): name it another"},
		"it ends before it begins":   {newest, with("effective_from: 2026-04-01", "effective_from: 2026-04-01\neffective_to: 2026-03-01"), "water/arrears.v1.yml", "water/arrears.v1.yml:4:1: effective_to: want a day such as"},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.want
			if name == "no newest" {
				want = "dataset: is water/arrears, but the file stands at water/debts.v1.yml"
			}
			if _, err := contract.Load(tree(test.newest, test.earlier, test.file)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
	alone := fstest.MapFS{"water/arrears.v1.yml": {Data: []byte(small)}}
	if _, err := contract.Load(alone); err == nil || !strings.Contains(err.Error(), "an earlier version without water/arrears.yml, the newest") {
		t.Error(err)
	}
}
