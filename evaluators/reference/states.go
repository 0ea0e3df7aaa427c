package reference

import (
	"slices"

	"rongxin/internal/credit"
)

// severe is the group that all severe lists are.
const severe = "严重失信主体名单"

// An Edition of the catalogue that knew a dataset, or did not.
type Edition struct {
	Dataset  string
	From, To credit.Date // To 0: still
	Listed   bool
}

// class is how serious a record is and how long it is published.
type class struct {
	name, severity, severityRule, exemption, rule string
	catalogued                                    bool
	repairable, until                             credit.Date
}

func (j *judge) classOf(rec Record) (c class) {
	c.name = rec.Category
	if rec.Category == "行政处罚" {
		for _, e := range j.rules.exemptions {
			if e.Kind == rec.Kind {
				c.exemption = e.ID
			}
		}
		if c.exemption == "" {
			if s := j.severityOf(rec); s != nil {
				c.severity, c.severityRule = s.Severity, s.ID
				c.name += "/" + s.Severity
			}
		}
	}
	listed := slices.ContainsFunc(j.lists, func(l severeList) bool { return l.List == rec.Category })
	on := rec.Event
	for _, t := range j.rules.transitions {
		if !listed && t.Applies == "later" && rec.Event < t.From && t.From <= j.rules.Day {
			on = max(on, t.From)
		}
	}
	known := true
	for _, e := range j.editions {
		if e.Dataset == rec.Dataset && e.From <= rec.Event && (e.To == 0 || rec.Event <= e.To) {
			known = e.Listed
		}
	}
	p := j.periodOf(c.name, rec.Field, on)
	c.catalogued = known && (!listed || p != nil)
	c.until = rec.Stated
	if p == nil {
		return c
	}
	c.rule = p.ID
	c.repairable = later(rec.Event, p.Min)
	if last := later(rec.Event, p.stated); rec.Stated != 0 && last != 0 && rec.Stated > last {
		c.until = last
	} else if rec.Stated == 0 {
		c.until = later(rec.Event, p.Max)
	}
	return c
}

// later is the day so many months on, none for no months.
func later(day credit.Date, months *int64) credit.Date {
	if months == nil {
		return 0
	}
	return day.AddMonths(int(*months))
}

// severityOf is the first line that fits.
func (j *judge) severityOf(rec Record) *severity {
	for i, s := range j.rules.severities {
		fits := s.Kind == "" || s.Kind == rec.Kind
		fits = fits && (s.FineFrom == nil || rec.Fine != nil && *rec.Fine >= 100**s.FineFrom)
		fits = fits && (s.FineUpTo == nil || rec.Fine != nil && *rec.Fine <= 100**s.FineUpTo)
		if fits && s.span.holds(rec.Event) {
			return &j.rules.severities[i]
		}
	}
	return nil
}

func (j *judge) periodOf(class, field string, day credit.Date) *period {
	var best *period
	for i, p := range j.rules.periods {
		if p.Class != class || !p.span.holds(day) || len(p.Fields) > 0 && !slices.Contains(p.Fields, field) {
			continue
		}
		if best != nil && (len(p.Fields) > 0) != (len(best.Fields) > 0) {
			if len(p.Fields) > 0 {
				best = &j.rules.periods[i]
			}
			continue
		}
		if best == nil || p.From > best.From || p.From == best.From && p.ID < best.ID {
			best = &j.rules.periods[i]
		}
	}
	return best
}

// bearing is what cases and decisions say of a record: the first day and the
// first case of each, but of amendments the last.
type bearing struct {
	repaired, withdrawn, revoked, amended, excluded                             credit.Date
	repairCase, withdrawalCase, revocation, amendment, objection, exclusionCase string
}

