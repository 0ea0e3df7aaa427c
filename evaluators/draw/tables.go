package draw

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Exclusion is a subject of the list that cannot be drawn, and why.
type Exclusion struct {
	Candidate
	Code   string // short name of the reason
	Reason string // in Chinese
}

// The public tables are CSV as spreadsheets read it: UTF-8 with a byte-order
// mark, a header in Chinese, fields in quotes where they need them (RFC 4180),
// lines ended by LF.
const bom = "\ufeff"

// A Table is one kind of public file: its header, and its rows as T.
type Table[T any] struct {
	header []string
	write  func(T) []string
	read   func(fields) T
}

var candidateHeader = []string{"统一社会信用代码", "企业名称", "监管类别", "行业门类", "区划代码", "抽查规则"}

// The tables of a draw.
var (
	RosterTable = Table[Candidate]{candidateHeader, Candidate.row, fields.candidate}

	ExclusionTable = Table[Exclusion]{
		slices.Concat(candidateHeader, []string{"原因代码", "原因"}),
		func(e Exclusion) []string { return append(e.row(), e.Code, e.Reason) },
		func(f fields) Exclusion { return Exclusion{f.candidate(), f.text[6], f.text[7]} },
	}

	QuotaTable = Table[Quota]{
		[]string{"监管类别", "行业门类", "区划代码", "抽查规则", "候选数", "抽查比例（万分比）", "最少", "最多", "应抽数"},
		func(q Quota) []string {
			return append(q.Stratum.row(), number(q.Candidates), number(q.RatioBP), number(q.Least), number(q.Most), number(q.Count))
		},
		func(f fields) Quota {
			return Quota{f.stratum(0), f.number(4), Rule{f.number(5), f.number(6), f.number(7)}, f.number(8)}
		},
	}

	DrawnTable = Table[Drawn]{
		slices.Concat([]string{"抽取方式", "次序"}, candidateHeader, []string{"排序值"}),
		func(d Drawn) []string {
			return append(append([]string{partNames[d.Part], strconv.Itoa(d.Place)}, d.row()...), d.Key)
		},
		func(f fields) Drawn {
			return Drawn{f.part(0), int(f.number(1)), fields{f.text[2:], f.err}.candidate(), f.text[8]}
		},
	}
)

// partNames are the parts as officials read them.
var partNames = map[string]string{ControlPart: "对照抽取", StratumPart: "分类抽取"}

// Write writes a whole table and returns how many rows it has. An error of the
// rows ends it.
func (t Table[T]) Write(w io.Writer, rows func(yield func(T, error) bool)) (n int64, err error) {
	if _, err := io.WriteString(w, bom); err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	if err := out.Write(t.header); err != nil {
		return 0, err
	}
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		if err := out.Write(t.write(row)); err != nil {
			return n, err
		}
		n++
	}
	out.Flush()
	return n, out.Error()
}

// Read yields the rows of a table. What is not as Write makes it ends with an
// error that names the line.
func (t Table[T]) Read(r io.Reader) func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		var none T
		mark := make([]byte, len(bom))
		if _, err := io.ReadFull(r, mark); err != nil || string(mark) != bom {
			yield(none, errors.New("line 1: does not begin with the byte-order mark of UTF-8"))
			return
		}
		in := csv.NewReader(r)
		in.FieldsPerRecord, in.ReuseRecord = len(t.header), true
		if header, err := in.Read(); err != nil || !slices.Equal(header, t.header) {
			yield(none, errors.Join(fmt.Errorf("line 1: the header must be %q", t.header), err))
			return
		}
		for {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			row := none
			if err == nil {
				f := fields{record, &err}
				row = t.read(f)
				if err != nil {
					line, _ := in.FieldPos(0)
					err = fmt.Errorf("line %d: %w", line, err)
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// fields are those of one row while it is read, with its first fault.
type fields struct {
	text []string
	err  *error
}

func (f fields) number(i int) int64 {
	n, err := strconv.ParseInt(f.text[i], 10, 64)
	if (err != nil || number(n) != f.text[i]) && *f.err == nil {
		*f.err = fmt.Errorf("%q is no whole number", f.text[i])
	}
	return n
}

func (f fields) part(i int) string { return f.oneOf(i, partNames) }

// oneOf is the key whose name stands in a field.
func (f fields) oneOf(i int, names map[string]string) string {
	for key, name := range names {
		if name == f.text[i] {
			return key
		}
	}
	if *f.err == nil {
		*f.err = fmt.Errorf("%q is none of %s", f.text[i], strings.Join(slices.Sorted(maps.Values(names)), ", "))
	}
	return ""
}

func (f fields) stratum(i int) Stratum {
	return Stratum{int(f.number(i)), f.text[i+1], f.text[i+2], f.text[i+3]}
}

func (f fields) candidate() Candidate { return Candidate{f.text[0], f.text[1], f.stratum(2)} }

func (c Candidate) row() []string {
	return append([]string{c.SubjectID, c.SubjectName}, c.Stratum.row()...)
}

func (s Stratum) row() []string {
	return []string{strconv.Itoa(s.Class), s.Industry, s.Division, s.Line}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
