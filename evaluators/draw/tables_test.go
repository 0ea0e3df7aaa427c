package draw_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators/draw"
)

// read reads a whole table, or up to its first fault.
func read[T any](table draw.Table[T], text []byte) (rows []T, err error) {
	for row, err := range table.Read(bytes.NewReader(text)) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// same says that what was read of a text is written and read as the same rows.
func same[T comparable](t *testing.T, table draw.Table[T], text []byte) {
	t.Helper()
	rows, err := read(table, text)
	if err != nil {
		if len(err.Error()) == 0 || !strings.Contains(err.Error(), "line ") {
			t.Fatalf("a fault that names no line: %v", err)
		}
		return
	}
	var out bytes.Buffer
	n, err := table.Write(&out, func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	})
	if err != nil || n != int64(len(rows)) {
		t.Fatalf("%d rows written of %d: %v", n, len(rows), err)
	}
	again, err := read(table, out.Bytes())
	if err != nil || !slices.Equal(rows, again) {
		t.Fatalf("read again: %v, %v; want %v", again, err, rows)
	}
}

// Whatever a table holds, reading it ends with its rows or with a fault that
// names the line.
func FuzzTables(f *testing.F) {
	const candidate = "91350102MA0000001A,\"示例, \"\"甲\"\"\",3,F,350102,IQ-3"
	header := "\ufeff统一社会信用代码,企业名称,监管类别,行业门类,区划代码,抽查规则"
	f.Add([]byte(header + "\n" + candidate + "\n"))
	f.Add([]byte(header + ",原因代码,原因\n" + candidate + ",new,成立未满一年\n"))
	f.Add([]byte("\ufeff监管类别,行业门类,区划代码,抽查规则,候选数,抽查比例（万分比）,最少,最多,应抽数\n3,F,350102,IQ-3,3,5000,0,0,2\n"))
	f.Add([]byte("\ufeff抽取方式,次序,统一社会信用代码,企业名称,监管类别,行业门类,区划代码,抽查规则,排序值\n对照抽取,1," + candidate + ",1ae6\n"))
	f.Add([]byte("\ufeff抽取方式,次序,统一社会信用代码,企业名称,监管类别,行业门类,区划代码,抽查规则,排序值\n其他,01," + candidate + ",1ae6\n"))
	f.Add([]byte(header + "\n\"91350102MA0000001A\n"))
	f.Add([]byte(header))
	f.Fuzz(func(t *testing.T, text []byte) {
		same(t, draw.RosterTable, text)
		same(t, draw.ExclusionTable, text)
		same(t, draw.QuotaTable, text)
		same(t, draw.DrawnTable, text)
	})
}