func (j *judge) bearingOn(e Enterprise, rec Record) (b bearing) {
	day := j.rules.Day
	if rec.Document == "" {
		return b
	}
	for _, c := range e.Cases {
		if c.Document != rec.Document {
			continue
		}
		closed := (c.Status == "已通过" || c.Status == "已完成") && c.Closed != 0 && c.Closed <= day
		switch {
		case closed && c.Kind == "修复" && c.Outcome == "停止公示":
			first(&b.repaired, &b.repairCase, c.Closed, c.No)
		case closed && c.Kind == "异议" && c.Outcome == "撤销":
			first(&b.withdrawn, &b.withdrawalCase, c.Closed, c.No)
		case closed && c.Kind == "异议" && c.Outcome == "更正":
			last(&b.amended, &b.amendment, c.Closed, c.No)
		case c.Kind == "异议" && (c.Status == "待审核" || c.Status == "待核实") && c.Applied != 0 && c.Applied <= day:
			var on credit.Date
			first(&on, &b.objection, c.Applied, c.No)
		}
	}
	for _, c := range e.Changes {
		switch {
		case c.Document != rec.Document || c.Decided == 0 || c.Decided > day:
		case c.Kind == "变更":
			last(&b.amended, &b.amendment, c.Decided, c.No)
		default:
			first(&b.revoked, &b.revocation, c.Decided, c.No)
		}
	}
	for _, m := range e.Majeure {
		if m.Document == rec.Document && m.Recognised != 0 && m.Recognised <= day && m.Evidence != "" {
			first(&b.excluded, &b.exclusionCase, m.Recognised, m.No)
		}
	}
	return b
}

func first(on *credit.Date, no *string, day credit.Date, name string) {
	if *on == 0 || day < *on {
		*on = day
	}
	if *no == "" || name < *no {
		*no = name
	}
}

func last(on *credit.Date, no *string, day credit.Date, name string) {
	*on, *no = max(*on, day), max(*no, name)
}

// state is the first that fits.
func (j *judge) state(e Enterprise, rec Record, c class, b bearing) (state string, on credit.Date, caseNo, rule string) {
	day := j.rules.Day
	switch {
	case !e.Registered:
		return "unattached", 0, "", ""
	case !c.catalogued:
		return "out_of_catalogue", rec.Event, "", ""
	case c.exemption != "":
		return "exempted", rec.Event, "", c.exemption
	case b.exclusionCase != "":
		return "excluded", b.excluded, b.exclusionCase, ""
	case b.revocation != "":
		return "revoked", b.revoked, b.revocation, ""
	case b.withdrawalCase != "":
		return "withdrawn", b.withdrawn, b.withdrawalCase, ""
	case b.amended != 0 && rec.Known < b.amended:
		return "amended", b.amended, b.amendment, ""
	case b.repairCase != "":
		return "repaired", b.repaired, b.repairCase, ""
	case rec.Event > day:
		return "not_yet", rec.Event, "", ""
	case rec.Ended != 0 && rec.Ended <= day:
		return "ended", rec.Ended, "", ""
	case c.until != 0 && c.until <= day:
		return "expired", c.until, "", c.rule
	}
	return "in_force", 0, "", ""
}

// records judges every record, and returns the facts of those that count.
func (j *judge) records(e Enterprise, v Verdict) (facts []Fact, inForce []counting) {
	for _, rec := range e.Records {
		c, b := j.classOf(rec), j.bearingOn(e, rec)
		v.add("intermediate.record_classes", rec.ID, c.name, c.severity, c.severityRule, c.exemption, c.catalogued, c.rule, c.repairable, c.until)
		if b != (bearing{}) {
			v.add("intermediate.record_cases", rec.ID, b.repaired, b.repairCase, b.withdrawn, b.withdrawalCase, b.revoked, b.revocation,
				b.amended, b.amendment, b.objection, b.excluded, b.exclusionCase)
		}
		state, on, caseNo, rule := j.state(e, rec, c, b)
		v.add("intermediate.record_states", rec.ID, c.name, c.severity, c.severityRule, c.rule, c.repairable, c.until, state, on, caseNo, rule, b.objection)
		if state != "in_force" {
			continue
		}
		group := j.groupOf(rec.Category)
		v.add("marts.records_in_force", rec.ID, rec.Category, group, c.severity, rec.Kind, rec.Field, rec.Document, rec.Event, rec.Fine,
			c.until, c.repairable, b.objection)
		inForce = append(inForce, counting{rec, b.objection})
		facts = append(facts, Fact{ID: rec.ID, Days: map[string]credit.Date{"event_on": rec.Event, "publicity_until": c.until, "repairable_on": c.repairable},
			Texts: map[string]string{"category": rec.Category, "record_group": group, "severity": c.severity, "kind": rec.Kind, "field": rec.Field,
				"document_no": rec.Document, "authority_name": rec.Authority},
			Numbers: map[string]*int64{"fine_amount": rec.Fine}})
	}
	return facts, inForce
}

// counting is a record that counts, and the objection that is pending on it.
type counting struct {
	Record
	objection string
}

func (j *judge) groupOf(category string) string {
	for _, l := range j.lists {
		if l.List == category {
			return severe
		}
	}
	return category
}
