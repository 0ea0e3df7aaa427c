// Package contract reads dataset contracts: what a department agreed to send.
//
// A contract is the only place where a dataset's shape is written down. Landing
// checks rows against it, staging takes its columns from it, the data
// dictionary and the feedback to departments quote it. So a file is understood
// in full or refused with every fault at its line and column, and an unknown
// key is a fault like any other.
package contract

import (
	"slices"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
)

// Type is the kind of value a field holds.
type Type string

// The types a field may have. Decimal is written decimal(p,s) in the file.
const (
	Text           Type = "text"
	USCC           Type = "uscc"            // 统一社会信用代码, GB 32100-2015
	Code           Type = "code"            // one value of a closed list
	Date           Type = "date"            // a day
	Integer        Type = "integer"         // 64 bits
	Decimal        Type = "decimal"         // exact, up to 18 digits
	Money          Type = "money"           // written in a unit, kept in fen
	PersonID       Type = "person_id"       // 居民身份证, GB 11643-1999; always masked
	RegistrationNo Type = "registration_no" // 工商注册号
	Division       Type = "division"        // GB/T 2260
	Industry       Type = "industry"        // GB/T 4754
)

// Range is the publication range of a dataset or field (公开属性), from the
// widest to the narrowest.
type Range string

// The publication ranges of the national catalogue.
const (
	Public     Range = "public"     // 社会公开
	Government Range = "government" // 政务共享
	Authorised Range = "authorised" // 授权查询
)

// A Contract describes one dataset.
type Contract struct {
	File string // where it was read from
	Hash string // SHA-256 of the file's bytes, in hex

	Dataset       string // department/dataset
	Version       int
	EffectiveFrom credit.Date
	EffectiveTo   credit.Date // the last day; 0 when there is none
	Title         string
	Department    string // who sends it, in Chinese
	Catalogue     Catalogue
	Basis         string // law or document that allows the collection
	Range         Range
	Source        Source
	Ignore        []string // source columns that are known and not kept
	Key           []string // source names of the fields that identify a record
	Clock         *Clock   // nil when no deadline applies
	Expect        Expect
	Fields        []Field
}

// Catalogue binds a dataset to an item of 全国公共信用信息基础目录 (or its
// local supplement); what has no item may not be collected.
type Catalogue struct {
	Class   string
	Item    string
	Edition int
}

// Source says how the department writes its extract.
type Source struct {
	Format    string // csv, xlsx, ndjson, json, xml
	Encoding  string // auto, utf-8, gb18030, utf-16 (of either byte order), utf-16le, utf-16be
	Delimiter string // csv: the one character between fields; empty to find it from the header
	Delivery  string // landing.Delta or landing.Snapshot
	Sheet     string // xlsx: name of the worksheet, FirstSheet, or a /pattern/
	// EverySheet reads all sheets that the pattern fits, as one table.
	EverySheet bool
	Member     string // glob of the one file to read in a ZIP archive; empty when there is but one
	// RecordPath leads to the records: in json the names of objects, the last
	// being that of an array, empty when the file is the array; in xml the local
	// names of elements from the root on, the last being that of a record.
	RecordPath []string
	// xlsx: the first row of the column names, from 1, or AutoHeader; and how
	// many rows they take.
	HeaderRow, HeaderRows int
	// Withdrawal marks rows that take a record back; zero when none can.
	Withdrawal Withdrawal
	Nulls      []string
	Table      *Table // where the rows are that make the extract; nil when it comes as a file
}

// What a worksheet source may say instead of a name or a row.
const (
	FirstSheet = "first" // the first sheet that is not hidden
	AutoHeader = 0       // auto: the first row that holds the names of the contract
)

// HeaderSeparator joins the parts of a column name that stand above each other.
const HeaderSeparator = "/"

// SheetPattern returns the regular expression of a sheet written /…/. No sheet
// can be called so: a slash is not allowed in its name.
func SheetPattern(sheet string) (pattern string, ok bool) {
	if len(sheet) < 2 || sheet[0] != '/' || sheet[len(sheet)-1] != '/' {
		return "", false
	}
	return sheet[1 : len(sheet)-1], true
}

// Withdrawal says which rows of a delta take a record back: those with one of
// the values in the field. Such a row needs its key only.
type Withdrawal struct {
	Field  string // source name
	Values []string
}

// Clock is a deadline in working days between two days of a record.
type Clock struct {
	From   string // source name of a date field; day 0
	To     string // source name of a date field; empty means the day of receipt
	Within int    // working days
}

// Expect bounds a whole batch. A batch outside is refused unless overridden.
type Expect struct {
	MinRows int64 // rows read; a snapshot expects one row unless told otherwise
	// MaxRejectPPM is the highest share of rejected rows in millionths; one
	// million when the contract sets no bound.
	MaxRejectPPM int64
	// Shares, in millionths, of what the dataset usually holds: fewer rows than
	// MinSharePPM are refused, more than WarnAbovePPM are told, and so is a
	// snapshot of which more than WarnChangesPPM came or went. Zero sets no bound.
	MinSharePPM, WarnAbovePPM, WarnChangesPPM int64
	// Every says how often something must come: daily, month, quarter,
	// half-year or year; empty when nothing is expected at fixed times. Within
	// is the days after the close of a period in which its delivery is on time.
	Every  string
	Within int
}

