package credit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
)

func TestFindIndustry(t *testing.T) {
	tests := []struct {
		edition int
		code    string
		want    credit.Industry
		section string
	}{
		{2011, "0511", credit.Industry{Code: "0511", Name: "农业机械服务", Level: 4, Parent: "051"}, "A"},
		{2017, "0511", credit.Industry{Code: "0511", Name: "种子种苗培育活动", Level: 4, Parent: "051"}, "A"},
		{2017, "A", credit.Industry{Code: "A", Name: "农、林、牧、渔业", Level: 1}, "A"},
		{2017, "51", credit.Industry{Code: "51", Name: "批发业", Level: 2, Parent: "F"}, "F"},
		{2017, "9999", credit.Industry{}, ""},
		{2002, "0511", credit.Industry{}, ""},
	}
	for _, tt := range tests {
		got, ok := credit.FindIndustry(tt.edition, tt.code)
		if diff := cmp.Diff(tt.want, got); diff != "" || ok != (tt.section != "") {
			t.Errorf("%d %s: %v %s", tt.edition, tt.code, ok, diff)
		}
		section, ok := credit.IndustrySection(tt.edition, tt.code)
		if section != tt.section || ok != (tt.section != "") {
			t.Errorf("%d %s: section %q, want %q", tt.edition, tt.code, section, tt.section)
		}
	}
}

func TestIndustriesAreWhole(t *testing.T) {
	for edition, want := range map[int][4]int{
		credit.Industry2011: {20, 96, 432, 1094},
		credit.Industry2017: {20, 97, 473, 1381},
	} {
		var got [4]int
		for _, entry := range credit.Industries(edition) {
			got[entry.Level-1]++
			parent, ok := credit.FindIndustry(edition, entry.Parent)
			if entry.Level > 1 && (!ok || parent.Level != entry.Level-1) {
				t.Errorf("%d %s: parent %q", edition, entry.Code, entry.Parent)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d: %s", edition, diff)
		}
	}
	if got := credit.Industries(2002); got != nil {
		t.Errorf("2002 has %d entries", len(got))
	}
}
