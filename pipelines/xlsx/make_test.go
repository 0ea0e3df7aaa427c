package xlsx_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"
)

// parts of a workbook by name; what is not given is as most programs write it.
type parts map[string]string

const (
	mainNS = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relNS  = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	relURL = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	xmlDoc = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// usual parts of a workbook with one sheet, 名单.
func usual() parts {
	return parts{
		"[Content_Types].xml":        xmlDoc + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`,
		"_rels/.rels":                xmlDoc + `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + relURL + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            xmlDoc + `<workbook ` + mainNS + `><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": xmlDoc + `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + relURL + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + relURL + `styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + relURL + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":              xmlDoc + `<styleSheet ` + mainNS + `><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       xmlDoc + `<sst ` + mainNS + ` count="0" uniqueCount="0"></sst>`,
		"xl/worksheets/sheet1.xml":   sheetXML(""),
	}
}

// sheetXML is a worksheet with these rows.
func sheetXML(rows string) string {
	return xmlDoc + `<worksheet ` + mainNS + `><dimension ref="A1"/><sheetViews><sheetView workbookViewId="0"/></sheetViews><sheetData>` + rows + `</sheetData></worksheet>`
}

// book packs the usual parts, some of them changed or, when empty, left out.
func book(t testing.TB, changed parts) []byte {
	t.Helper()
	all := usual()
	for name, text := range changed {
		all[name] = text
	}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for name, text := range all {
		if text == "" {
			continue
		}
		f, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(f, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// shared is a part of shared strings.
func shared(texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `%s<sst %s count="%d" uniqueCount="%[3]d">`, xmlDoc, mainNS, len(texts))
	for _, text := range texts {
		b.WriteString("<si><t>" + text + "</t></si>")
	}
	b.WriteString("</sst>")
	return b.String()
}
