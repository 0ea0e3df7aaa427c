package credit_test

import (
	"encoding/csv"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
)

func TestFuzhouDivisions(t *testing.T) {
	want := []string{
		"350102 鼓楼区", "350103 台江区", "350104 仓山区", "350105 马尾区", "350111 晋安区", "350112 长乐区", "350121 闽侯县",
		"350122 连江县", "350123 罗源县", "350124 闽清县", "350125 永泰县", "350128 平潭县", "350181 福清市",
	}
	var got []string
	for _, d := range credit.FuzhouDivisions() {
		got = append(got, d.Code+" "+d.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDivisionHistory(t *testing.T) {
	changle, ok := credit.FindDivision("350182")
	want := credit.Division{
		Code: "350182", Name: "长乐市", Parent: "350100", Level: credit.LevelCounty,
		ValidTo: credit.NewDate(2017, 11, 6), Successor: "350112",
	}
	if diff := cmp.Diff(want, changle); !ok || diff != "" {
		t.Error(diff)
	}
	if d, ok := credit.FindDivision("350112"); !ok || !d.Current() || d.ValidFrom != changle.ValidTo {
		t.Errorf("%+v", d)
	}
	for code, want := range map[string]string{
		"350182": "350112", "350112": "350112", "350402": "350404", "350403": "350404", "350681": "350604",
		"350100": "350100", "100000": "100000", "999999": "", "": "",
	} {
		if got := credit.CurrentDivision(code); got != want {
			t.Errorf("CurrentDivision(%s) = %q, want %q", code, got, want)
		}
	}
}

func TestDivisionsHangTogether(t *testing.T) {
	for _, d := range credit.Divisions() {
		if current, ok := credit.FindDivision(credit.CurrentDivision(d.Code)); !ok || !current.Current() {
			t.Errorf("%s %s: no successor in force", d.Code, d.Name)
		}
		if _, ok := credit.FindDivision(d.Parent); !ok && d.Parent != "" {
			t.Errorf("%s %s: parent %s is unknown", d.Code, d.Name, d.Parent)
		}
		if top := d.Level == credit.LevelProvince || d.Level == credit.LevelCountry; top != (d.Parent == "") || len(d.Code) != 6 {
			t.Errorf("%+v", d)
		}
		if d.ValidTo != 0 && d.Current() {
			t.Errorf("%s %s ended without a successor", d.Code, d.Name)
		}
	}
}

// The Fujian table has its parents written out; the index derives them.
func TestFujianParents(t *testing.T) {
	f, err := os.Open("testdata/fujian_divisions.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		got, _ := credit.FindDivision(row[0])
		want := credit.Division{Code: row[0], Name: row[1], Level: credit.DivisionLevel(row[2]), Parent: row[3], ValidFrom: got.ValidFrom}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDivisionsAreACopy(t *testing.T) {
	credit.Divisions()[0].Name = "改"
	if got := credit.Divisions()[0]; got.Code != "100000" || got.Name == "改" {
		t.Errorf("%+v", got)
	}
}
