package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
)

// A plan is all that workers need to judge the rows of one file. It is made
// once and only read.
type plan struct {
	contract   *contract.Contract
	batch      string
	day        credit.Date // of receipt
	calendar   *credit.Calendar
	exceptions credit.Exceptions
	tokens     secret.TokenKey
	exponents  bool // numbers may be written 1.2E+3

	columns []parquetColumn
	fields  []fieldPlan
	vault   []int // fields whose clear values are kept, sealed
	key     []int // fields
	match   []int // the key without the subject's code
	nulls   map[string]bool

	longestNull int // bytes

	// Values that many rows share.
	batchValue cell
	flagValues [1 << len(flagCodes)]cell
	statuses   map[credit.CodeStatus]cell
	valid      cell // the status of nearly every code

	again *secondLook // nil for an extract that is judged for the first time

	clockFrom, clockTo int // fields; clockTo is -1 for the day of receipt

	withdraws    int             // the field that marks withdrawals, -1: none does
	withdrawals  map[string]bool // its values
	atWithdrawal int             // the place of is_withdrawal
}

// fieldPlan is a field with its place in the records and its lists prepared.
type fieldPlan struct {
	*contract.Field
	column   int
	width    int                                                   // columns that it fills
	judge    func(j *judge, f *fieldPlan, i int, v []byte, r *row) // by the type of the field
	isKey    bool
	inKey    bool
	codes    map[string][]byte
	requires int             // the field that Required speaks of
	when     map[string]bool // its values
	masksBy  int             // the field that MaskWhen speaks of, -1: every row is masked
	maskWhen map[string]bool // its values
	guards   []int           // the fields whose RowCheck this one holds
}

// The places of the system columns.
const (
	atRecordID = iota
	atMatchID
	atBatchID
	atLine
	atFlags
	atClockDays
)

func newPlan(c *contract.Contract, batch string, day credit.Date, exceptions credit.Exceptions, tokens secret.TokenKey) *plan {
	p := &plan{
		contract: c, batch: batch, day: day, calendar: credit.WorkCalendar(), exceptions: exceptions, tokens: tokens,
		exponents: c.Source.Format != "csv", nulls: map[string]bool{}, clockTo: -1, withdraws: -1,
	}
	at := map[string]int{}
	for i, column := range c.Columns() {
		at[column.Name] = i
		p.columns = append(p.columns, parquetColumn{Column: column, optional: i >= atClockDays})
	}
	p.columns[atRecordID].distinct, p.columns[atMatchID].distinct = true, true
	p.columns[atBatchID].dictionary, p.columns[atFlags].dictionary = true, true
	for i := range c.Fields {
		f := fieldPlan{Field: &c.Fields[i], column: at[c.Fields[i].As], isKey: slices.Contains(c.Key, c.Fields[i].Name), requires: -1, masksBy: -1}
		f.inKey = slices.Contains(c.Key, f.Name)
		p.prepare(&f)
		p.fields = append(p.fields, f)
		if f.Vault {
			p.vault = append(p.vault, i)
		}
	}
	for _, name := range c.Key {
		at := c.FieldIndex(name)
		p.key = append(p.key, at)
		if c.Fields[at].As != contract.ColumnSubjectID {
			p.match = append(p.match, at)
		}
	}
	if w := c.Source.Withdrawal; w.Field != "" {
		p.withdraws, p.withdrawals, p.atWithdrawal = c.FieldIndex(w.Field), setOf(w.Values), at[contract.ColumnIsWithdrawal]
		p.columns[p.atWithdrawal].optional = false
	}
	for _, text := range c.Source.Nulls {
		p.nulls[text], p.longestNull = true, max(p.longestNull, len(text))
	}
	p.batchValue = shared(batch, 1)
	for set := range p.flagValues {
		p.flagValues[set] = shared(flagSet(set).String(), set+1)
	}
	p.statuses = map[credit.CodeStatus]cell{
		credit.CodeValid: shared(string(credit.CodeValid), 1), credit.CodeSuspect: shared(string(credit.CodeSuspect), 2),
		codeCorrected: shared(string(codeCorrected), 3),
	}
	p.valid = p.statuses[credit.CodeValid]
	if c.Clock != nil {
		p.clockFrom = c.FieldIndex(c.Clock.From)
		if c.Clock.To != "" {
			p.clockTo = c.FieldIndex(c.Clock.To)
		}
	}
	return p
}

