package hostile_test

import (
	"archive/zip"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
)

const (
	mainNS   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relNS    = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relURL   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	types    = "[Content_Types].xml"
	rels     = "_rels/.rels"
	main     = "xl/workbook.xml"
	mainRels = "xl/_rels/workbook.xml.rels"
	styles   = "xl/styles.xml"
	sst      = "xl/sharedStrings.xml"
	sheet    = "xl/worksheets/sheet1.xml"

	sheetHead = `<worksheet ` + mainNS + `><sheetData><row r="1"><c t="str"><v>编号</v></c><c t="str"><v>代码</v></c><c t="str"><v>名称</v></c><c t="str"><v>日期</v></c><c t="str"><v>金额</v></c></row>`
	sheetTail = `</sheetData></worksheet>`
	goodRow   = `<row><c t="str"><v>榕1号</v></c><c t="s"><v>0</v></c><c t="inlineStr"><is><t>福州甲公司</t></is></c><c s="1"><v>46000</v></c><c><v>100.5</v></c></row>`
)

type parts map[string]func(io.Writer) error

// usual parts of a workbook that lands.
func usual() parts {
	return parts{
		types:    text(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`),
		rels:     text(relNS + `<Relationship Id="rId1" Type="` + relURL + `officeDocument" Target="xl/workbook.xml"/></Relationships>`),
		main:     text(`<workbook ` + mainNS + `><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>`),
		mainRels: text(relNS + `<Relationship Id="rId1" Type="` + relURL + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + relURL + `styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + relURL + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`),
		styles:   text(`<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`),
		sst:      text(`<sst><si><t>91350100MA8T00016W</t></si></sst>`),
		sheet:    text(sheetHead + strings.Repeat(goodRow, 3) + sheetTail),
	}
}

// pack writes the usual parts with some changed, in a fixed order, and padding
// that does not shrink, for bombs that hide behind the size of their file.
func pack(changed parts, padding int) func(io.Writer) error {
	return func(w io.Writer) error {
		all := usual()
		for name, write := range changed {
			all[name] = write
		}
		var names []string
		for name := range all {
			names = append(names, name)
		}
		slices.Sort(names)
		z := zip.NewWriter(w)
		for _, name := range names {
			f, err := z.Create(name)
			if err == nil {
				err = all[name](f)
			}
			if err != nil {
				return err
			}
		}
		if padding > 0 {
			f, err := z.CreateHeader(&zip.FileHeader{Name: "docProps/thumbnail.jpeg", Method: zip.Store})
			if err == nil {
				_, err = io.CopyN(f, noise{rand.New(rand.NewPCG(1, 1))}, int64(padding))
			}
			if err != nil {
				return err
			}
		}
		return z.Close()
	}
}

type noise struct{ *rand.Rand }

func (n noise) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(n.Uint32())
	}
	return len(b), nil
}

