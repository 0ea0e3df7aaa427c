package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"rongxin/internal/credit"
)

// Changes are what is different from the published run before, and what brought
// it about.
type Changes struct {
	Previous   string         `json:"previous"` // the run before; empty: none to compare with
	AsOf       string         `json:"as_of"`
	Why        string         `json:"why"` // why nothing is compared; empty: it is
	IsNew      bool           `json:"is_new"`
	Class      Change         `json:"class"`
	Public     Change         `json:"public_grade"`
	Schemes    []NamedChange  `json:"schemes"`
	Scorecards []ScoreChange  `json:"scorecards"`
	Records    []RecordChange `json:"records"`
	Rules      []NamedChange  `json:"rules"`  // files by version, of those that differ
	Causes     []string       `json:"causes"` // of another class, in Chinese
}

// Change is a value before and now.
type Change struct {
	Before string `json:"before"`
	Now    string `json:"now"`
}

func (c Change) differs() bool { return c.Before != c.Now }

// NamedChange is a change of one of several.
type NamedChange struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Change
}

// ScoreChange is a score that differs, by reason code.
type ScoreChange struct {
	Scorecard  string         `json:"scorecard"`
	Title      string         `json:"title"`
	IsAdvisory bool           `json:"is_advisory"`
	Before     Points         `json:"score_before_milli"`
	Now        Points         `json:"score_now_milli"`
	Grade      Change         `json:"grade"`
	Reasons    []ReasonChange `json:"reasons"`
}

// ReasonChange is the points of one reason code before and now.
type ReasonChange struct {
	ReasonCode string `json:"reason_code"`
	Title      string `json:"title"`
	Before     Points `json:"before_milli"`
	Now        Points `json:"now_milli"`
}

// RecordChange is a record that came, went, or costs another number of points.
type RecordChange struct {
	RecordID string       `json:"record_id"`
	Title    string       `json:"title"`
	State    Change       `json:"state"` // in Chinese; empty: not there
	On       *credit.Date `json:"state_on"`
	CaseNo   string       `json:"case_no"`
	Points   []CardPoints `json:"points"`
}

// CardPoints is what a record gives to a scorecard before and now.
type CardPoints struct {
	Scorecard string `json:"scorecard"`
	Title     string `json:"title"`
	Before    Points `json:"before_milli"`
	Now       Points `json:"now_milli"`
}

const absentState = "没有这条记录"

// past is where the subject stood in the run before.
type past struct {
	rd       *reader
	standing *Explanation // nil: there is no such run, or it does not know the subject
}

func (x *Explainer) past(subject string) (past, error) {
	before := x.previous
	if before == nil {
		return past{}, nil
	}
	if err := before.readRules(); err != nil {
		return past{}, err
	}
	known, err := byCode(before.source, subject)
	if err != nil || len(known) == 0 {
		return past{}, err
	}
	p := past{rd: &reader{Lookup: before.source, rules: before.rules, subject: subject}}
	if p.standing, _, err = before.standing(p.rd); err != nil {
		return past{}, fmt.Errorf("run before, %s: %w", before.manifest.RunID, err)
	}
	return p, nil
}

// changes holds the subject against the run before.
func (x *Explainer) changes(then past, rd *reader, now *Explanation) Changes {
	c := Changes{Schemes: []NamedChange{}, Scorecards: []ScoreChange{}, Records: []RecordChange{}, Rules: []NamedChange{}, Causes: []string{}}
	if x.previous == nil {
		c.Why = either(x.noBefore, "没有上期运行")
		return c
	}
	m, before := x.previous.manifest, then.standing
	c.Previous, c.AsOf = m.RunID, m.AsOf
	c.rules(x.previous, x)
	if c.IsNew = before == nil; c.IsNew {
		c.Causes = []string{"上期运行中没有该主体"}
		return c
	}
	c.Class = Change{className(before.Outcome), className(now.Outcome)}
	c.Public = Change{before.Public.Grade, now.Public.Grade}
	c.schemes(before, now)
	c.scorecards(before, now)
	c.records(then.rd, before, rd, now)
	if c.Class.differs() {
		c.causes(before, now)
	}
	return c
}

// className is the class of an outcome, also where there is none.
func className(o Outcome) string { return either(o.ClassTitle, "不列入名单") }

func (c *Changes) rules(before, now *Explainer) {
	type version struct{ title, version string }
	of := func(x *Explainer) map[string]version {
		files := map[string]version{}
		for _, s := range x.manifest.Sources {
			files[s.File] = version{s.Title, fmt.Sprintf("第 %d 版 %s", s.Version, short(s.SHA256))}
		}
		return files
	}
	then, today := of(before), of(now)
	all := maps.Clone(then)
	maps.Copy(all, today)
	for _, file := range slices.Sorted(maps.Keys(all)) {
		if then[file] != today[file] {
			c.Rules = append(c.Rules, NamedChange{file, all[file].title, Change{then[file].version, today[file].version}})
		}
	}
}

func (c *Changes) schemes(before, now *Explanation) {
	for _, s := range now.Schemes {
		old := Scheme{}
		if i := slices.IndexFunc(before.Schemes, func(o Scheme) bool { return o.Scheme == s.Scheme }); i >= 0 {
			old = before.Schemes[i]
		}
		if change := (Change{old.Grade, s.Grade}); change.differs() {
			c.Schemes = append(c.Schemes, NamedChange{s.Scheme, s.Title, change})
		}
	}
}

