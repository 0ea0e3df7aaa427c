package payload

import (
	"regexp"
	"slices"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
	"rongxin/pipelines/contract"
)

// Type is the kind of value that a field takes.
type Type string

// The types. All but Integer travel as text.
const (
	Text     Type = "text"
	Date     Type = "date"     // YYYY-MM-DD
	DateTime Type = "datetime" // YYYY-MM-DD hh:mm:ss; a day is its first second
	Integer  Type = "integer"
	Amount   Type = "amount"  // from fen, in the unit of the field, with all decimals that fen need
	Percent  Type = "percent" // from hundredths of a percent, such as 12.5%
)

// Trust says how far what a mapping states can be relied on.
type Trust string

// The degrees of trust, from the firmest.
const (
	Official  Trust = "official"  // the text of the standard or document was read
	Published Trust = "published" // a public account of it was read
	Deployed  Trust = "deployed"  // running systems do so
	Memory    Trust = "memory"    // general knowledge or our own choice, to be confirmed with the platform
)

var trusts = []Trust{Official, Published, Deployed, Memory}

// A Mapping is one table of a receiver, and where its records come from.
type Mapping struct {
	File string // where it was read from
	Hash string // SHA-256 of the file's bytes, in hex

	Table         string // its name with us: Message.Table
	Version       int
	EffectiveFrom credit.Date
	EffectiveTo   credit.Date // the last day; 0 when there is none
	Title         string
	Basis         string
	Trust         Trust
	Note          string
	Source        Origin
	Fields        []Field
	Rules         []Rule

	doc *strictyaml.Document // for faults that only a run can show
}

// Origin is where the records of a table stand in a run.
type Origin struct {
	Relation string
	Key      []string // columns, joined by a slash; the same record has the same key in every run
	Subject  string   // column with the code of the enterprise
	// RangeColumn names the publication range of each row; where there is none
	// Range is that of all. Leaving says which of them may go.
	RangeColumn string
	Range       contract.Range
	Leaving     []contract.Range
	Skip        *Skip // rows that are no records of the table; nil for none
}

// Skip names rows by the values of a column.
type Skip struct {
	Column string
	In     []string
}

// Field is one field of the receiver.
type Field struct {
	Name, Title string
	From        []string // our columns; several are joined by Join, and those without a value left out
	Join        string
	Value       string // the same for every record; then From is empty
	Type        Type
	Length      int // exactly so many characters; 0 for any
	MaxLength   int // at most so many; 0 for any
	Pattern     *regexp.Regexp
	Required    contract.Requirement // Field and In are in the receiver's words
	Codes       []contract.CodeValue // from our value to theirs
	Unit        string               // of an amount: 元 or 万元
	Scale       int                  // digits from the unit to fen
	Mask        *contract.Mask
	Basis       string
	Trust       Trust // that of the mapping where the field does not say
	Note        string
}

// Rule is what fields keep with each other, or a doubt of ours that keeps a record
// back. One of Later, Parts, Begins and Doubt is set.
type Rule struct {
	ID, Title string
	Basis     string
	Trust     Trust

	Later, Than  string // Later is a day or time after that of Than
	Parts        string // Parts holds at least Least parts between separators …
	Separator    string
	Least        int
	AsMany       string         // … and as many as this field, where it is named
	Begins, With string         // Begins starts with the value of With …
	Then         *regexp.Regexp // … and goes on with a text that fits
	Doubt        string         // a column of ours that is not true
}

// FieldIndex is the place of a field by its name, or -1.
func (m *Mapping) FieldIndex(name string) int {
	return slices.IndexFunc(m.Fields, func(f Field) bool { return f.Name == name })
}

// InForce reports whether the mapping says what is sent on a day.
func (m *Mapping) InForce(day credit.Date) bool {
	return m.EffectiveFrom <= day && (m.EffectiveTo == 0 || day <= m.EffectiveTo)
}

// columns are those of our table that the mapping reads, each once.
func (m *Mapping) columns() []string {
	var all []string
	for _, f := range m.Fields {
		for _, c := range f.From {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	for _, r := range m.Rules {
		if r.Doubt != "" && !slices.Contains(all, r.Doubt) {
			all = append(all, r.Doubt)
		}
	}
	return all
}
