package ingest_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// plainXML is the plain contract for records at /root/records/record.
func plainXML(t testing.TB, more string) *contract.Contract {
	t.Helper()
	return variant(t, "csv,", "xml, record_path: /root/records/record,"+more)
}

func TestXML(t *testing.T) {
	in := func(records string) string { return "<root>\n<records>\n" + records + "\n</records></root>\n" }
	tests := []struct {
		name, content    string
		records, rejects []string
	}{
		{"plain", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + in("<record><编号>1</编号><名称>甲</名称><备注>x</备注></record>\n<record>\n<名称>乙</名称> <编号>2</编号></record>"),
			[]string{"1:1|甲|x", "2:2|乙|-"}, nil},
		{"none", in(""), nil, nil},
		{"none at all", "<root><records/></root>", nil, nil},
		{"more than one holder", "<root><records><record><编号>1</编号></record></records><x/><records><record><编号>2</编号></record></records></root>",
			[]string{"1:1|-|-", "2:2|-|-"}, nil},
		{"what is around", "<!-- 说明 <record> -->\n<root a='>'><head><total>2</total><record>not this</record></head>text<records><!----><?go?><record><编号>1</编号></record></records></root><!-- end -->",
			[]string{"1:1|-|-"}, nil},
		{"namespaces", `<d:root xmlns:d="urn:a" xmlns="urn:b"><records><x:record xmlns:x="urn:c"><d:编号 xsi:type="text">1</d:编号><名称 xsi:nil="true"/></x:record></records></d:root>`,
			[]string{"1:1|-|-"}, nil},
		{"entities and CDATA", in("<record><编号>&lt;1&gt;&amp;&#x7532;</编号><名称><![CDATA[<甲>]] ]]]>&quot;</名称><备注>a<!-- - -->b</备注></record>"),
			[]string{`1:<1>&甲|<甲>]] ]"|ab`}, nil},
		{"empty record", in("<record/><record></record>"), []string{"1:-|-|-", "2:-|-|-"}, nil},
		{"line ends in a value", in("<record><编号>1\r\n2</编号></record>"), []string{"1:1\n2|-|-"}, nil},
		{"unknown element", in("<record><编号>1</编号><附件>x</附件></record><record><编号>2</编号></record>"), []string{"2:2|-|-"}, []string{"1:UNKNOWN_COLUMN"}},
		{"unknown attribute", in(`<record id="1"><编号>1</编号></record><record><编号 kind="a">2</编号></record>`), nil, []string{"1:UNKNOWN_COLUMN", "2:UNKNOWN_COLUMN"}},
		{"repeated element", in("<record><编号>1</编号><编号>1</编号></record>"), nil, []string{"1:RECORD_MALFORMED"}},
		{"nested element", in("<record><编号><a>1</a></编号></record>"), nil, []string{"1:RECORD_MALFORMED"}},
		{"text beside fields", in("<record>1<编号>1</编号></record>"), nil, []string{"1:RECORD_MALFORMED"}},
		{"unknown entity", in("<record><编号>&nbsp;</编号></record><record><编号>a & b</编号></record><record><编号>3</编号></record>"),
			[]string{"3:3|-|-"}, []string{"1:RECORD_MALFORMED", "2:RECORD_MALFORMED"}},
		{"control character", in("<record><编号>1\x0b</编号></record><record><编号>&#1;</编号></record>"), nil, []string{"1:RECORD_MALFORMED", "2:RECORD_MALFORMED"}},
		{"NUL", in("<record><编号>1\x00</编号></record>"), nil, []string{"1:NUL_BYTE"}},
		{"bad byte", in("<record><编号>1\xff</编号></record><record><编号>2</编号></record>"), []string{"2:2|-|-"}, []string{"1:UNDECODABLE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, step := range []int{1, 7, 1 << 20} {
				l, err := landWith(t, ingest.Config{BlockBytes: step, GroupRows: 2}, plainXML(t, ""), tt.content)
				if err != nil {
					t.Fatal(err)
				}
				records, rejects := shown(l)
				if diff := cmp.Diff(tt.records, records); diff != "" {
					t.Errorf("step %d: records\n%s", step, diff)
				}
				if diff := cmp.Diff(tt.rejects, rejects); diff != "" {
					t.Errorf("step %d: rejects\n%s", step, diff)
				}
			}
		})
	}
}

