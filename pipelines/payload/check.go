package payload

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rongxin/internal/strictyaml"
	"rongxin/pipelines/contract"
)

var (
	namePattern     = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	relationPattern = regexp.MustCompile(`^[a-z_]+\.[a-z0-9_]+$`)
	types           = []Type{Text, Date, DateTime, Integer, Amount, Percent}
)

// exchangePrefix begins the names of members that belong to the exchange.
const exchangePrefix = "cd_"

// check finds what can be read and is wrong all the same.
func check(doc *strictyaml.Document, m *Mapping) {
	if !namePattern.MatchString(m.Table) {
		doc.Fault("table", "want the name of the table in small letters, digits and _, such as penalty_actions")
	}
	if m.Version < 1 {
		doc.Fault("version", "want 1 or more")
	}
	needText(doc, "title", m.Title)
	needText(doc, "basis", m.Basis)
	checkTrust(doc, "trust", m.Trust)
	checkSource(doc, &m.Source)
	if len(m.Fields) == 0 {
		doc.Fault("fields", "a mapping needs fields")
	}
	for i := range m.Fields {
		checkField(doc, m, i)
	}
	for i := range m.Rules {
		checkRule(doc, m, i)
	}
}

func needText(doc *strictyaml.Document, path, value string) {
	if strings.TrimSpace(value) == "" {
		doc.Fault(path, "is missing")
	}
}

func checkTrust(doc *strictyaml.Document, path string, t Trust) {
	if !slices.Contains(trusts, t) {
		doc.Fault(path, "is %q: want official, published, deployed or memory", t)
	}
}

func checkSource(doc *strictyaml.Document, s *Origin) {
	if !relationPattern.MatchString(s.Relation) {
		doc.Fault("source.relation", "want a table of a run, such as marts.check_actions")
	}
	if len(s.Key) == 0 {
		doc.Fault("source.key", "name the columns that identify a record, the same in every run")
	}
	for i, column := range s.Key {
		if !namePattern.MatchString(column) || slices.Contains(s.Key[:i], column) {
			doc.Fault(fmt.Sprintf("source.key[%d]", i), "want a column, each once")
		}
	}
	if !namePattern.MatchString(s.Subject) {
		doc.Fault("source.subject", "name the column with the enterprise's code: changes of one enterprise are sent in order")
	}
	if (s.RangeColumn == "") == (s.Range == "") {
		doc.Fault("source.range", "want range, that of every record, or range_column, where each says its own")
	}
	ranges := []contract.Range{contract.Public, contract.Government, contract.Authorised}
	if s.Range != "" && !slices.Contains(ranges, s.Range) {
		doc.Fault("source.range", "want public, government or authorised")
	}
	if len(s.Leaving) == 0 {
		doc.Fault("source.leaving", "say which publication ranges may leave: [public] or [public, government]")
	}
	for i, r := range s.Leaving {
		path := fmt.Sprintf("source.leaving[%d]", i)
		switch {
		case r == contract.Authorised:
			doc.Fault(path, "what is given on authorisation alone is asked for case by case and never delivered")
		case !slices.Contains(ranges, r):
			doc.Fault(path, "want public or government")
		}
	}
	if s.Range != "" && len(s.Leaving) > 0 && !slices.Contains(s.Leaving, s.Range) {
		doc.Fault("source.range", "nothing would leave: %s is not among leaving", s.Range)
	}
	if s.Skip != nil && (!namePattern.MatchString(s.Skip.Column) || len(s.Skip.In) == 0) {
		doc.Fault("source.skip", "want a column and its values, such as {column: change, in: [left]}")
	}
}

