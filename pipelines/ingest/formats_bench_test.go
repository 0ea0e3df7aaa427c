package ingest_test

import (
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// BenchmarkFormats judges the same records in each format; rows/s compare.
func BenchmarkFormats(b *testing.B) {
	const rows = 50_000
	var csv, lines, array, elements strings.Builder
	csv.WriteString("编号,名称,备注\n")
	array.WriteString(`{"data": [`)
	elements.WriteString("<root>")
	for i := range rows {
		no, name, note := fmt.Sprintf("榕市监罚决〔2026〕%d号", i), fmt.Sprintf("福州市榕城第%d贸易有限公司", i), "未按规定公示年度报告"
		fmt.Fprintf(&csv, "%s,%s,\"%s,%d\"\n", no, name, note, i)
		record, err := json.Marshal(map[string]string{"编号": no, "名称": name, "备注": fmt.Sprint(note, ",", i)})
		if err != nil {
			b.Fatal(err)
		}
		lines.Write(append(record, '\n'))
		array.WriteString(string(record) + ",\n")
		elements.WriteString("<r><编号>" + no + "</编号><名称>" + name + "</名称><备注>")
		if err := xml.EscapeText(&elements, []byte(fmt.Sprint(note, "&", i))); err != nil {
			b.Fatal(err)
		}
		elements.WriteString("</备注></r>\n")
	}
	array.WriteString("null]}")
	elements.WriteString("</root>")
	for _, bb := range []struct {
		name, content string
		contract      *contract.Contract
	}{
		{"csv", csv.String(), mustContract(b, plain)},
		{"csv in GB18030", inGB18030(b, csv.String()), mustContract(b, plain)},
		{"csv in UTF-16", inUTF16(csv.String(), binary.LittleEndian, true), mustContract(b, plain)},
		{"csv in GZIP", gzipped(b, csv.String()), mustContract(b, plain)},
		{"ndjson", lines.String(), variant(b, "csv", "ndjson")},
		{"json", array.String(), variant(b, "csv,", "json, record_path: data,")},
		{"json in GB18030", inGB18030(b, array.String()), variant(b, "csv,", "json, record_path: data, encoding: gb18030,")},
		{"xml", elements.String(), variant(b, "csv,", "xml, record_path: /root/r,")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			dir, content := b.TempDir(), []byte(bb.content)
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				found, err := ingest.Judge(dir, bb.contract, content, 1, 1<<20, 1<<16)
				if err != nil || found.Rows.Accepted != rows {
					b.Fatal(found.Rows, err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
