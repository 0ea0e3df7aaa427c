package xlsx_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"rongxin/pipelines/xlsx"
)

// Whatever the parts hold, reading ends with rows in their order or with an
// *Error; it never panics.
func FuzzParts(f *testing.F) {
	usual := usual()
	f.Add([]byte(sheetXML(`<row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><r><t>a</t></r><rPh><t>b</t></rPh></is></c></row>`)), []byte(shared("甲")), []byte(usual["xl/styles.xml"]), []byte(usual["xl/workbook.xml"]))
	f.Add([]byte(`<x:worksheet><x:sheetData><x:row><x:c t='str'><x:f/><x:v><![CDATA[&]]></x:v></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells></x:worksheet>`),
		[]byte(`<sst><si/><si><t>_x000B_&#x41;&amp;</t></si></sst>`), []byte(`<styleSheet><numFmt numFmtId="1" formatCode="[h]&quot;x&quot;\\y"/><cellXfs><xf numFmtId="1"/></cellXfs></styleSheet>`), []byte(`<workbook><workbookPr date1904="true"/><sheet name="a" state="hidden" r:id="rId1"/></workbook>`))
	f.Add([]byte(`<worksheet><sheetData/></worksheet>`), []byte(``), []byte(`<!-- -->`), []byte(`<?xml version="1.0" encoding="utf-8"?><sheets><sheet name="" r:id="rId1"/></sheets>`))
	f.Fuzz(func(t *testing.T, sheet, strings, styles, main []byte) {
		checkRead(t, book(t, parts{"xl/worksheets/sheet1.xml": string(sheet), "xl/sharedStrings.xml": string(strings), "xl/styles.xml": string(styles), "xl/workbook.xml": string(main)}))
	})
}

// The same for the archive itself.
func FuzzFile(f *testing.F) {
	f.Add(book(f, nil))
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + utf16("EncryptedPackage")))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, data) })
}

func checkRead(t *testing.T, data []byte) {
	var ours *xlsx.Error
	b, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if !errors.As(err, &ours) {
			t.Fatalf("an error of the machine: %v", err)
		}
		return
	}
	for _, s := range b.Sheets {
		rows, err := b.Rows(s)
		last := 0
		for err == nil {
			var row xlsx.Row
			if row, err = rows.Next(); err != nil {
				break
			}
			if row.Number <= last {
				t.Fatalf("row %d after %d", row.Number, last)
			}
			last = row.Number
			column := int32(-1)
			for _, c := range row.Cells {
				if c.Column <= column || len(c.Text) == 0 && c.Kind != xlsx.Failed {
					t.Fatalf("cell %+v after column %d", c, column)
				}
				column = c.Column
			}
		}
		if !errors.Is(err, io.EOF) && !errors.As(err, &ours) {
			t.Fatalf("an error of the machine: %v", err)
		}
	}
}