// workbooks are bombs and nonsense in every part of a workbook.
func workbooks() []hostile {
	var list []hostile
	add := func(name, want string, changed parts, padding int) {
		list = append(list, hostile{name: name, format: "xlsx", write: pack(changed, padding), want: want})
	}
	rows := func(head, piece string, n int, tail string) func(io.Writer) error {
		return repeat(sheetHead+head, piece, n, tail+sheetTail)
	}
	const mb = 1 << 20
	add("good", lands, nil, 0)
	add("spaces, 100 MB", "unpacks from", parts{sheet: rows("", " ", 100*mb, "")}, 0)
	add("spaces, 300 MB behind 2 MB", "unpacks from", parts{sheet: rows("", " ", 300*mb, "")}, 2*mb)
	add("empty rows, 5 million", "more than 1048576 rows", parts{sheet: rows("", "<row/>", 5_000_000, "")}, 0)
	add("empty cells, 4 million", lands, parts{sheet: rows("", "<row>"+strings.Repeat("<c/>", 40)+"</row>", 100_000, "")}, mb)
	add("cells beyond the header, 60 million bytes", lands, parts{sheet: rows("", "<row>"+strings.Repeat("<c><v>1</v></c>", 400)+"</row>", 10_000, "")}, mb)
	add("cells at the far right", lands, parts{sheet: rows("", `<row><c><v>1</v></c><c r="XFD9"><v>1</v></c></row>`, 20_000, "")}, 0)
	add("a cell of 40 MB", "longer than", parts{sheet: rows(`<row><c t="str"><v>`, "榕", 13*mb, "</v></c></row>")}, 0)
	add("a cell of 100,000 runs", "more than 131072 bytes", parts{sheet: rows(`<row><c t="inlineStr"><is>`, "<r><t>榕城</t></r>", 100_000, "</is></c></row>")}, 0)
	add("a tag of 20 MB", "longer than", parts{sheet: rows(`<row `, `a="1" `, 4*mb, "/>")}, 0)
	add("a tag that never ends", "the XML ends", parts{sheet: rows(`<row a="`, "x", mb, "")}, 0)
	add("one million attributes", "longer than", parts{sheet: rows(`<row><c `, `r="A1" `, mb, "/></row>")}, 0)
	add("a comment of 50 MB", "longer than", parts{sheet: rows("<!--", "x", 50*mb, "-->")}, 0)
	add("CDATA of 50 MB", "longer than", parts{sheet: rows("<row><c t='str'><v><![CDATA[", "x", 50*mb, "]]></v></c></row>")}, 0)
	add("depth of a million", "too early", parts{sheet: rows("<row>", "<x>", mb, "")}, 0)
	add("depth of a million, closed", lands, parts{sheet: rows("<row><x>", "<x></x>", mb, "</x></row>")}, 0)
	add("merged in 200,000 places", "more than 100000 places", parts{sheet: repeat(sheetHead+"</sheetData>", `<mergeCell ref="A2:A9"/>`, 200_000, "</worksheet>")}, 0)
	add("merged over everything", lands, parts{sheet: repeat(sheetHead+strings.Repeat(goodRow, 50_000)+"</sheetData>", `<mergeCell ref="A2:XFD1048576"/>`, 90_000, "</worksheet>")}, mb)
	add("shared strings, 200 MB", "shared strings take more", parts{sst: repeat("<sst>", "<si><t>"+strings.Repeat("榕", 300)+"</t></si>", 220_000, "</sst>")}, 3*mb)
	add("shared strings, 8 million empty", "shared strings take more", parts{sst: repeat("<sst>", "<si/>", 8_000_000, "</sst>")}, mb)
	add("shared string that is not there", "not there", parts{sheet: rows("", `<row><c t="s"><v>99999999999999999999</v></c></row>`, 1, "")}, 0)
	add("shared string below zero", "not there", parts{sheet: rows("", `<row><c t="s"><v>-1</v></c></row>`, 1, "")}, 0)
	add("cell formats, 200,000", "more than 65536 cell formats", parts{styles: repeat("<styleSheet><cellXfs>", "<xf/>", 200_000, "</cellXfs></styleSheet>")}, 0)
	add("number formats, 200,000", "more than 65536 number formats", parts{styles: numbered("<styleSheet>", `<numFmt numFmtId="%d" formatCode="y"/>`, 200_000, "</styleSheet>")}, 0)
	add("a number format of 1 MB", anything, parts{styles: repeat(`<styleSheet><numFmt numFmtId="9" formatCode="`, `[h`, mb/2, `"/></styleSheet>`)}, 0)
	add("sheets, 50,000", "more than 10000 sheets", parts{main: numbered("<workbook><sheets>", `<sheet name="%d" r:id="x"/>`, 50_000, "</sheets></workbook>")}, 0)
	add("relationships, 50,000", "more than 10000 relationships", parts{mainRels: numbered(relNS, `<Relationship Id="r%d" Target="x"/>`, 50_000, "</Relationships>")}, 0)
	add("header of 16,384 columns", "missing column", parts{sheet: numbered(`<worksheet><sheetData><row>`, `<c t="str"><v>列%d</v></c>`, 16_384, "</row>"+sheetTail)}, 0)
	add("fractions of a number", lands, parts{sheet: rows("", `<row><c><v>1e-320</v></c><c/><c><v>1e308</v></c><c><v>-1</v></c><c><v>1e400</v></c></row>`, 9, "")}, 0)
	add("numbers that are none", lands, parts{sheet: rows("", `<row><c><v>NaN</v></c><c><v>Inf</v></c><c><v>0x1p4</v></c><c s="1"><v>Infinity</v></c><c s="99999"><v>1_0</v></c></row>`, 9, "")}, 0)
	add("NUL in a cell", lands, parts{sheet: rows("", "<row><c t='str'><v>a\x00b</v></c><c t='inlineStr'><is><t>_x0000_</t></is></c></row>", 9, "")}, 0)
	add("formula of a spreadsheet attack", lands, parts{sheet: rows("", `<row><c t="str"><f>cmd|'/c calc'!A0</f><v>=cmd|'/c calc'!A0</v></c></row>`, 9, "")}, 0)
	add("no sheet", "there is no sheet", parts{main: text("<workbook/>")}, 0)
	add("sheet that is itself", "no data", parts{mainRels: text(relNS + `<Relationship Id="rId1" Type="worksheet" Target="workbook.xml"/></Relationships>`)}, 0)
	add("target outside", "has no part", parts{mainRels: text(relNS + `<Relationship Id="rId1" Type="worksheet" Target="../../../../etc/passwd"/></Relationships>`)}, 0)
	add("target on the network", "holds no cells", parts{mainRels: text(relNS + `<Relationship Id="rId1" Type="worksheet" TargetMode="External" Target="file:///etc/passwd"/></Relationships>`)}, 0)
	laughs := `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	outside := `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`
	for _, part := range []string{rels, main, mainRels, styles, sst, sheet} {
		add("laughs in "+part, "document type", parts{part: text(laughs + "<x>&c;</x>")}, 0)
		add("entity from outside in "+part, "document type", parts{part: text(outside + "<x>&a;</x>")}, 0)
		add("UTF-16 in "+part, "damaged", parts{part: text("\xFF\xFE<\x00x\x00/\x00>\x00")}, 0)
		add("half of "+part, anything, parts{part: text(`<?xml version="1.0"?><a><b c="`)}, 0)
		add("empty "+part, anything, parts{part: text("")}, 0)
		add("depth in "+part, anything, parts{part: repeat("", "<a>", mb, "")}, 0)
		add("bomb in "+part, "unpacks from", parts{part: repeat("<a>", " ", 70*mb, "</a>")}, 0)
	}
	return list
}

// names are good files whose names are not.
func names() []hostile {
	var list []hostile
	for _, name := range []string{"-rf.csv", "--json", "$(reboot).csv", "`id`.csv", "a b\tc.csv", "a\nb.csv", "\x1b[2J.csv", "\xff\xfe.csv", "..csv", "...",
		"=cmd|'!A0'.csv", "<script>.csv", "处罚\u202ecsv.exe", strings.Repeat("榕", 84) + ".x", "extract.csv", "batch.json", "records.parquet", "NUL", "%s%n.csv", `..\..\x.csv`, "'; drop table x; --.csv"} {
		list = append(list, hostile{name: fmt.Sprintf("name %.20q", name), format: "csv", file: name, want: lands, write: text(csvHead + csvRow)})
	}
	return list
}
