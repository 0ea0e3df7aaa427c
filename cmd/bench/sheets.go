package main

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/xlsx"
)

// sheets reads and lands a list as spreadsheets save it: half of its 28 columns
// are shared strings.
var sheets = contest{
	name: "sheets", title: "a workbook of 28 columns, read and landed, against excelize's Rows",
	prepare: prepareSheet,
	contenders: []contender{
		{name: "excelize", title: "excelize Rows, every cell read", run: readByExcelize},
		{name: "read", title: "our rows, every cell read", run: readSheet},
		{name: "land", title: "rongxin land, all checks", run: landSheet},
	},
	goals: []goal{
		{id: "P17", title: "speed of reading a workbook against excelize", gate: 5, aim: 10, figures: faster("excelize", "read")},
		{id: "P17", title: "speed of landing it, all checks, against only reading it by excelize", gate: 2, aim: 5, figures: faster("excelize", "land")},
	},
}

const (
	sheetName    = "名单"
	sheetColumns = 28
)

func prepareSheet(_ context.Context, j job) error {
	file, err := os.Create(j.path("list.xlsx"))
	if err != nil {
		return err
	}
	const relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	main := `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + relation + `"`
	rels := `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`
	rel := func(id, kind, target string) string {
		return fmt.Sprintf(`<Relationship Id="%s" Type="%s/%s" Target="%s"/>`, id, relation, kind, target)
	}
	override := func(part, kind string) string {
		return fmt.Sprintf(`<Override PartName="/xl/%s.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.%s+xml"/>`, part, kind)
	}
	z := zip.NewWriter(file)
	for _, part := range []struct {
		name  string
		write func(w *bufio.Writer)
	}{
		{"[Content_Types].xml", func(w *bufio.Writer) {
			w.WriteString(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
				override("workbook", "sheet.main") + override("worksheets/sheet1", "worksheet") + override("sharedStrings", "sharedStrings") + `</Types>`)
		}},
		{"_rels/.rels", func(w *bufio.Writer) { fmt.Fprintf(w, rels, rel("r1", "officeDocument", "xl/workbook.xml")) }},
		{"xl/_rels/workbook.xml.rels", func(w *bufio.Writer) {
			fmt.Fprintf(w, rels, rel("r1", "worksheet", "worksheets/sheet1.xml")+rel("r2", "sharedStrings", "sharedStrings.xml"))
		}},
		{"xl/workbook.xml", func(w *bufio.Writer) {
			fmt.Fprintf(w, `<workbook %s><sheets><sheet name="%s" sheetId="1" r:id="r1"/></sheets></workbook>`, main, sheetName)
		}},
		{"xl/sharedStrings.xml", func(w *bufio.Writer) { writeStrings(w, main, j.rows) }},
		{"xl/worksheets/sheet1.xml", func(w *bufio.Writer) { writeSheet(w, main, j.rows) }},
	} {
		f, err := z.Create(part.name)
		if err != nil {
			return errors.Join(err, file.Close())
		}
		w := bufio.NewWriter(f)
		part.write(w)
		if err := w.Flush(); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return errors.Join(z.Close(), file.Close())
}

func writeStrings(w *bufio.Writer, main string, rows int) {
	fmt.Fprintf(w, "<sst %s>", main)
	for i := range 1000 {
		fmt.Fprintf(w, "<si><t>福州市鼓楼区第%d执法大队</t></si>", i)
	}
	for i := range rows {
		fmt.Fprintf(w, "<si><t>榕市监罚〔2026〕%d号</t></si>", i)
	}
	w.WriteString("</sst>")
}

func writeSheet(w *bufio.Writer, main string, rows int) {
	fmt.Fprintf(w, `<worksheet %s><sheetData><row r="1">`, main)
	for c := range sheetColumns {
		fmt.Fprintf(w, `<c r="%s1" t="inlineStr"><is><t>列%d</t></is></c>`, columnName(c), c)
	}
	for i := range rows {
		fmt.Fprintf(w, `</row><row r="%d">`, i+2)
		for c := range sheetColumns {
			switch {
			case c == 0:
				fmt.Fprintf(w, `<c r="A%d" t="s"><v>%d</v></c>`, i+2, 1000+i)
			case c%2 == 0:
				fmt.Fprintf(w, `<c r="%s%d" t="s"><v>%d</v></c>`, columnName(c), i+2, (7*i+c)%1000)
			default:
				fmt.Fprintf(w, `<c r="%s%d"><v>%d.%d</v></c>`, columnName(c), i+2, i%5000, c)
			}
		}
	}
	w.WriteString("</row></sheetData></worksheet>")
}

func columnName(c int) string {
	if c < 26 {
		return string(rune('A' + c))
	}
	return columnName(c/26-1) + columnName(c%26)
}

func readByExcelize(_ context.Context, j job) (string, error) {
	f, err := excelize.OpenFile(j.path("list.xlsx"), excelize.Options{RawCellValue: true})
	if err != nil {
		return "", err
	}
	defer f.Close()
	rows, err := f.Rows(sheetName)
	if err != nil {
		return "", err
	}
	n := 0
	for ; rows.Next(); n++ {
		if _, err := rows.Columns(); err != nil {
			return "", err
		}
	}
	return "", allRows(j, n-1)
}

func readSheet(_ context.Context, j job) (string, error) {
	file, err := os.Open(j.path("list.xlsx"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	book, err := xlsx.Open(file, info.Size())
	if err != nil {
		return "", err
	}
	rows, err := book.Rows(book.Sheets[0])
	if err != nil {
		return "", err
	}
	defer rows.Close()
	n := 0
	for ; ; n++ {
		if _, err := rows.Next(); errors.Is(err, io.EOF) {
			return "", allRows(j, n-1)
		} else if err != nil {
			return "", err
		}
	}
}

func landSheet(ctx context.Context, j job) (string, error) {
	var fields strings.Builder
	for c := range sheetColumns {
		kind := "text"
		if c%2 == 1 {
			kind = `"decimal(9,2)"`
		}
		fmt.Fprintf(&fields, "  - {name: 列%d, as: c%d, type: %s, required: true}\n", c, c, kind)
	}
	c, err := contract.Parse("list.yml", []byte(`dataset: bench/list
version: 1
effective_from: 2026-01-01
title: 测速
department: 测速
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测速
range: public
source: {format: xlsx, sheet: `+sheetName+`, delivery: delta}
key: [列0]
fields:
`+fields.String()))
	if err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	lander, err := ingest.New(ingest.Config{Home: j.out, Catalog: &contract.Catalog{}, Workers: 2, Child: []string{self, "-run", judgeRun}})
	if err != nil {
		return "", err
	}
	result, err := lander.Land(ctx, ingest.Request{Contract: c, File: j.path("list.xlsx"), ReceivedAt: received})
	if err != nil {
		return "", err
	}
	return "", allRows(j, int(result.Batch.Rows.Accepted))
}

func allRows(j job, n int) error {
	if n != j.rows {
		return fmt.Errorf("%d of %d rows", n, j.rows)
	}
	return nil
}
