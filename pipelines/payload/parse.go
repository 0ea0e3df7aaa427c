package payload

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
	"rongxin/pipelines/contract"
)

// document is the file as written. Its keys, and those of field and rule, are
// the whole language of mappings; docs/mappings.md explains each.
type document struct {
	Table         string  `yaml:"table"`
	Version       int     `yaml:"version"`
	EffectiveFrom string  `yaml:"effective_from"`
	EffectiveTo   string  `yaml:"effective_to"`
	Title         string  `yaml:"title"`
	Basis         string  `yaml:"basis"`
	Trust         string  `yaml:"trust"`
	Note          string  `yaml:"note"`
	Source        source  `yaml:"source"`
	Fields        []field `yaml:"fields"`
	Rules         []rule  `yaml:"rules"`
}

type source struct {
	Relation    string   `yaml:"relation"`
	Key         []string `yaml:"key"`
	Subject     string   `yaml:"subject"`
	RangeColumn string   `yaml:"range_column"`
	Range       string   `yaml:"range"`
	Leaving     []string `yaml:"leaving"`
	Skip        *skip    `yaml:"skip"`
}

type skip struct {
	Column string   `yaml:"column"`
	In     []string `yaml:"in"`
}

type field struct {
	Name      string    `yaml:"name"`
	Title     string    `yaml:"title"`
	From      yaml.Node `yaml:"from"`
	Join      string    `yaml:"join"`
	Value     string    `yaml:"value"`
	Type      string    `yaml:"type"`
	Length    int       `yaml:"length"`
	MaxLength int       `yaml:"max_length"`
	Pattern   string    `yaml:"pattern"`
	Required  yaml.Node `yaml:"required"`
	Codes     yaml.Node `yaml:"codes"`
	Unit      string    `yaml:"unit"`
	Mask      []int     `yaml:"mask"`
	Basis     string    `yaml:"basis"`
	Trust     string    `yaml:"trust"`
	Note      string    `yaml:"note"`
}

type rule struct {
	ID        string `yaml:"id"`
	Title     string `yaml:"title"`
	Basis     string `yaml:"basis"`
	Trust     string `yaml:"trust"`
	Later     string `yaml:"later"`
	Than      string `yaml:"than"`
	Parts     string `yaml:"parts"`
	Separator string `yaml:"separator"`
	Least     int    `yaml:"least"`
	AsMany    string `yaml:"as_many_as"`
	Begins    string `yaml:"begins"`
	With      string `yaml:"with"`
	Then      string `yaml:"then"`
	Doubt     string `yaml:"doubt"`
}

// Parse reads one mapping. The file name is used in messages only. The error
// holds every fault with its line and column.
func Parse(file string, data []byte) (*Mapping, error) {
	var raw document
	doc := strictyaml.Decode(file, data, &raw)
	if doc.Err() != nil {
		return nil, doc.Err()
	}
	m := (&reader{doc}).mapping(&raw)
	check(doc, m)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	m.File, m.Hash, m.doc = file, hex.EncodeToString(sum[:]), doc
	return m, nil
}

// reader turns the written form into a Mapping and notes what cannot be read.
// What can be read but contradicts itself is found by check.
type reader struct{ doc *strictyaml.Document }

