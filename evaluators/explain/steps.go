package explain

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"rongxin/internal/credit"
)

// Steps say how a subject can lawfully come to a better class: a record is
// repaired, corrected after an objection or runs out, a result is given anew or
// lapses. Each outcome was computed by the run's own models and rules on the
// subject's own rows, all else unchanged.
type Steps struct {
	Why     string       `json:"why"` // why there is no next class; empty: there is
	Records []RecordStep `json:"records"`
	Results []ResultStep `json:"results"` // those that hold the class where it is
	Next    *Path        `json:"next"`    // the fewest steps to a better class, on the earliest day
	Unaided *Path        `json:"unaided"` // when time alone brings a better class
	// Working days in which an application for repair is taken up, and decided.
	RepairDays [2]int64 `json:"repair_days"`
}

// Ways in which a record stops counting.
const (
	byRepair = "repair"
	byExpiry = "expiry"
	byResult = "result" // a result given anew, or lapsed
)

// RecordStep is one record that counts, and what would be without it.
type RecordStep struct {
	RecordID     string       `json:"record_id"`
	Title        string       `json:"title"`
	On           *credit.Date `json:"on"` // the first day on which it may be gone; null: no day can be named
	By           string       `json:"by"` // repair or expiry, whichever is first; empty with no day
	RepairableOn *credit.Date `json:"repairable_on"`
	ExpiresOn    *credit.Date `json:"expires_on"`
	DecidedBy    string       `json:"decided_by"`
	Conditions   string       `json:"conditions"`
	Papers       string       `json:"papers"`
	Basis        string       `json:"basis"`
	Objection    string       `json:"objection_case_no"`
	Class        *int64       `json:"class_without"`
	ClassTitle   string       `json:"class_without_title"`
	Effects      []Effect     `json:"effects"`
}

// Effect is the outcome of a scorecard without the record.
type Effect struct {
	Scorecard string `json:"scorecard"`
	Title     string `json:"title"`
	Score     Points `json:"score_milli"`
	Grade     string `json:"grade"`
}

// ResultStep is a result that holds the class where it is; scheme public is the
// national grade.
type ResultStep struct {
	Scheme      string       `json:"scheme"`
	Title       string       `json:"title"`
	Department  string       `json:"department"`
	Grade       string       `json:"grade"`
	EvaluatedOn *credit.Date `json:"evaluated_on"`
	ValidUntil  *credit.Date `json:"valid_until"`
	Better      string       `json:"better_grade"` // the next one up; empty: none
	Class       *int64       `json:"class_with_better"`
	ClassTitle  string       `json:"class_with_better_title"`
}

// A Path leads to a class.
type Path struct {
	Class      int64        `json:"class"`
	ClassTitle string       `json:"class_title"`
	On         *credit.Date `json:"on"` // null: it depends on a result that is yet to be given
	Steps      []PathStep   `json:"steps"`
}

// PathStep is one step of a path: a record is gone, or a result is better or
// has lapsed.
type PathStep struct {
	By       string       `json:"by"`
	RecordID string       `json:"record_id"`
	Scheme   string       `json:"scheme"`
	Title    string       `json:"title"`
	On       *credit.Date `json:"on"`
}

const honours = "守信荣誉"

// nationalResult names the national public grade among results.
const nationalResult = "public"

// planner finds the steps of one subject.
type planner struct {
	*Steps
	judge    *Judge
	rules    *ruleBook
	e        *Explanation
	cases    []Case
	numbers  map[string]int // of cases, by what is in them
	verdicts []Verdict
}

// steps needs the whole explanation. Without a judge nothing is told.
func (x *Explainer) steps(ctx context.Context, rd *reader, own []Record, e *Explanation) (Steps, error) {
	s := Steps{Records: []RecordStep{}, Results: []ResultStep{}, RepairDays: rd.rules.repairDays}
	class := e.Outcome.SupervisionClass
	if x.judge == nil {
		s.Why = either(x.noJudge, "没有本次运行的规则和模型，无法重算")
		return s, nil
	}
	asOf, err := credit.ParseDate(x.manifest.AsOf)
	if err != nil {
		return s, err
	}
	p := &planner{Steps: &s, judge: x.judge, rules: rd.rules, e: e, numbers: map[string]int{}}
	p.gather(asOf, own)
	if class == nil {
		s.Why = "不列入名单，类别不适用；登记状态恢复后，下一次评价即重新列入"
		return s, nil
	}
	if *class == 1 && len(s.Records) == 0 {
		s.Why = "已是最宽的类别"
		return s, nil
	}
	lapses := p.lapses()
	// Where nothing can be gone or better, there is nothing to judge.
	if len(s.Records)+len(s.Results)+len(lapses) > 0 {
		if err := p.plan(ctx, lapses); err != nil {
			return s, err
		}
	}
	switch {
	case *class == 1:
		s.Why = "已是最宽的类别"
	case s.Next == nil:
		s.Why = "现有记录全部修复或到期、有关评价结果提高后，按现行规则类别仍不变"
		if len(s.Records)+len(s.Results)+len(lapses) == 0 {
			s.Why = "没有需要消除的记录，也没有可以提高的评价结果"
		}
		if e.Public.SourceKind == "none" {
			s.Why += "；目前没有国家公共信用综合评价结果，按未评价对待，国家作出评价后，下一次评价按所评等级确定类别"
		}
		if i := slices.IndexFunc(e.Schemes, func(o Scheme) bool { return o.Scheme == e.Outcome.DecidingScheme && o.Scorecard != "" }); i >= 0 {
			s.Why += "；「" + e.Schemes[i].Title + "」由本市按规则计算，所依据的情况（评分明细中列出的许可、评估、登记等）变化后，下一次评价随之变化"
		}
	}
	return s, nil
}

