package reference

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
)

// Rules are what the rule files say that hold on a day. Rules that go by the day
// of an event come with all versions.
type Rules struct {
	Day        credit.Date
	Scorecards []Scorecard
	Schemes    []Scheme
	Overlay    Overlay

	severities  []severity
	periods     []period
	transitions []transition
	exemptions  []exemption
	lists       []severeList
}

// span is the days from From to To, both included; To 0 is for ever.
type span struct {
	From credit.Date `yaml:"effective_from"`
	To   credit.Date `yaml:"effective_to"`
}

func (s span) holds(day credit.Date) bool { return s.From <= day && (s.To == 0 || day <= s.To) }

// within is the part of s in which outer holds too.
func (s span) within(outer span) (span, bool) {
	s.From = max(s.From, outer.From)
	if outer.To != 0 && (s.To == 0 || outer.To < s.To) {
		s.To = outer.To
	}
	return s, s.To == 0 || s.From <= s.To
}

type severity struct {
	ID       string `yaml:"id"`
	Kind     string `yaml:"penalty_kind"`
	FineFrom *int64 `yaml:"fine_from"` // 元
	FineUpTo *int64 `yaml:"fine_up_to"`
	Severity string `yaml:"severity"`
	span     span
}

type period struct {
	ID     string   `yaml:"id"`
	Class  string   `yaml:"class"`
	Fields []string `yaml:"fields"`
	Min    *int64   `yaml:"min_months"`
	Max    *int64   `yaml:"max_months"`
	span   `yaml:",inline"`

	stated *int64 // the most months that a stated end may last
}

type transition struct {
	From    credit.Date `yaml:"effective_from"`
	Applies string      `yaml:"applies"`
}

type exemption struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"penalty_kind"`
}

type severeList struct {
	ID      string `yaml:"id"`
	List    string `yaml:"list"`
	Dataset string `yaml:"dataset"`
	Term    *int64 `yaml:"term_months"`
	Stated  *int64 `yaml:"stated_months"`
	Early   *int64 `yaml:"early_exit_months"`
	span    `yaml:",inline"`
}

// Scheme is one industry evaluation.
type Scheme struct {
	Name       string `yaml:"scheme"`
	Title      string `yaml:"title"`
	Department string `yaml:"department"`
	Status     []struct {
		From   credit.Date `yaml:"from"`
		Status string      `yaml:"status"`
	} `yaml:"status"`
	Imported *struct {
		ValidMonths int64 `yaml:"valid_months"`
	} `yaml:"imported"`
	Computed *struct {
		Scorecard string `yaml:"scorecard"`
	} `yaml:"computed"`
	Levels map[string]int64 `yaml:"levels"`
}

func (s Scheme) status(day credit.Date) string {
	status := "withdrawn"
	for _, each := range s.Status {
		if each.From <= day {
			status = each.Status
		}
	}
	return status
}

// Overlay combines public and industry results.
type Overlay struct {
	Public struct {
		ValidMonths int64  `yaml:"valid_months"`
		Fallback    string `yaml:"fallback"`
	} `yaml:"public"`
	Matrix    map[string][]int64 `yaml:"matrix"`
	Conflicts []struct {
		Public   string `yaml:"public"`
		Level    int64  `yaml:"level"`
		UseLevel int64  `yaml:"use_level"`
	} `yaml:"conflicts"`
	Overrides []override `yaml:"overrides"`
}

type override struct {
	Code  string `yaml:"code"`
	When  string `yaml:"when"`
	Is    string `yaml:"is"`
	Class *int64 `yaml:"set_class"`
	Out   bool   `yaml:"out"`
	Mark  bool   `yaml:"mark"`
	Text  string `yaml:"text"`
}

// file is any rule file, as far as the reference reads it.
type file struct {
	Rule      string `yaml:"rule"`
	Scheme    string `yaml:"scheme"`
	Scorecard string `yaml:"scorecard"`
	span      `yaml:",inline"`

	Severities  []severity   `yaml:"severities"`
	Periods     []period     `yaml:"periods"`
	Transitions []transition `yaml:"transitions"`
	Exemptions  []exemption  `yaml:"exemptions"`
	Lists       []severeList `yaml:"lists"`
}

// Read reads the rule files of the trees, as they hold on a day.
func Read(day credit.Date, trees ...fs.FS) (*Rules, error) {
	r := &Rules{Day: day}
	for _, tree := range trees {
		err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || path.Ext(name) != ".yml" || strings.HasSuffix(name, ".test.yml") {
				return err
			}
			data, err := fs.ReadFile(tree, name)
			if err == nil {
				err = r.read(data)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, l := range r.lists {
		r.periods = append(r.periods, period{ID: "PUB-" + l.ID, Class: l.List, Min: l.Early, Max: l.Term, span: l.span, stated: l.Stated})
	}
	slices.SortFunc(r.Scorecards, func(a, b Scorecard) int { return cmp.Compare(a.Name, b.Name) })
	return r, nil
}

func (r *Rules) read(data []byte) error {
	var f file
	if err := yaml.Unmarshal(data, &f); err != nil {
		return err
	}
	if f.span.From > r.Day {
		return nil // not known yet
	}
	for _, s := range f.Severities {
		s.span = f.span
		r.severities = append(r.severities, s)
	}
	for _, p := range f.Periods {
		var holds bool
		p.stated = p.Max
		if p.span, holds = p.span.within(f.span); holds {
			r.periods = append(r.periods, p)
		}
	}
	r.transitions = append(r.transitions, f.Transitions...)
	for _, l := range f.Lists {
		var holds bool
		if l.span, holds = l.span.within(f.span); holds {
			r.lists = append(r.lists, l)
		}
	}
	if !f.span.holds(r.Day) {
		return nil // of the past; what goes by the day of an event was taken above
	}
	r.exemptions = append(r.exemptions, f.Exemptions...)
	switch {
	case f.Rule == "overlay":
		return yaml.Unmarshal(data, &r.Overlay)
	case f.Scheme != "":
		r.Schemes = append(r.Schemes, Scheme{})
		return yaml.Unmarshal(data, &r.Schemes[len(r.Schemes)-1])
	case f.Scorecard != "":
		r.Scorecards = append(r.Scorecards, Scorecard{})
		return yaml.Unmarshal(data, &r.Scorecards[len(r.Scorecards)-1])
	}
	return nil
}

// current are the severe lists, each by its newest line, in the order in which
// the file first names them.
func (r *Rules) current() (lists []severeList) {
	for _, l := range r.lists {
		at := slices.IndexFunc(lists, func(o severeList) bool { return o.Dataset == l.Dataset })
		if at < 0 {
			lists = append(lists, l)
		} else if l.From > lists[at].From {
			lists[at] = l
		}
	}
	return lists
}

// milli reads a decimal as thousandths; what is finer is left out.
func milli(decimal string) int64 {
	unsigned, negative := strings.CutPrefix(decimal, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	value, err := strconv.ParseUint(whole+(fraction + "000")[:3], 10, 62)
	if err != nil || whole == "" {
		panic("reference: " + decimal + " is no decimal")
	}
	if negative {
		return -int64(value)
	}
	return int64(value)
}
