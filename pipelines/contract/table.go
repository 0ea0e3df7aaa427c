package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rongxin/internal/strictyaml"
	"rongxin/warehouse/landing"
)

// tableFormat is how a contract says that its rows are read from a table of a
// front-end exchange database (前置库) instead of a file.
const tableFormat = "table"

// Table says where the rows of a dataset are and in which order they are read.
type Table struct {
	Database     string // name of the connection in the configuration
	Schema, Name string
	// Cursor is the column that rises with every change: a time or a whole
	// number. It is empty for a snapshot, which is read whole.
	Cursor  string
	Tie     []string // with the cursor, the columns that identify a row
	Overlap Overlap
}

// Overlap is how far before the last row read a pull looks back, for rows that
// were written earlier and committed later. Only one of the two is used.
type Overlap struct {
	Time  time.Duration // of a cursor that is a time
	Count int64         // of a cursor that is a number
	For   string        // "time" or "number" when the contract sets one; "" when the defaults stand
}

var defaultOverlap = Overlap{Time: 10 * time.Minute, Count: 1000}

// Keys are the columns that order the rows, the cursor first.
func (t *Table) Keys() []string {
	if t.Cursor == "" {
		return t.Tie
	}
	return append([]string{t.Cursor}, t.Tie...)
}

func (t *Table) String() string { return t.Database + ": " + t.Schema + "." + t.Name }

// words names the table and the order of reading, for people.
func (t *Table) words() string {
	if t == nil {
		return ""
	}
	return t.String() + " by " + strings.Join(t.Keys(), ", ")
}

func (t *Table) overlap() string {
	switch {
	case t == nil || t.Overlap.For == "":
		return ""
	case t.Overlap.For == "time":
		return t.Overlap.Time.String()
	}
	return strconv.FormatInt(t.Overlap.Count, 10)
}

// Knows reports whether a column of the table has a meaning in the contract.
func (c *Contract) Knows(column string) bool {
	return c.FieldIndex(column) >= 0 || slices.Contains(c.Ignore, column) ||
		c.Source.Table != nil && slices.Contains(c.Source.Table.Keys(), column)
}

// maxIdentifier is the length at which PostgreSQL cuts a name off silently,
// in bytes. MySQL allows 64 characters.
const maxIdentifier = 63

// CheckIdentifier says why a text cannot be the name of a table or column.
func CheckIdentifier(name string) error {
	switch {
	case name == "":
		return errors.New("a name is empty")
	case len(name) > maxIdentifier:
		return fmt.Errorf("the name %.20s… is longer than %d bytes", name, maxIdentifier)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("the name %q is not plain text", name)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("the name %q has blanks around it", name)
	}
	return nil
}

// table reads where the rows are. They are kept as one JSON object a line.
func (r *reader) table(s *Source) {
	raw := &r.raw.Source
	if raw.Format != tableFormat {
		return
	}
	s.Format, s.Encoding = "ndjson", "utf-8"
	s.Table = &Table{Database: raw.Database, Cursor: raw.Cursor, Tie: raw.Tie, Overlap: r.overlap(raw.Overlap)}
	s.Table.Schema, s.Table.Name, _ = strings.Cut(raw.Table, ".")
}

var overlapPattern = regexp.MustCompile(`^(\d{1,9})(?: (second|minute|hour|day)s?)?$`)

func (r *reader) overlap(written string) Overlap {
	if written == "" {
		return defaultOverlap
	}
	m := overlapPattern.FindStringSubmatch(written)
	if m == nil {
		r.doc.Fault("source.overlap", "want a time such as 10 minutes, or, for a cursor that is a number, a number such as 1000")
		return defaultOverlap
	}
	n, _ := strconv.ParseInt(m[1], 10, 64) // nine digits
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
	if unit == 0 {
		return Overlap{Count: n, For: "number"}
	}
	if n > int64(366*24*time.Hour/unit) {
		r.doc.Fault("source.overlap", "is longer than a year")
		return defaultOverlap
	}
	return Overlap{Time: time.Duration(n) * unit, For: "time"}
}

var connectionPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func checkTable(doc *strictyaml.Document, c *Contract) {
	t := c.Source.Table
	if t == nil {
		for _, key := range []string{"database", "table", "cursor", "tie", "overlap"} {
			if doc.Has("source." + key) {
				doc.Fault("source."+key, "is for format: table only")
			}
		}
		return
	}
	if doc.Has("source.encoding") {
		doc.Fault("source.encoding", "a database says itself how it is encoded")
	}
	if doc.Has("source.member") {
		doc.Fault("source.member", "is for archives, not for tables")
	}
	if !connectionPattern.MatchString(t.Database) {
		doc.Fault("source.database", "want the name of a connection of rongxin.yml, in small letters, digits and _")
	}
	if err := errors.Join(CheckIdentifier(t.Schema), CheckIdentifier(t.Name)); err != nil {
		doc.Fault("source.table", "want schema.table (for MySQL, database.table): %v", firstLine(err))
	}
	snapshot := c.Source.Delivery == landing.Snapshot
	switch {
	case snapshot && t.Cursor != "":
		doc.Fault("source.cursor", "a snapshot is read whole: it has no cursor")
	case snapshot && doc.Has("source.overlap"):
		doc.Fault("source.overlap", "a snapshot is read whole: it has no overlap")
	case snapshot && len(t.Tie) == 0:
		doc.Fault("source.tie", "name the columns that identify a row of the table")
	case !snapshot && t.Cursor == "":
		doc.Fault("source.cursor", "name the column that rises with every change, a time or a whole number")
	}
	checkTableNames(doc, c)
}

func checkTableNames(doc *strictyaml.Document, c *Contract) {
	name := func(path, column string) {
		if err := CheckIdentifier(column); err != nil {
			doc.Fault(path, "%v", err)
		}
	}
	t := c.Source.Table
	if t.Cursor != "" {
		name("source.cursor", t.Cursor)
	}
	for i, column := range t.Tie {
		path := fmt.Sprintf("source.tie[%d]", i)
		name(path, column)
		if column == t.Cursor || slices.Contains(t.Tie[:i], column) {
			doc.Fault(path, "%s stands twice", column)
		}
	}
	for i := range c.Fields {
		if c.Fields[i].Name != "" { // otherwise told already
			name(fmt.Sprintf("fields[%d].name", i), c.Fields[i].Name)
		}
	}
	for i, column := range c.Ignore {
		name(fmt.Sprintf("ignore[%d]", i), column)
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