// gather lists the records that could be gone and the results in the way.
func (p *planner) gather(asOf credit.Date, own []Record) {
	for _, r := range own {
		if r.State == inForce && r.Category != honours {
			p.Records = append(p.Records, p.recordStep(asOf, r, r.PublicityUntil))
		}
	}
	for _, o := range p.e.Outcome.Overrides {
		if o.Record.State == "" && o.Effect == "class" && o.Record.EndedOn != nil { // a manual change
			p.Records = append(p.Records, p.recordStep(asOf, o.Record, o.Record.EndedOn))
		}
	}
	slices.SortStableFunc(p.Records, func(a, b RecordStep) int {
		return cmp.Or(cmp.Compare(orNever(a.On), orNever(b.On)), cmp.Compare(a.RecordID, b.RecordID))
	})
	public := p.e.Public
	if i := slices.Index(publicGrades, public.Grade); public.Source != nil && i > 0 {
		p.Results = append(p.Results, ResultStep{Scheme: nationalResult, Title: "国家公共信用综合评价", Department: "国家公共信用信息中心", Grade: public.Grade,
			EvaluatedOn: public.EvaluatedOn, ValidUntil: public.ValidUntil, Better: publicGrades[i-1]})
	}
	for _, s := range p.e.Schemes {
		if s.RecordID == "" || s.Status != "active" || s.MatrixClass == nil || *s.MatrixClass != p.e.Outcome.MatrixClass {
			continue
		}
		r := ResultStep{Scheme: s.Scheme, Title: s.Title, Department: s.Department, Grade: s.Grade, EvaluatedOn: s.EvaluatedOn, ValidUntil: s.ValidUntil}
		if up := p.up(s.Scheme, 1); up.Grade != "" {
			r.Better = up.Grade
		}
		p.Results = append(p.Results, r)
	}
}

var publicGrades = []string{"A", "B", "C", "D"}

// recordStep says from when the record may be gone, and how.
func (p *planner) recordStep(asOf credit.Date, r Record, expires *credit.Date) RecordStep {
	s := RecordStep{RecordID: r.RecordID, Title: r.String(), RepairableOn: r.RepairableOn, ExpiresOn: expires, Objection: r.ObjectionCaseNo, Effects: []Effect{}}
	if rule, ok := p.rules.repair(r); ok {
		s.DecidedBy, s.Conditions, s.Papers, s.Basis = rule.decidedBy, rule.conditions, rule.papers, rule.basis
	}
	if r.RepairableOn != nil {
		on := max(asOf, *r.RepairableOn)
		s.On, s.By = &on, byRepair
	}
	if expires != nil && (s.On == nil || *expires <= *s.On) {
		s.On, s.By = expires, byExpiry
	}
	return s
}

const never = credit.Date(1 << 30)

func orNever(d *credit.Date) credit.Date {
	if d == nil {
		return never
	}
	return *d
}

// up is the grade so many levels better than the scheme's own, or as good as it
// gets; none where there is no better.
func (p *planner) up(scheme string, levels int) Graded {
	i := slices.IndexFunc(p.e.Schemes, func(s Scheme) bool { return s.Scheme == scheme })
	if i < 0 || p.e.Schemes[i].IndustryLevel == nil {
		return Graded{}
	}
	better := p.rules.better(scheme, *p.e.Schemes[i].IndustryLevel)
	if len(better) == 0 {
		return Graded{}
	}
	return better[min(levels, len(better))-1]
}

// without is the case in which records are gone, and results so many levels
// better.
func (p *planner) without(records []RecordStep, levels int, results ...ResultStep) Case {
	c := Case{Gone: map[string]bool{}, Grades: map[string]Graded{}}
	for _, r := range records {
		c.Gone[r.RecordID] = true
	}
	for _, r := range results {
		if r.Scheme == nationalResult {
			c.Public = publicGrades[max(0, slices.Index(publicGrades, r.Grade)-levels)]
		} else if up := p.up(r.Scheme, levels); up.Grade != "" {
			c.Grades[r.Scheme] = up
		}
	}
	return c
}