func (c *Changes) scorecards(before, now *Explanation) {
	for _, s := range now.Scorecards {
		change := ScoreChange{Scorecard: s.Scorecard, Title: s.Title, IsAdvisory: s.IsAdvisory, Now: s.Score, Grade: Change{Now: s.Grade}}
		reasons := map[string]ReasonChange{}
		for _, l := range s.Contributions {
			r := reasons[l.ReasonCode]
			reasons[l.ReasonCode] = ReasonChange{l.ReasonCode, l.Title, r.Before, r.Now + l.Points}
		}
		if i := slices.IndexFunc(before.Scorecards, func(o Scorecard) bool { return o.Scorecard == s.Scorecard }); i >= 0 {
			old := before.Scorecards[i]
			change.Before, change.Grade.Before = old.Score, old.Grade
			for _, l := range old.Contributions {
				r := reasons[l.ReasonCode]
				reasons[l.ReasonCode] = ReasonChange{l.ReasonCode, l.Title, r.Before + l.Points, r.Now}
			}
		}
		change.Reasons = []ReasonChange{}
		for _, code := range slices.Sorted(maps.Keys(reasons)) {
			if r := reasons[code]; r.Before != r.Now {
				change.Reasons = append(change.Reasons, r)
			}
		}
		if change.Before != change.Now || change.Grade.differs() || len(change.Reasons) > 0 {
			c.Scorecards = append(c.Scorecards, change)
		}
	}
}

// records lists each record of conduct or result that stands otherwise than in
// the run before.
func (c *Changes) records(then *reader, before *Explanation, rd *reader, now *Explanation) {
	was, is := pointsOf(before), pointsOf(now)
	all := maps.Clone(then.records)
	maps.Copy(all, rd.records)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		r := all[id]
		change := RecordChange{RecordID: id, Title: r.String(), State: Change{stateOf(then.records, id), stateOf(rd.records, id)},
			On: r.StateOn, CaseNo: r.CaseNo, Points: []CardPoints{}}
		for _, card := range now.Scorecards {
			p := CardPoints{card.Scorecard, card.Title, was[card.Scorecard][id], is[card.Scorecard][id]}
			if p.Before != p.Now {
				change.Points = append(change.Points, p)
			}
		}
		if change.State.differs() || len(change.Points) > 0 {
			c.Records = append(c.Records, change)
		}
	}
	slices.SortStableFunc(c.Records, func(a, b RecordChange) int {
		return cmp.Compare(dayOf(all[b.RecordID].EventOn), dayOf(all[a.RecordID].EventOn))
	})
}

// stateOf is where a record stands in one run, in Chinese.
func stateOf(records map[string]Record, id string) string {
	r, ok := records[id]
	switch {
	case !ok:
		return absentState
	case r.State == "":
		return "在册"
	}
	return r.StateTitle
}

// pointsOf adds up what each record gives to each scorecard.
func pointsOf(e *Explanation) map[string]map[string]Points {
	cards := map[string]map[string]Points{}
	for _, s := range e.Scorecards {
		cards[s.Scorecard] = map[string]Points{}
		for _, l := range s.Contributions {
			if l.Record != nil {
				cards[s.Scorecard][l.Record.RecordID] += l.Points
			}
		}
	}
	return cards
}

// causes follows another class back: the override that sets it, else the public
// grade and the industry result that the matrix crossed, and behind a computed
// grade the records of its scorecard.
func (c *Changes) causes(before, now *Explanation) {
	say := func(format string, args ...any) { c.Causes = append(c.Causes, fmt.Sprintf(format, args...)) }
	was, is := before.Outcome, now.Outcome
	if was.OverrideCode != is.OverrideCode {
		for _, o := range is.Overrides {
			if o.Decides || o.Effect == "out" {
				say("特别规则 %s（%s）起作用：%s", o.OverrideCode, o.Meaning, o.Record)
			}
		}
		for _, o := range was.Overrides {
			if o.Decides || o.Effect == "out" {
				say("特别规则 %s（%s）不再起作用：%s%s", o.OverrideCode, o.Meaning, o.Record, in(c.stateNow(o.Record.RecordID)))
			}
		}
	}
	if c.Public.differs() {
		say("国家公共信用综合评价等级由 %s 变为 %s（结果批次 %s）", gradeName(before.Public.Grade), gradeName(now.Public.Grade), either(now.Public.ResultBatch, "无"))
	}
	for _, scheme := range slices.Compact([]string{was.DecidingScheme, is.DecidingScheme}) {
		i := slices.IndexFunc(c.Schemes, func(s NamedChange) bool { return s.Name == scheme })
		if i < 0 {
			continue
		}
		s := c.Schemes[i]
		at := slices.IndexFunc(now.Schemes, func(o Scheme) bool { return o.Scheme == scheme })
		result := now.Schemes[at] // all that changed are among them
		source := ""
		if result.Source != nil {
			source = result.Source.String()
		}
		say("%s由%s变为%s%s", s.Title, either(s.Before, "无有效结果"), either(s.Now, "无有效结果"), in(source))
		for _, r := range c.Records {
			if slices.ContainsFunc(r.Points, func(p CardPoints) bool { return p.Scorecard == result.Scorecard }) {
				say("记录：%s：%s", r.Title, r.State.Now)
			}
		}
	}
	if len(c.Causes) == 0 {
		for _, r := range c.Rules {
			say("规则 %s 由%s变为%s", either(r.Title, r.Name), either(r.Before, "无"), either(r.Now, "无"))
		}
	}
	if len(c.Causes) == 0 {
		say("叠加矩阵由 %s 变为 %s", was.MatrixClassTitle, is.MatrixClassTitle)
	}
}

func gradeName(grade string) string {
	if grade == string(notEvaluated) {
		return "未评价"
	}
	return grade
}

func (c *Changes) stateNow(record string) string {
	for _, r := range c.Records {
		if r.RecordID == record {
			return r.State.Now
		}
	}
	return ""
}