// Attributes are fields when the contract says so; elements beside the records
// may be passed over when it says so.
func TestXMLAttributesAndNeighbours(t *testing.T) {
	c := mustContract(t, strings.NewReplacer("csv,", "xml, record_path: /data/row,", "编号]", "'@id']", "name: 编号", `name: "@id"`,
		"name: 备注", `name: 名称/@lang`, "key:", "ignore: [count]\nkey:").Replace(plain))
	l, err := land(t, c, `<data><count>2</count><row id="1"><名称 lang="zh">甲</名称></row><row id='&lt;2"'/></data>`)
	if err != nil {
		t.Fatal(err)
	}
	records, rejects := shown(l)
	if diff := cmp.Diff([]string{"1:1|甲|zh", `2:<2"|-|-`}, records); diff != "" || rejects != nil {
		t.Error(diff, rejects)
	}
}

func TestXMLEncodings(t *testing.T) {
	// In GB18030 the second bytes of these characters are ] and >'s neighbours.
	tricky, err := simplifiedchinese.GB18030.NewDecoder().String("\x81\x5D\x81\x5D\x81\x5B\x81\x7C")
	if err != nil {
		t.Fatal(err)
	}
	text := func(declared string) string {
		return declared + "<root><records><record><编号>1</编号><名称><![CDATA[" + tricky + "]]></名称></record></records></root>"
	}
	for name, tt := range map[string]struct{ more, content, encoding string }{
		"UTF-8 by default":        {"", text(""), "utf-8"},
		"UTF-8 declared":          {"", text(`<?xml version="1.0" encoding="utf-8"?>`), "utf-8"},
		"GBK declared":            {"", inGB18030(t, text(`<?xml version='1.0' encoding='GBK'?>`)), "gb18030"},
		"GB18030 by the contract": {" encoding: gb18030,", inGB18030(t, text("")), "gb18030"},
		"UTF-16 with mark":        {"", inUTF16(text(`<?xml version="1.0" encoding="UTF-16"?>`), binary.BigEndian, true), "utf-16be"},
		"UTF-16 without mark":     {"", inUTF16(text(""), binary.LittleEndian, false), "utf-16le"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := landWith(t, ingest.Config{BlockBytes: 5}, plainXML(t, tt.more), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			records, rejects := shown(l)
			if diff := cmp.Diff([]string{"1:1|" + tricky + "|-"}, records); diff != "" || rejects != nil {
				t.Error(diff, rejects)
			}
			if l.Batch.Extract.Encoding != tt.encoding {
				t.Error(l.Batch.Extract.Encoding)
			}
		})
	}
}

func TestRefusedXML(t *testing.T) {
	in := func(records string) string { return "<root>\n<records>\n" + records + "\n</records></root>\n" }
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	chinese := in("<record><名称>福州市</名称></record>")
	tests := []struct{ name, content, want string }{
		{"empty", "", "there is no /root/records/record"},
		{"no XML", "编号,名称,备注\n", "line 1: the XML is malformed: text stands outside of any record"},
		{"a DOCTYPE", `<!DOCTYPE root [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + in(""), "line 1: the XML has a DOCTYPE, which may draw in other files"},
		{"other elements", "<html><body/></html>", "there is no /root/records/record"},
		{"other records", in("<row><编号>1</编号></row>"), "line 3: the XML is malformed: among the records stands an element row; records are /root/records/record"},
		{"text among records", in("<record/>1"), "text stands outside of any record"},
		{"CDATA among records", in("<record/><![CDATA[1]]>"), "text stands outside of any record"},
		{"tags that cross", in("<record><编号>1</record></编号>"), "line 3: the XML is malformed: </record> stands where <编号> is open"},
		{"tags that close nothing", in("</record>"), "</record> closes nothing"},
		{"cut off", "<root><records><record><编号>1</编号>", "it ends inside a record"},
		{"cut off between records", "<root><records><record/>", "it ends before </records>"},
		{"cut off in a tag", "<root><records><record", `"<record" does not end`},
		{"two roots", in("") + in(""), "something follows the root element"},
		{"nested too deep", in("<record>" + deep + "</record>"), "elements are nested more than 64 deep"},
		{"nested too deep around", deep, "elements are nested more than 64 deep"},
		{"record too long", in("<record><编号>" + strings.Repeat("1", 5<<20) + "</编号></record>"), "longer than"},
		{"tag too long", in("<record a='" + strings.Repeat("1", 5<<20)), "longer than"},
		{"a less-than sign", in("<record><编号>1 < 2</编号></record>"), "is no tag"},
		{"another encoding", `<?xml version="1.0" encoding="Big5"?>` + in(""), "the file names its encoding big5"},
		{"bytes not as declared", `<?xml version="1.0" encoding="utf-8"?>` + inGB18030(t, chinese), "should be UTF-8, but its bytes are not"},
		{"text not as declared", `<?xml version="1.0" encoding="gb2312"?>` + chinese, "names its encoding gb18030, but its text is UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := land(t, plainXML(t, ""), tt.content)
			var refusal *ingest.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want a refusal with %q, got %v", tt.want, err)
			}
		})
	}
}
