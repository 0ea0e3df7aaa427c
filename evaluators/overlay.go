package evaluators

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// Overlay combines the national public grade with an industry level.
type overlay struct {
	Rule   string `yaml:"rule"`
	Header `yaml:",inline"`
	Public struct {
		Source      string `yaml:"source"`       // national
		ValidMonths int64  `yaml:"valid_months"` // how long a result holds for who is missing from later batches
		Fallback    string `yaml:"fallback"`     // none, or a scorecard to ask where the nation has no grade
	} `yaml:"public"`
	Matrix    map[string][]int64 `yaml:"matrix"` // public grade → class by level 1 2 3 4 none
	Conflicts []conflict         `yaml:"conflicts"`
	Overrides []struct {
		Code     string `yaml:"code"`
		When     string `yaml:"when"`
		Is       string `yaml:"is"`
		SetClass int64  `yaml:"set_class"`
		Out      bool   `yaml:"out"`
		Mark     bool   `yaml:"mark"`
		Text     string `yaml:"text"`
		Basis    string `yaml:"basis"`
	} `yaml:"overrides"`
}

// A conflict is an industry level that a public grade refuses, and the level
// that is used in its stead.
type conflict struct {
	Public   string `yaml:"public"`
	Level    int64  `yaml:"level"`
	UseLevel int64  `yaml:"use_level"`
	Basis    string `yaml:"basis"`
}

// publicGrades are the rows of the matrix.
var publicGrades = []string{"A", "B", "C", "D", string(credit.NotEvaluated)}

func (o overlay) check(doc *strictyaml.Document) {
	if o.Public.Source != "national" {
		doc.Fault("public.source", "is %q, wants national", o.Public.Source)
	}
	if o.Public.ValidMonths < 1 {
		doc.Fault("public.valid_months", "is missing: how long a national result holds")
	}
	if o.Public.Fallback == "" {
		doc.Fault("public.fallback", "is missing: none, or a scorecard")
	}
	for _, grade := range publicGrades {
		row := o.Matrix[grade]
		if len(row) != 5 {
			doc.Fault("matrix."+grade, "wants five classes: level 1 2 3 4 and no result")
		}
		for i, class := range row {
			if class < 1 || class > 4 {
				doc.Fault(fmt.Sprintf("matrix.%s[%d]", grade, i), "class %d is not between 1 and 4", class)
			}
		}
	}
	for grade := range o.Matrix {
		if !slices.Contains(publicGrades, grade) {
			doc.Fault("matrix."+grade, "is no public grade")
		}
	}
	for i, c := range o.Conflicts {
		at := fmt.Sprintf("conflicts[%d]", i)
		if !slices.Contains(publicGrades, c.Public) || c.Level < 1 || c.UseLevel <= c.Level || c.UseLevel > 4 {
			doc.Fault(at, "wants a public grade, a level and a stricter use_level up to 4")
		}
		if c.Basis == "" {
			doc.Fault(at+".basis", "is missing")
		}
	}
	for i, v := range o.Overrides {
		at := fmt.Sprintf("overrides[%d]", i)
		needID(doc, at, v.Code, v.Basis)
		switch v.When {
		case "record_category", "registration_status":
			if v.Is == "" {
				doc.Fault(at+".is", "is missing")
			}
		case "severe_list", "objection_pending", "manual":
		default:
			doc.Fault(at+".when", "is %q, wants record_category, severe_list, registration_status, objection_pending or manual", v.When)
		}
		effects := 0
		for _, set := range []bool{v.SetClass > 0, v.Out, v.Mark, v.When == "manual"} {
			if set {
				effects++
			}
		}
		if effects != 1 || v.SetClass > 4 {
			doc.Fault(at, "wants one of set_class 1 to 4, out, mark; manual brings its own class")
		}
	}
}

// levelUsed is the level at which a result is read in the matrix.
func (o overlay) levelUsed(public string, level int64) int64 {
	for _, c := range o.Conflicts {
		if c.Public == public && c.Level == level {
			return c.UseLevel
		}
	}
	return level
}

func (o overlay) effect(i int) string {
	switch v := o.Overrides[i]; {
	case v.Out:
		return "out"
	case v.Mark:
		return "mark"
	default:
		return "class"
	}
}

// tiers name the supervision classes, and the overall list. The share and
// frequency of checks stood here before version 2; what holds is in the
// inspection plans.
type tiers struct {
	Rule   string `yaml:"rule"`
	Header `yaml:",inline"`
	Tiers  []struct {
		Class      int64  `yaml:"class"`
		Title      string `yaml:"title"`
		CheckRatio string `yaml:"check_ratio"` // such as 5%, of the subjects in a yearly plan
		MaxChecks  int64  `yaml:"max_checks"`
		Frequency  string `yaml:"frequency"`
	} `yaml:"tiers"`
	List struct {
		Department       string `yaml:"department"`
		Scheme           string `yaml:"scheme"`
		Title            string `yaml:"title"`
		PublicationRange string `yaml:"publication_range"`
	} `yaml:"list"`
}

func (t tiers) check(doc *strictyaml.Document) {
	if len(t.Tiers) != 4 {
		doc.Fault("tiers", "wants the four classes 1 to 4")
	}
	for i, tier := range t.Tiers {
		at := fmt.Sprintf("tiers[%d]", i)
		if tier.Class != int64(i+1) {
			doc.Fault(at+".class", "wants %d", i+1)
		}
		if tier.Title == "" {
			doc.Fault(at+".title", "is missing")
		}
		if _, err := basisPoints(tier.CheckRatio); err != nil && tier.CheckRatio != "" {
			doc.Fault(at+".check_ratio", "%v", err)
		}
		if t.Version > 1 && (tier.CheckRatio != "" || tier.Frequency != "" || tier.MaxChecks != 0) {
			doc.Fault(at, "check_ratio, max_checks and frequency belong to an inspection plan")
		}
	}
	switch t.List.PublicationRange {
	case "public", "government", "authorised":
	default:
		doc.Fault("list.publication_range", "is %q, wants public, government or authorised", t.List.PublicationRange)
	}
	if t.List.Department == "" || t.List.Scheme == "" || t.List.Title == "" {
		doc.Fault("list", "wants department, scheme and title")
	}
}

// basisPoints reads a share such as 5% or 12.5% as hundredths of a percent.
func basisPoints(s string) (int64, error) {
	r, ok := new(big.Rat).SetString(strings.TrimSuffix(s, "%"))
	if !ok || !strings.HasSuffix(s, "%") {
		return 0, fmt.Errorf("%q is not a share such as 5%%", s)
	}
	r.Mul(r, big.NewRat(100, 1))
	if !r.IsInt() || r.Sign() < 0 || r.Cmp(big.NewRat(10000, 1)) > 0 {
		return 0, fmt.Errorf("%q is not between 0%% and 100%% with two decimals", s)
	}
	return r.Num().Int64(), nil
}
