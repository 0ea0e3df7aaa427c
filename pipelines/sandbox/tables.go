package sandbox

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed tables
var statements embed.FS

// table is what the platform asks of the records of one table: its own reading
// of the exchange standard, made without a look at the sender's mappings.
type table struct {
	Name    string      `yaml:"table"` // also of the table in an exchange database
	Title   string      `yaml:"title"`
	Basis   string      `yaml:"basis"`
	Key     []string    `yaml:"key"`     // fields whose values, joined by a stroke, are cd_id; none: any cd_id
	Subject string      `yaml:"subject"` // field with the code of the enterprise; order is kept for each
	Fields  []field     `yaml:"fields"`
	Rules   []crossRule `yaml:"rules"`

	byName map[string]*field
}

// field is one column.
type field struct {
	Name     string     `yaml:"name"`
	Title    string     `yaml:"title"`
	Type     fieldType  `yaml:"type"`
	Required bool       `yaml:"required"` // present and not empty
	When     *condition `yaml:"when"`     // required when another field has one of these values
	Length   int        `yaml:"length"`   // exact number of characters, or 0
	Max      int        `yaml:"max"`      // greatest number of characters, of each item of texts; or 0
	In       []string   `yaml:"in"`       // the code list
	Form     string     `yaml:"form"`     // a regular expression for the whole value
	Means    string     `yaml:"means"`    // the form or the codes in words
	Least    int        `yaml:"least"`    // fewest items, parted by semicolons
	Places   int        `yaml:"places"`   // most decimal places of an amount

	form *regexp.Regexp // nil for any
}

type condition struct {
	Field string   `yaml:"field"`
	In    []string `yaml:"in"`
}

type fieldType string

const (
	text    fieldType = ""        // any characters but control characters
	code    fieldType = "code"    // no blanks
	date    fieldType = "date"    // YYYY-MM-DD
	instant fieldType = "time"    // YYYY-MM-DD, with or without hh:mm:ss
	integer fieldType = "integer" // a JSON number; null or empty text for none
	amount  fieldType = "amount"  // decimal text, not negative
	percent fieldType = "percent" // such as 12.5%
	texts   fieldType = "texts"   // a text or a list of texts
)

var fieldTypes = []fieldType{text, code, date, instant, integer, amount, percent, texts}

// crossRule compares two fields of one record; exactly one of its forms is
// filled. It holds when one of the fields is empty.
type crossRule struct {
	Later  string   `yaml:"later"` // this time is after the one in Than; what is of one day is not after nothing of it
	Than   string   `yaml:"than"`
	Begins string   `yaml:"begins"` // this text begins with the one in With
	With   string   `yaml:"with"`
	Paired []string `yaml:"paired"` // two lists parted by semicolons, of equal length
}

// readTables reads the statements of all tables; the error tells all that is
// wrong with them.
func readTables(files fs.FS) (map[string]*table, error) {
	paths, err := fs.Glob(files, "tables/*.yml")
	if err != nil {
		return nil, err
	}
	tables := map[string]*table{}
	var faults []error
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		t := new(table)
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(t); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
			continue
		}
		for _, fault := range t.prepare() {
			faults = append(faults, fmt.Errorf("%s: %w", path, fault))
		}
		tables[t.Name] = t
	}
	return tables, errors.Join(faults...)
}

var tableName = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)

// prepare checks the statement itself and compiles its forms.
func (t *table) prepare() (faults []error) {
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !tableName.MatchString(t.Name) || t.Title == "" || t.Basis == "" {
		say("want table, title and basis")
	}
	t.byName = map[string]*field{}
	for i := range t.Fields {
		f := &t.Fields[i]
		if !tableName.MatchString(f.Name) || f.Title == "" || t.byName[f.Name] != nil {
			say("field %q: want a name of its own and a title", f.Name)
		}
		t.byName[f.Name] = f
		if !slices.Contains(fieldTypes, f.Type) {
			say("field %s: no type %q", f.Name, f.Type)
		}
		if f.Form == "" {
			continue
		}
		var err error
		if f.form, err = regexp.Compile(`^(?:` + f.Form + `)$`); err != nil {
			say("field %s: form: %w", f.Name, err)
		}
	}
	for _, name := range t.mentioned() {
		if t.byName[name] == nil {
			say("%s: not a field of this table", name)
		}
	}
	return faults
}

// mentioned is every field that is named outside its own line.
func (t *table) mentioned() []string {
	names := append(slices.Clone(t.Key), t.Subject)
	for _, f := range t.Fields {
		if f.When != nil {
			names = append(names, f.When.Field)
		}
	}
	for _, r := range t.Rules {
		names = append(names, r.fields()...)
	}
	return names
}

func (r crossRule) fields() []string {
	switch {
	case r.Later != "":
		return []string{r.Later, r.Than}
	case r.Begins != "":
		return []string{r.Begins, r.With}
	case len(r.Paired) == 2:
		return r.Paired
	}
	return []string{"a rule that says nothing", ""}
}

func tableNames(tables map[string]*table) []string { return slices.Sorted(maps.Keys(tables)) }