// shared is a text of many rows, known from the start.
func shared(text string, number int) cell {
	c := textCell(text)
	c.known = int32(number)
	return c
}

func (p *plan) prepare(f *fieldPlan) {
	isThere := f.Required.Always && (f.inKey || p.contract.Source.Withdrawal.Field == "")
	if isThere { // an accepted record has it
		for i := range f.Columns() {
			p.columns[f.column+i].optional = false
		}
	}
	f.judge, f.width = judgements[f.Type], len(f.Columns())
	switch f.Type {
	case contract.Code:
		f.judge = (*judge).code
		if f.Several {
			f.judge = (*judge).codes
		}
		f.codes = map[string][]byte{}
		for _, code := range f.Codes {
			f.codes[code.Source] = []byte(code.Value)
		}
		p.columns[f.column].dictionary = true
	case contract.Division, contract.Industry:
		p.columns[f.column].dictionary = true
	case contract.USCC:
		p.columns[f.column+1].dictionary = true // the status beside it
	}
	for _, name := range f.HashOf {
		f.guards = append(f.guards, p.contract.FieldIndex(name))
	}
	if f.Required.Field != "" {
		f.requires, f.when = p.contract.FieldIndex(f.Required.Field), setOf(f.Required.In)
	}
	if f.MaskWhen.Field != "" {
		f.masksBy, f.maskWhen = p.contract.FieldIndex(f.MaskWhen.Field), setOf(f.MaskWhen.In)
	}
}

func setOf(values []string) map[string]bool {
	set := map[string]bool{}
	for _, v := range values {
		set[v] = true
	}
	return set
}

// recordIDBytes of the digest are kept: 96 bits, so that among a billion
// records the chance of two alike is below one in 10^10.
const (
	recordIDBytes = 12
	idLength      = 2 * recordIDBytes
)

// A record is named by its dataset and key fields: the SHA-256 over the
// dataset and each accepted key value, in the order of the contract, every one
// followed by a zero byte (which no value contains). A date counts as
// 2006-01-02, money as fen, a decimal with all its decimals, an absent value as
// nothing. So a record that is sent again, even in another file or format, has
// the same id.
func appendID(id, key []byte) []byte {
	sum := sha256.Sum256(key)
	return hex.AppendEncode(id, sum[:recordIDBytes])
}

// startKey begins a key, in space.
func (p *plan) startKey(space []byte) []byte {
	return append(append(space[:0], p.contract.Dataset...), 0)
}

func (p *plan) appendKey(b []byte, f *fieldPlan, v *cell) []byte {
	switch {
	case !v.isThere:
	case v.text != nil:
		b = append(b, v.text...)
	case f.Type == contract.Date:
		b, _ = credit.Date(v.number).AppendText(b) // it never fails
	case f.Type == contract.Decimal:
		b = contract.FormatScaled(b, v.number, f.Scale)
	default:
		b = contract.FormatScaled(b, v.number, 0)
	}
	return append(b, 0)
}

// batchID names a batch by what was sent, whatever the contract made of it. A
// snapshot says how things stand on its day: the same bytes on another day say
// it of that day, and are another batch. So a register that goes back to what it
// was is seen to.
func batchID(c *contract.Contract, fileSHA256 string, day credit.Date) string {
	named := []string{c.Dataset, fileSHA256}
	if c.Source.Delivery == landing.Snapshot {
		named = append(named, day.String())
	}
	sum := sha256.Sum256([]byte(strings.Join(named, "\x00")))
	return hex.EncodeToString(sum[:8])
}
