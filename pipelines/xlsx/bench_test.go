package xlsx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/xlsx"
)

// benchBook is a list of 28 columns as spreadsheets save it: half of the cells
// are shared strings.
func benchBook(tb testing.TB, rows int) []byte {
	var texts []string
	for i := range rows {
		texts = append(texts, fmt.Sprintf("福州市榕城示例第%d有限公司", i), fmt.Sprintf("榕市监罚〔2026〕%d号", i))
	}
	var sheet strings.Builder
	for i := range rows {
		fmt.Fprintf(&sheet, `<row r="%d" spans="1:28">`, i+1)
		for c := range 28 {
			ref := fmt.Sprintf("%s%d", column(c), i+1)
			switch {
			case c < 2:
				fmt.Fprintf(&sheet, `<c r="%s" t="s"><v>%d</v></c>`, ref, 2*i+c)
			case c%2 == 0:
				fmt.Fprintf(&sheet, `<c r="%s" t="s"><v>%d</v></c>`, ref, (i*7+c)%1000)
			case c == 3:
				fmt.Fprintf(&sheet, `<c r="%s" s="1"><v>%d</v></c>`, ref, 46000+i%365)
			default:
				fmt.Fprintf(&sheet, `<c r="%s"><v>%d.%d</v></c>`, ref, i%5000, c)
			}
		}
		sheet.WriteString("</row>")
	}
	return book(tb, parts{"xl/sharedStrings.xml": shared(texts...), "xl/worksheets/sheet1.xml": sheetXML(sheet.String())})
}

func column(c int) string {
	if c < 26 {
		return string(rune('A' + c))
	}
	return column(c/26-1) + column(c%26)
}

const benchRows = 20_000

func BenchmarkRows(b *testing.B) {
	data := benchBook(b, benchRows)
	for b.Loop() {
		book, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows(book.Sheets[0])
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for ; ; n++ {
			if _, err = rows.Next(); err != nil {
				break
			}
		}
		if !errors.Is(err, io.EOF) || n != benchRows {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(benchRows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkExcelize(b *testing.B) {
	data := benchBook(b, benchRows)
	for b.Loop() {
		book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows("名单")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			if _, err := rows.Columns(); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchRows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(benchRows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