// Field is one column of the extract.
type Field struct {
	Name     string // as the department writes it
	Title    string // in Chinese; the name when the file gives none
	As       string // column name in the warehouse
	Type     Type
	Required Requirement

	Precision, Scale int // of a decimal; Scale is also set for money: digits from its unit to fen
	Unit             string
	// Min, Max and WarnAbove are in units of 10^-Scale: fen for money, the
	// last decimal place for a decimal.
	Min, Max, WarnAbove *int64

	Codes     []CodeValue // of type code, in file order
	Edition   int         // of type industry
	NotAfter  string      // "received": not after the day of receipt
	MaxLength int         // characters; 0 is unlimited
	Range     Range
	Mask      *Mask
	MaskWhen  Requirement // the rows to mask; without a Field every row
	FreeText  bool        // may hold a person's number, which is masked
	HashOf    []string    // source names of the fields whose RowCheck this one holds
	Several   bool        // holds one code or more, kept in the order of Codes, joined by ;
	Answer    bool        // a row without it was given out and has not been answered
	// Vault keeps the clear values of a masked field, sealed; VaultBasis is the
	// law that allows it.
	Vault      bool
	VaultBasis string
}

// CodeValue is one value of a closed list: as it is sent, and as it is kept.
type CodeValue struct{ Source, Value string }

// Mask keeps so many characters at either end.
type Mask struct{ Left, Right int }

// Requirement says when a value must be there.
type Requirement struct {
	Always bool
	Field  string   // source name of another field …
	In     []string // … and its source values that make this one required
}

// SQLType is the column type of the field in the landed Parquet.
func (f *Field) SQLType() string {
	switch f.Type {
	case Date:
		return "DATE"
	case Integer, Money:
		return "BIGINT"
	case Decimal:
		return decimalType(f.Precision, f.Scale)
	}
	return "VARCHAR"
}

// Names of the columns that every landed dataset begins with, and of the one
// that only a dataset with a clock has.
const (
	ColumnRecordID  = "record_id"
	ColumnMatchID   = "match_id" // record_id without the subject's code: what a corrected record is matched by
	ColumnBatchID   = "batch_id"
	ColumnLine      = "line"
	ColumnFlags     = "flags"
	ColumnClockDays = "clock_days"

	// Only in datasets whose rows can take a record back.
	ColumnIsWithdrawal = "is_withdrawal"
)

// columnWithdrawalMark keeps, as it was sent, the column that tells withdrawals
// from other rows where it is no field of the contract itself.
const columnWithdrawalMark = "withdrawal_mark"

// addWithdrawalField makes an extra column that marks withdrawals a field like
// any other, so that every reader finds it.
func (c *Contract) addWithdrawalField() {
	if w := c.Source.Withdrawal; w.Field != "" && c.FieldIndex(w.Field) < 0 {
		c.Fields = append(c.Fields, Field{Name: w.Field, Title: "撤销标志", As: columnWithdrawalMark, Type: Text, Range: c.Range})
	}
}

// Columns that name whom a record is about, which a run joins by. Every dataset
// of the catalogue has both, or neither where it is about no enterprise.
const (
	ColumnSubjectID   = "subject_id"
	ColumnSubjectName = "subject_name"
)

// StatusSuffix names the companion column of a uscc field, which holds
// "valid" or "suspect" ("invalid" is a reject, an absent code is null).
const StatusSuffix = "_status"

// TokenSuffix names the companion column of a person_id field: the token that
// stands for the number, the same for the same person in every dataset.
const TokenSuffix = "_token"

// Columns of the field in the landed Parquet: its own, and behind it the
// companion of a uscc or person_id field.
func (f *Field) Columns() []landing.Column {
	columns := []landing.Column{{Name: f.As, Type: f.SQLType()}}
	switch f.Type {
	case USCC:
		columns = append(columns, landing.Column{Name: f.As + StatusSuffix, Type: "VARCHAR"})
	case PersonID:
		columns = append(columns, landing.Column{Name: f.As + TokenSuffix, Type: "VARCHAR"})
	}
	return columns
}

// Columns is the shape of the dataset's records.parquet: the system columns,
// then the columns of the fields in the order of the contract.
func (c *Contract) Columns() []landing.Column {
	columns := []landing.Column{
		{Name: ColumnRecordID, Type: "VARCHAR"},
		{Name: ColumnMatchID, Type: "VARCHAR"},
		{Name: ColumnBatchID, Type: "VARCHAR"},
		{Name: ColumnLine, Type: "BIGINT"},
		{Name: ColumnFlags, Type: "VARCHAR"},
	}
	if c.Clock != nil {
		columns = append(columns, landing.Column{Name: ColumnClockDays, Type: "INTEGER"})
	}
	if c.Source.Withdrawal.Field != "" {
		columns = append(columns, landing.Column{Name: ColumnIsWithdrawal, Type: "BOOLEAN"})
	}
	for i := range c.Fields {
		columns = append(columns, c.Fields[i].Columns()...)
	}
	return columns
}

// Landing describes the dataset to readers of the landing area.
func (c *Contract) Landing() landing.Dataset {
	d := landing.Dataset{
		Name: c.Dataset, Title: c.Title, Department: c.Department,
		Delivery: c.Source.Delivery, Columns: c.Columns(),
	}
	if c.Clock != nil {
		d.ClockFrom = c.column(c.Clock.From)
		d.ClockTo = c.column(c.Clock.To)
	}
	return d
}

// column is the warehouse's name of a field, or "" where there is none.
func (c *Contract) column(name string) string {
	if i := c.FieldIndex(name); i >= 0 {
		return c.Fields[i].As
	}
	return ""
}

// IsPersonal reports whether extracts of the dataset may tell of persons: a
// field is masked, is a person's number or a free text. They are kept sealed.
func (c *Contract) IsPersonal() bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.Type == PersonID || f.Mask != nil || f.FreeText })
}

// FieldIndex returns the place of a field by its source name, or -1.
func (c *Contract) FieldIndex(name string) int {
	for i := range c.Fields {
		if c.Fields[i].Name == name {
			return i
		}
	}
	return -1
}
