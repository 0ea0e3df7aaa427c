package xlsx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/xlsx"
)

// read returns the cells of a workbook's first sheet as text, "3: A=甲 C=1(n)",
// and its merged ranges.
func read(data []byte) (rows []string, merged []xlsx.Range, err error) {
	b, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	if len(b.Sheets) == 0 {
		return nil, nil, errors.New("no sheets")
	}
	r, err := b.Rows(b.Sheets[0])
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, r.Merged, nil
		}
		if err != nil {
			return rows, r.Merged, err
		}
		line := fmt.Sprintf("%d:", row.Number)
		for _, c := range row.Cells {
			kind := [...]string{xlsx.Text: "", xlsx.Number: "(n)", xlsx.Date: "(d)", xlsx.Bool: "(b)", xlsx.Failed: "(!)"}[c.Kind]
			line += fmt.Sprintf(" %s=%s%s", column(int(c.Column)), c.Text, kind)
		}
		rows = append(rows, line)
	}
}

// Cells as the standard and the programs of the world write them.
func TestCells(t *testing.T) {
	tests := []struct {
		name, rows string
		want       []string
	}{
		{"kinds", `<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1"><v>2.5</v></c><c r="C1" t="n"><v>1E3</v></c><c r="D1" t="b"><v>1</v></c>` +
			`<c r="E1" t="e"><v>#N/A</v></c><c r="F1" t="str"><f>A1</f><v>甲&amp;乙</v></c><c r="G1" t="inlineStr"><is><t>丙</t></is></c>` +
			`<c r="H1" s="1"><v>46083</v></c><c r="I1" s="2"><v>1</v></c><c r="J1" t="d"><v>2026-03-01</v></c><c r="K1" t="b"><v>0</v></c></row>`,
			[]string{"1: A=第二 B=2.5(n) C=1E3(n) D=TRUE(b) E=#N/A(!) F=甲&乙 G=丙 H=46083(d) I=1(d) J=2026-03-01 K=FALSE(b)"}},
		{"nothing in it", `<row r="1"><c r="A1" s="1"/><c r="B1"></c><c r="C1"><v></v></c><c r="D1"><v/></c><c r="E1" t="inlineStr"><is/></c></row><row r="2"/><row r="3"></row>`,
			[]string{"1:", "2:", "3:"}},
		{"without references", `<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c r="B2"><v>2</v></c><c><v>3</v></c></row>`,
			[]string{"1: A=1(n) C=3(n)", "2: B=2(n) C=3(n)"}},
		{"rows left out", `<row r="5"><c r="AB5"><v>1</v></c></row><row><c><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`,
			[]string{"5: AB=1(n)", "6: A=1(n)", "1048576: XFD=1(n)"}},
		{"blanks and breaks", "<row r='1' ht=\"12\" x14ac:dyDescent='0.25'>\r\n <c s='0' r = 'A1' t='inlineStr'>\n<is><t xml:space=\"preserve\"> 一\r\n二 </t></is></c>\n</row>",
			[]string{"1: A= 一\n二 "}},
		{"runs and pronunciation", `<row><c t="inlineStr"><is><r><rPr><b/></rPr><t>福</t></r><r><t>州</t></r><rPh sb="0" eb="1"><t>fú</t></rPh><phoneticPr fontId="1"/></is></c><c t="s"><v>2</v></c></row>`,
			[]string{"1: A=福州 B=榕城"}},
		{"escapes", `<row><c t="inlineStr"><is><t>a_x000B_b_x005F_x000B_c_xZZ_&#x6D4B;&#35797;&lt;&quot;</t></is></c><c t="str"><v><![CDATA[<&>]]></v></c><c t="s"><v>3</v></c></row>`,
			[]string{"1: A=a\vb_x000B_c_xZZ_测试<\" B=<&> C=\t"}},
		{"formula without a result", `<row><c><f>1/0</f></c><c><f t="shared" ref="B1:B9" si="0">A1</f><v>2</v></c><c t="str"><f>""</f><v></v></c></row>`,
			[]string{"1: A=(!) B=2(n)"}},
		{"extensions and comments", `<!-- <row r="1"/> --><row r="2"><c r="A2"><!-- x --><v>1</v><extLst><ext uri="x"><c r="B2"><v>9</v></c></ext></extLst></c><extLst><ext/></extLst></row>`,
			[]string{"2: A=1(n)"}},
		{"a > between quotes", `<row r="1" note="a>b"><c r="A1" x='"' y="'>'"><v>1</v></c></row>`, []string{"1: A=1(n)"}},
		{"no rows", "", nil},
	}
	texts := xmlDoc + `<sst ` + mainNS + `><si><t>第一</t></si><si><t>第二</t></si><si><r><t>榕</t></r><r><rPr/><t>城</t></r><rPh sb="0" eb="1"><t>róng</t></rPh></si><si><t>_x0009_</t></si></sst>`
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := read(book(t, parts{"xl/worksheets/sheet1.xml": sheetXML(tt.rows), "xl/sharedStrings.xml": texts}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Workbooks as other programs pack them.
func TestConventions(t *testing.T) {
	usual := usual()
	prefixed := strings.NewReplacer("</", "</x:", "<?", "<?", "<", "<x:", `xmlns="`, `xmlns:x="`)
	rows := `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`
	tests := []struct {
		name    string
		changed parts
	}{
		{"usual", nil},
		{"prefixes", parts{"xl/worksheets/sheet1.xml": prefixed.Replace(sheetXML(rows)), "xl/sharedStrings.xml": prefixed.Replace(shared("甲")),
			"xl/workbook.xml": prefixed.Replace(usual["xl/workbook.xml"]), "xl/_rels/workbook.xml.rels": prefixed.Replace(usual["xl/_rels/workbook.xml.rels"])}},
		{"absolute targets", parts{"xl/_rels/workbook.xml.rels": strings.ReplaceAll(usual["xl/_rels/workbook.xml.rels"], `Target="`, `Target="/xl/`),
			"_rels/.rels": strings.Replace(usual["_rels/.rels"], `Target="xl/`, `Target="/xl/`, 1)}},
		{"another folder", parts{"_rels/.rels": strings.Replace(usual["_rels/.rels"], "xl/workbook.xml", "Book/main.xml", 1), "xl/workbook.xml": "",
			"Book/main.xml": usual["xl/workbook.xml"], "Book/_rels/main.xml.rels": strings.ReplaceAll(usual["xl/_rels/workbook.xml.rels"], `Target="`, `Target="../xl/`)}},
		{"capitals", parts{"xl/sharedStrings.xml": "", "xl/SharedStrings.xml": shared("甲")}},
		{"backslashes", parts{"xl/worksheets/sheet1.xml": "", `xl\worksheets\sheet1.xml`: sheetXML(rows)}},
		{"no styles", parts{"xl/styles.xml": "", "xl/_rels/workbook.xml.rels": strings.Replace(usual["xl/_rels/workbook.xml.rels"],
			`<Relationship Id="rId2" Type="`+relURL+`styles" Target="styles.xml"/>`, "", 1)}},
		{"no dimension", parts{"xl/worksheets/sheet1.xml": strings.Replace(sheetXML(rows), `<dimension ref="A1"/>`, "", 1)}},
		{"strict", parts{"xl/_rels/workbook.xml.rels": strings.ReplaceAll(usual["xl/_rels/workbook.xml.rels"], "http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/")}},
		{"byte order mark", parts{"xl/worksheets/sheet1.xml": "\uFEFF" + sheetXML(rows)}},
		{"links to elsewhere", parts{"xl/_rels/workbook.xml.rels": strings.Replace(usual["xl/_rels/workbook.xml.rels"], "</Relationships>",
			`<Relationship Id="rId9" Type="`+relURL+`styles" Target="http://example.invalid/styles.xml" TargetMode="External"/></Relationships>`, 1)}},
		{"no list of types", parts{"[Content_Types].xml": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := parts{"xl/worksheets/sheet1.xml": sheetXML(rows), "xl/sharedStrings.xml": shared("甲")}
			for name, text := range tt.changed {
				all[name] = text
			}
			got, _, err := read(book(t, all))
			if err != nil || len(got) != 1 || got[0] != "1: A=甲" {
				t.Error(got, err)
			}
		})
	}
}

func TestSheetsAndMerges(t *testing.T) {
	data := book(t, parts{
		"xl/workbook.xml": xmlDoc + `<workbook ` + mainNS + `><workbookPr date1904="1"/><sheets><sheet name="图" sheetId="1" r:id="rId9"/>` +
			`<sheet name="说明&amp;" sheetId="2" state="veryHidden" r:id="rId1"/><sheet name="名单" sheetId="3" state="visible" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": strings.Replace(usual()["xl/_rels/workbook.xml.rels"], "</Relationships>",
			`<Relationship Id="rId9" Type="`+relURL+`chartsheet" Target="chartsheets/sheet1.xml"/></Relationships>`, 1),
		"xl/worksheets/sheet1.xml": strings.Replace(sheetXML(`<row><c t="inlineStr"><is><t>&lt;/sheetData></t></is></c></row>`), "</worksheet>",
			`<mergeCells count="2"><mergeCell ref="C3:D4"/><mergeCell ref="A1:B2"/></mergeCells><pageMargins left="1"/></worksheet>`, 1),
	})
	b, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range b.Sheets {
		_, err := b.Rows(s)
		got = append(got, fmt.Sprintln(s.Name, s.Hidden, err))
	}
	want := []string{"图 false the sheet 图 holds no cells\n", "说明& true <nil>\n", "名单 false <nil>\n"}
	if diff := cmp.Diff(want, got); diff != "" || !b.Date1904 {
		t.Error(diff, b.Date1904)
	}
	r, err := b.Rows(b.Sheets[2])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]xlsx.Range{{Top: 1, Bottom: 2, Left: 0, Right: 1}, {Top: 3, Bottom: 4, Left: 2, Right: 3}}, r.Merged); diff != "" {
		t.Error(diff)
	}
}

// What is no workbook, or a broken one, is told apart from trouble with the
// machine, and says what to do where that helps.
func TestRefused(t *testing.T) {
	sheet := func(rows string) []byte { return book(t, parts{"xl/worksheets/sheet1.xml": sheetXML(rows)}) }
	raw := func(text string) []byte { return book(t, parts{"xl/worksheets/sheet1.xml": text}) }
	whole := book(t, nil)
	encrypted := bytes.Clone(whole)
	for at := 0; at+8 < len(encrypted); at++ {
		if string(encrypted[at:at+4]) == "PK\x01\x02" { // an entry of the directory, its flags at 8
			encrypted[at+8] |= 1
		}
	}
	flipped := bytes.Clone(book(t, parts{"xl/worksheets/sheet1.xml": sheetXML(strings.Repeat(`<row><c><v>123</v></c></row>`, 50))}))
	flipped[bytes.Index(flipped, []byte("sheet1.xml"))+40] ^= 0x10
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"text", []byte("编号,名称\n"), "it is no .xlsx workbook"},
		{"web page", []byte("\n<html><table>"), "web page"},
		{"XML", []byte("\uFEFF<?xml version='1.0'?><Workbook/>"), "save it as .xlsx"},
		{"old", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1W\x00o\x00r\x00k\x00"), "it is an old .xls workbook; open it and save it as .xlsx"},
		{"password", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 70000) + utf16("EncryptedPackage")), "protected by a password"},
		{"password of a ZIP", encrypted, "protected by a password"},
		{"cut off", whole[:len(whole)/2], "not a valid zip file"},
		{"flipped bit", flipped, "damaged"},
		{"other ZIP", book(t, parts{"_rels/.rels": "", "xl/workbook.xml": ""}), "holds no workbook"},
		{"ODS", book(t, parts{"_rels/.rels": "", "xl/workbook.xml": "", "mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "OpenDocument"},
		{"document", book(t, parts{"_rels/.rels": strings.Replace(usual()["_rels/.rels"], "xl/workbook", "word/document", 1), "word/document.xml": "<document/>"}), "another document"},
		{"binary", book(t, parts{"_rels/.rels": strings.Replace(usual()["_rels/.rels"], "workbook.xml", "workbook.bin", 1)}), "binary workbook (.xlsb)"},
		{"macros", book(t, parts{"xl/vbaProject.bin": "x"}), "macros (.xlsm)"},
		{"sheet missing", book(t, parts{"xl/worksheets/sheet1.xml": ""}), "it has no part xl/worksheets/sheet1.xml"},
		{"sheet twice", book(t, parts{"xl/worksheets/Sheet1.xml": sheetXML("")}), "stands twice"},
		{"no data", raw("<worksheet/>"), "a sheet has no data"},
		{"ends early", raw(`<worksheet><sheetData><row><c>`), "the XML ends too early"},
		{"ends in a tag", raw(`<worksheet><sheetData><row r="1`), "the XML ends"},
		{"document type", raw(`<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>`), "document type"},
		{"UTF-16", raw(`<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData/></worksheet>`), "not in UTF-8"},
		{"not UTF-8", sheet("<row><c t=\"str\"><v>\xff</v></c></row>"), "not UTF-8"},
		{"entity", sheet(`<row><c t="str"><v>&nbsp;</v></c></row>`), "unknown entity"},
		{"lone &", sheet(`<row><c t="str"><v>a&b</v></c></row>`), "begins no entity"},
		{"no such string", sheet(`<row><c t="s"><v>0</v></c></row>`), "a shared string that is not there; the workbook has 0"},
		{"unknown type", sheet(`<row><c t="x"><v>0</v></c></row>`), "unknown type"},
		{"rows backwards", sheet(`<row r="2"/><row r="1"/>`), "row 1 stands after row 2"},
		{"cells backwards", sheet(`<row><c r="B1"/><c r="A1"/></row>`), "not in their order"},
		{"row too far", sheet(`<row r="1048577"/>`), "more than 1048576 rows"},
		{"column too far", sheet(`<row><c r="XFE1"/></row>`), "more than 16384 columns"},
		{"column out of this world", sheet(`<row><c r="` + strings.Repeat("Z", 1000) + `1"/></row>`), "more than 16384 columns"},
		{"cell too long", sheet(`<row><c t="str"><v>` + strings.Repeat("福", 50_000) + `</v></c></row>`), "a cell holds more than 131072 bytes"},
		{"tag too long", sheet(`<row x="` + strings.Repeat("x", 3_000_000) + `"/>`), "a cell or tag is longer than"},
		{"bad merge", raw(strings.Replace(sheetXML(""), "</worksheet>", `<mergeCells><mergeCell ref="B1:A1"/></mergeCells></worksheet>`, 1)), "merges cells that are none"},
		{"bomb", sheet(strings.Repeat(" ", 100<<20)), "xl/worksheets/sheet1.xml unpacks from"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read(tt.data)
			var ours *xlsx.Error
			if !errors.As(err, &ours) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q, got %v", tt.want, err)
			}
		})
	}
}

func utf16(s string) string {
	return strings.Join(strings.Split(s, ""), "\x00") + "\x00"
}

func TestDay(t *testing.T) {
	tests := []struct {
		serial   float64
		date1904 bool
		want     int
		ok       bool
	}{
		{1, false, -25567, true}, {59, false, -25509, true}, {60, false, 0, false}, {61, false, -25508, true},
		{0, false, 0, false}, {0, true, -24107, true}, {-1, true, 0, false}, {46083.75, false, 20514, true},
		{2958465, false, 2932896, true}, {2958466, false, 0, false}, {1e300, false, 0, false},
	}
	for _, tt := range tests {
		got, ok := (&xlsx.Book{Date1904: tt.date1904}).Day(tt.serial)
		if got != tt.want || ok != tt.ok {
			t.Errorf("Day(%v), 1904 %v = %d, %v; want %d, %v", tt.serial, tt.date1904, got, ok, tt.want, tt.ok)
		}
	}
}
