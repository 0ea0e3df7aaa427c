package city

import (
	"rongxin/internal/credit"
)

// role tells what a column means, and so which faults it can carry.
type role int

const (
	plain    role = iota // numbers, other codes: no generic fault
	text                 // free text
	code                 // the subject's 统一社会信用代码
	name                 // the subject's name
	pastDate             // a date that cannot lie after the day of sending
	openDate             // a date that can
	category             // a code list
)

// column is one field of an extract, as its contract names it.
type column struct {
	name     string
	role     role
	required bool
	wrong    string // a value outside the code list
}

type format int

const (
	gb18030CSV format = iota // CRLF, as office software of the departments writes
	bomCSV                   // UTF-8 with byte order mark
	utf8CSV
	xlsxSheet
	ndjson
)

func (f format) csv() bool { return f <= utf8CSV }

func (f format) extension() string {
	switch f {
	case xlsxSheet:
		return "xlsx"
	case ndjson:
		return "ndjson"
	}
	return "csv"
}

// extract is what a department sends of one dataset: one or several editions,
// the older first. A delta dataset sends the history and then what came after.
type extract struct {
	dataset  string
	title    string // the department's name for its file
	sender   string
	format   format
	sheet    string // XLSX only
	banner   string // XLSX only: a title row above the header
	numbered bool   // XLSX only: a column 序号 first
	slashes  bool   // dates as 2006/01/02 (双公示, 2018)
	columns  []column
	editions []*edition
}

// edition is one sending. Its file is opened with its first row.
type edition struct {
	name   string
	sent   credit.Date
	period string // month that the sending is for, where the department keeps a calendar
	state  string // how it keeps to it: received, late, empty (a file without rows), missing (no file)
	out    sink
	rows   int
	faults int
}

func (x *extract) index(name string) int {
	for i, c := range x.columns {
		if c.name == name {
			return i
		}
	}
	return -1
}

func (x *extract) first(r role) int {
	for i, c := range x.columns {
		if c.role == r {
			return i
		}
	}
	return -1
}

func (x *extract) header() []string {
	names := make([]string, len(x.columns))
	for i, c := range x.columns {
		names[i] = c.name
	}
	return names
}

// date writes a day as the department does; 0 is blank.
func (x *extract) date(day credit.Date) string {
	if day == 0 {
		return ""
	}
	b, _ := day.AppendText(make([]byte, 0, 10))
	if x.slashes {
		b[4], b[7] = '/', '/'
	}
	return string(b)
}

// since returns the edition that first holds a record known from a day on.
func (x *extract) since(day credit.Date) *edition {
	for _, ed := range x.editions {
		if day <= ed.sent && ed.state != "empty" && ed.state != "missing" {
			return ed
		}
	}
	return x.editions[len(x.editions)-1]
}

// of returns the edition of a round.
func (x *extract) of(r *round) *edition { return x.since(r.sent) }

// row is one line on its way into an edition.
type row struct {
	x     *extract
	to    *edition
	e     *enterprise
	cells []string
	hint  string // document number or other key, for truth/defects.csv
}