func (r *reader) mapping(raw *document) *Mapping {
	m := &Mapping{
		Table: raw.Table, Version: raw.Version, Title: raw.Title, Basis: raw.Basis, Trust: Trust(raw.Trust), Note: raw.Note,
		Source: Origin{Relation: raw.Source.Relation, Key: raw.Source.Key, Subject: raw.Source.Subject,
			RangeColumn: raw.Source.RangeColumn, Range: contract.Range(raw.Source.Range)},
	}
	if raw.Source.Skip != nil {
		m.Source.Skip = &Skip{raw.Source.Skip.Column, raw.Source.Skip.In}
	}
	for _, one := range raw.Source.Leaving {
		m.Source.Leaving = append(m.Source.Leaving, contract.Range(one))
	}
	var err error
	if m.EffectiveFrom, err = credit.ParseDate(raw.EffectiveFrom); err != nil {
		r.doc.Fault("effective_from", "want a day such as 2026-04-01")
	}
	if raw.EffectiveTo != "" {
		if m.EffectiveTo, err = credit.ParseDate(raw.EffectiveTo); err != nil || m.EffectiveTo < m.EffectiveFrom {
			r.doc.Fault("effective_to", "want a day such as 2026-12-31, not before effective_from")
		}
	}
	for i := range raw.Fields {
		m.Fields = append(m.Fields, r.field(fmt.Sprintf("fields[%d]", i), &raw.Fields[i], m.Trust))
	}
	for i := range raw.Rules {
		m.Rules = append(m.Rules, r.rule(fmt.Sprintf("rules[%d]", i), &raw.Rules[i], m.Trust))
	}
	return m
}

func (r *reader) field(path string, raw *field, trust Trust) Field {
	f := Field{
		Name: raw.Name, Title: raw.Title, Join: raw.Join, Value: raw.Value, Type: Type(raw.Type),
		Length: raw.Length, MaxLength: raw.MaxLength, Unit: raw.Unit, Basis: raw.Basis, Trust: Trust(raw.Trust), Note: raw.Note,
	}
	if f.Trust == "" {
		f.Trust = trust
	}
	if f.Type == "" {
		f.Type = Text
	}
	switch raw.From.Kind {
	case 0:
	case yaml.ScalarNode:
		f.From = []string{raw.From.Value}
	case yaml.SequenceNode:
		for _, item := range raw.From.Content {
			f.From = append(f.From, item.Value)
		}
	default:
		r.doc.Fault(path+".from", "want a column, or a list of columns that are joined")
	}
	var err error
	if f.Required, err = contract.ReadRequirement(&raw.Required); err != nil {
		r.doc.Fault(path+".required", "%v", err)
	}
	if f.Codes, err = contract.ReadCodes(&raw.Codes); err != nil {
		r.doc.Fault(path+".codes", "%v", err)
	}
	f.Pattern = r.pattern(path+".pattern", raw.Pattern)
	if f.Type == Amount {
		digits, ok := contract.UnitDigits(f.Unit)
		if !ok {
			r.doc.Fault(path+".unit", "an amount needs its unit: 元 or 万元")
		}
		f.Scale = digits
	}
	if raw.Mask != nil {
		if len(raw.Mask) != 2 || raw.Mask[0] < 0 || raw.Mask[1] < 0 {
			r.doc.Fault(path+".mask", "want the characters kept at the left and at the right, such as [1, 0]")
		} else {
			f.Mask = &contract.Mask{Left: raw.Mask[0], Right: raw.Mask[1]}
		}
	}
	return f
}

// pattern reads a regular expression that the whole value must fit.
func (r *reader) pattern(path, written string) *regexp.Regexp {
	if written == "" {
		return nil
	}
	p, err := regexp.Compile("^(?:" + written + ")$")
	if err != nil {
		r.doc.Fault(path, "is no regular expression: %v", err)
	}
	return p
}

func (r *reader) rule(path string, raw *rule, trust Trust) Rule {
	one := Rule{
		ID: raw.ID, Title: raw.Title, Basis: raw.Basis, Trust: Trust(raw.Trust), Later: raw.Later, Than: raw.Than,
		Parts: raw.Parts, Separator: raw.Separator, Least: raw.Least, AsMany: raw.AsMany,
		Begins: raw.Begins, With: raw.With, Then: r.pattern(path+".then", raw.Then), Doubt: raw.Doubt,
	}
	if one.Trust == "" {
		one.Trust = trust
	}
	return one
}

// Keys returns every key a mapping may hold, nested ones with their path, such
// as source.relation and fields.from. Documentation is checked against it.
func Keys() []string { return strictyaml.Keys[document]() }