// add notes a case to be judged with all others; the same case is judged once.
func (p *planner) add(c Case) int {
	key := fmt.Sprint(slices.Sorted(maps.Keys(c.Gone)), c.Grades, c.Public) // fmt sorts maps
	if n, ok := p.numbers[key]; ok {
		return n
	}
	p.cases = append(p.cases, c)
	p.numbers[key] = len(p.cases) - 1
	return p.numbers[key]
}

func (p *planner) decide(ctx context.Context) error {
	if len(p.verdicts) == len(p.cases) {
		return nil
	}
	verdicts, err := p.judge.Judge(ctx, p.e.Subject.SubjectID, p.cases[len(p.verdicts):])
	p.verdicts = append(p.verdicts, verdicts...)
	return err
}

// improves tells whether a case comes to a better class.
func (p *planner) improves(n int) bool {
	class := p.verdicts[n].Class
	return class != nil && *class < *p.e.Outcome.SupervisionClass
}

// A candidate is a set of steps that may lead to a better class.
type candidate struct {
	records []RecordStep
	results []ResultStep
	levels  int
	no      int // of its case
}

func (p *planner) candidates() (list []candidate) {
	add := func(records []RecordStep, levels int, results ...ResultStep) {
		list = append(list, candidate{records, results, levels, p.add(p.without(records, levels, results...))})
	}
	dated := p.Records
	results := slices.DeleteFunc(slices.Clone(p.Results), func(r ResultStep) bool { return r.Better == "" })
	for i := range dated { // by the day on which each may be gone
		add(dated[:i+1], 0)
	}
	for _, r := range results {
		add(nil, 1, r)
	}
	for _, r := range results {
		add(dated, 1, r)
	}
	for levels := 1; levels <= 3 && len(results) > 0; levels++ {
		add(nil, levels, results...)
		add(dated, levels, results...)
	}
	return list
}

// plan judges all cases at once and reads the answers.
func (p *planner) plan(ctx context.Context, lapses []lapse) error {
	base := p.add(Case{})
	single, better := make([]int, len(p.Records)), make([]int, len(p.Results))
	for i := range p.Records {
		single[i] = p.add(p.without(p.Records[i:i+1], 0))
	}
	for i := range p.Results {
		better[i] = p.add(p.without(nil, 1, p.Results[i]))
	}
	candidates := p.candidates()
	p.foresee(candidates, lapses)
	if err := p.decide(ctx); err != nil {
		return err
	}
	if err := p.agrees(p.verdicts[base]); err != nil {
		return err
	}
	for i, n := range single {
		p.Records[i].Class, p.Records[i].ClassTitle = p.verdicts[n].Class, p.rules.tiers.title(p.verdicts[n].Class)
		p.Records[i].Effects = p.effects(p.verdicts[base], p.verdicts[n])
	}
	for i, n := range better {
		if p.Results[i].Better != "" {
			p.Results[i].Class, p.Results[i].ClassTitle = p.verdicts[n].Class, p.rules.tiers.title(p.verdicts[n].Class)
		}
	}
	for _, c := range candidates {
		if p.improves(c.no) {
			var err error
			if p.Next, err = p.path(ctx, c); err != nil {
				return err
			}
			break
		}
	}
	for _, l := range lapses {
		if p.improves(l.no) {
			var err error
			if p.Unaided, err = p.unaided(ctx, l); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// agrees holds what was computed again against what the run says.
func (p *planner) agrees(v Verdict) error {
	said := p.e.Outcome.SupervisionClass
	if v.Class == nil || *v.Class != *said || v.MatrixClass != p.e.Outcome.MatrixClass {
		return fmt.Errorf("computed again by the run's own models the class is another than %d: %w", *said, ErrEvidence)
	}
	for _, card := range p.e.Scorecards {
		if got := v.Cards[card.Scorecard]; got.Score != card.Score || got.Grade != card.Grade {
			return fmt.Errorf("computed again by the run's own models scorecard %s has %s %s, not %s %s: %w",
				card.Scorecard, got.Score, got.Grade, card.Score, card.Grade, ErrEvidence)
		}
	}
	return nil
}

func (p *planner) effects(base, without Verdict) []Effect {
	list := []Effect{}
	for _, card := range slices.Sorted(maps.Keys(without.Cards)) {
		if v := without.Cards[card]; v != base.Cards[card] {
			title := p.rules.characteristics[ruleKey(card, "base", "BASE")].cardTitle
			list = append(list, Effect{Scorecard: card, Title: title, Score: v.Score, Grade: v.Grade})
		}
	}
	return list
}