func checkField(doc *strictyaml.Document, m *Mapping, i int) {
	f, path := &m.Fields[i], fmt.Sprintf("fields[%d]", i)
	switch {
	case !namePattern.MatchString(f.Name):
		doc.Fault(path+".name", "want the receiver's name in small letters, digits and _")
	case strings.HasPrefix(f.Name, exchangePrefix):
		doc.Fault(path+".name", "names that begin with cd_ belong to the exchange")
	case m.FieldIndex(f.Name) < i:
		doc.Fault(path+".name", "%s stands twice", f.Name)
	}
	needText(doc, path+".title", f.Title)
	checkTrust(doc, path+".trust", f.Trust)
	if !slices.Contains(types, f.Type) {
		doc.Fault(path+".type", "unknown type %q: want text, date, datetime, integer, amount or percent", f.Type)
	}
	if (len(f.From) == 0) == (f.Value == "") {
		doc.Fault(path+".from", "want from, a column of ours, or value, the same for every record")
	}
	for _, column := range f.From {
		if !namePattern.MatchString(column) {
			doc.Fault(path+".from", "%q is no name of a column", column)
		}
	}
	if len(f.From) > 1 != (f.Join != "") {
		doc.Fault(path+".join", "goes with several columns in from, and they want it")
	}
	only := func(key string, types ...Type) {
		if doc.Has(path+"."+key) && !slices.Contains(types, f.Type) {
			doc.Fault(path+"."+key, "is not for type %s", f.Type)
		}
	}
	only("length", Text)
	only("max_length", Text)
	only("pattern", Text)
	only("codes", Text, Integer)
	only("join", Text)
	only("mask", Text)
	only("unit", Amount)
	if f.Length < 0 || f.MaxLength < 0 || f.Length > 0 && f.MaxLength > 0 {
		doc.Fault(path+".length", "want length, exactly so many characters, or max_length, at most so many")
	}
	if f.Mask != nil && f.Codes != nil {
		doc.Fault(path+".mask", "a code says nothing of a person: no mask")
	}
	checkCodes(doc, path, f)
	checkCondition(doc, m, f, path+".required")
}

func checkCodes(doc *strictyaml.Document, path string, f *Field) {
	seen := map[string]bool{}
	for _, code := range f.Codes {
		if code.Source == "" || code.Value == "" {
			doc.Fault(path+".codes", "a code is empty")
		}
		if seen[code.Source] {
			doc.Fault(path+".codes", "%s stands twice", code.Source)
		}
		seen[code.Source] = true
	}
}

func checkCondition(doc *strictyaml.Document, m *Mapping, f *Field, path string) {
	if f.Required.Field == "" {
		return
	}
	at := m.FieldIndex(f.Required.Field)
	if at < 0 {
		doc.Fault(path, "there is no field %s", f.Required.Field)
		return
	}
	codes := m.Fields[at].Codes
	for _, value := range f.Required.In {
		if codes != nil && !slices.ContainsFunc(codes, func(c contract.CodeValue) bool { return c.Value == value }) {
			doc.Fault(path, "%s is no code of %s", value, f.Required.Field)
		}
	}
}

func checkRule(doc *strictyaml.Document, m *Mapping, i int) {
	r, path := &m.Rules[i], fmt.Sprintf("rules[%d]", i)
	needText(doc, path+".id", r.ID)
	needText(doc, path+".title", r.Title)
	needText(doc, path+".basis", r.Basis)
	checkTrust(doc, path+".trust", r.Trust)
	if slices.ContainsFunc(m.Rules[:i], func(other Rule) bool { return other.ID == r.ID }) {
		doc.Fault(path+".id", "%s stands twice", r.ID)
	}
	for key, name := range map[string]string{"later": r.Later, "than": r.Than, "parts": r.Parts, "as_many_as": r.AsMany, "begins": r.Begins, "with": r.With} {
		if name != "" && m.FieldIndex(name) < 0 {
			doc.Fault(path+"."+key, "there is no field %s", name)
		}
	}
	if r.Doubt != "" && !namePattern.MatchString(r.Doubt) {
		doc.Fault(path+".doubt", "%q is no name of a column", r.Doubt)
	}
	kinds := 0
	for _, given := range []string{r.Later, r.Parts, r.Begins, r.Doubt} {
		if given != "" {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		doc.Fault(path, "want one of later (than), parts (separator, least), begins (with), doubt")
	case (r.Later != "") != (r.Than != ""):
		doc.Fault(path+".than", "goes with later")
	case (r.Begins != "") != (r.With != "") || r.Then != nil && r.Begins == "":
		doc.Fault(path+".with", "goes with begins, and so does then")
	case (r.Parts != "") != (r.Separator != "" && r.Least > 0) || r.AsMany != "" && r.Parts == "":
		doc.Fault(path+".parts", "wants separator and least, and as_many_as wants parts")
	}
}
