package ingest_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

// plain is a contract of three columns for looking at readers.
const plain = `dataset: test/plain
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: csv, delivery: delta}
key: [编号]
fields:
  - {name: 编号, as: no, type: text}
  - {name: 名称, as: name, type: text}
  - {name: 备注, as: note, type: text}
`

func variant(t testing.TB, old, new string) *contract.Contract {
	t.Helper()
	if !strings.Contains(plain, old) {
		t.Fatal("no such text: " + old)
	}
	return mustContract(t, strings.Replace(plain, old, new, 1))
}

// shown is "line:no|name|note" for records and "line:reason" for rejects, in
// the order of lines.
func shown(l landed) (records, rejects []string) {
	for _, r := range l.records {
		part := func(name string) string {
			if r[name] == nil {
				return "-"
			}
			return fmt.Sprint(r[name])
		}
		records = append(records, fmt.Sprintf("%d:%s|%s|%s", r["line"], part("no"), part("name"), part("note")))
	}
	for _, r := range l.rejects {
		rejects = append(rejects, fmt.Sprintf("%d:%s", r["line"], r["reason"]))
	}
	return records, rejects
}

func TestCSV(t *testing.T) {
	const h = "编号,名称,备注\n"
	long := strings.Repeat("长", 1<<21)
	tests := []struct {
		name, content    string
		records, rejects []string
	}{
		{"plain", h + "1,甲,x\n2,乙,\n", []string{"2:1|甲|x", "3:2|乙|-"}, nil},
		{"no line end at the end", h + "1,甲,x", []string{"2:1|甲|x"}, nil},
		{"header only", h, nil, nil},
		{"columns in another order", "备注,编号,名称\nx,1,甲\n", []string{"2:1|甲|x"}, nil},
		{"header with blanks and mark", "\uFEFF 编号 ,\"名称\",备注\n1,甲,x\n", []string{"2:1|甲|x"}, nil},
		{"CR LF", "编号,名称,备注\r\n1,甲,x\r\n2,乙,y\r\n", []string{"2:1|甲|x", "3:2|乙|y"}, nil},
		{"CR alone", "编号,名称,备注\r1,甲,x\r2,乙,y", []string{"2:1|甲|x", "3:2|乙|y"}, nil},
		{"line ends mixed", h + "1,甲,x\r\n2,乙,y\r3,丙,z\n", []string{"2:1|甲|x", "3:2|乙|y", "4:3|丙|z"}, nil},
		{"blank lines", "\n" + h + "\n1,甲,x\n \t\n\r\n2,乙,y\n\n", []string{"4:1|甲|x", "7:2|乙|y"}, nil},
		{"quotes", h + `1,"甲,乙","说""好"""` + "\n", []string{`2:1|甲,乙|说"好"`}, nil},
		{"empty quotes", h + `1,"",""` + "\n", []string{"2:1|-|-"}, nil},
		{"line ends in quotes", h + "1,\"甲\n乙\r\n丙\",x\n2,丁,y\n", []string{"2:1|甲\n乙\r\n丙|x", "5:2|丁|y"}, nil},
		{"a quote inside a field is a character", h + `1,5"管,x` + "\n", []string{`2:1|5"管|x`}, nil},
		{"blanks around values", h + "1, 甲　,\u00a0x \n", []string{"2:1|甲|x"}, nil},
		{"too few and too many", h + "1,甲\n2,乙,x,y\n3,丙,z\n", []string{"4:3|丙|z"}, []string{"2:RAGGED_ROW", "3:RAGGED_ROW"}},
		{"text after a quote", h + `1,"甲"乙,x` + "\n2,丙,y\n", []string{"3:2|丙|y"}, []string{"2:RECORD_MALFORMED"}},
		{"quote never closed", h + "1,\"甲,x\n2,乙,y\n3,丙,z\n", []string{"3:2|乙|y", "4:3|丙|z"}, []string{"2:UNTERMINATED_QUOTE"}},
		{"quote closed by the next record's", h + "1,\"甲,x\n2,\"乙\",y\n3,丙,z\n", []string{"3:2|乙|y", "4:3|丙|z"}, []string{"2:UNTERMINATED_QUOTE"}},
		{"quote closed lines later at a line end", h + "1,\"甲,x\n2,乙,y\n3,丙,\"z\"\n4,丁,w\n", []string{"3:2|乙|y", "4:3|丙|z", "5:4|丁|w"}, []string{"2:UNTERMINATED_QUOTE"}},
		{"quote over too many lines", h + "1,\"" + strings.Repeat("\n", 1001) + "\",x\n2,乙,y\n", []string{"1004:2|乙|y"}, []string{"2:UNTERMINATED_QUOTE", "1003:UNTERMINATED_QUOTE"}},
		{"record with a line end and a column short", h + "1,\"甲\n乙\"\n2,丙,y\n", []string{"4:2|丙|y"}, []string{"2:RAGGED_ROW"}},
		{"NUL", h + "1,甲\x00,x\n2,乙,y\n", []string{"3:2|乙|y"}, []string{"2:NUL_BYTE"}},
		{"bad byte in UTF-8", h + "1,甲\xff乙,x\n2,丙丁戊己庚辛,y\n", []string{"3:2|丙丁戊己庚辛|y"}, []string{"2:UNDECODABLE"}},
		{"line too long", h + "1," + long + ",x\n2,乙,y\n", []string{"3:2|乙|y"}, []string{"2:TOO_LONG"}},
	}
	c := mustContract(t, plain)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, step := range []int{1, 64, 1 << 20} {
				if step < 64 && len(tt.content) > 1<<16 {
					continue
				}
				l, err := landWith(t, ingest.Config{BlockBytes: step, GroupRows: 2}, c, tt.content)
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

func TestRefusedFiles(t *testing.T) {
	tests := []struct{ name, yaml, content, want string }{
		{"empty", plain, "", "line 1: the file is empty"},
		{"nothing but line ends", plain, strings.Repeat("\r\n", 5<<19), "line 1: the file is empty"},
		{"nothing but blank lines", plain, strings.Repeat("  \n", 5<<19), "line 1: the file is empty"},
		{"line ends before other columns", plain, strings.Repeat("\n", 5<<20) + "a,b\n", "line 5242881: missing column 编号, 名称, 备注"},
		{"columns", plain, "编号,名秤,备注,附件\n1,2,3,4\n",
			"line 1: missing column 名称; the column 名秤 is not in the contract (did you mean 名称?); the column 附件 is not in the contract"},
		{"repeated column", plain, "编号,名称,备注,编号\n", "the column 编号 stands twice"},
		{"UTF-32", plain, "\xff\xfe\x00\x00\x16\x7f\x00\x00", "the file is UTF-32"},
		{"UTF-16 with other columns", plain, "a\x00,\x00c\x00\n\x00", "the column a is not in the contract; the column c is not in the contract (read as utf-16le)"},
		{"UTF-16 declared as another", strings.Replace(plain, "csv,", "csv, encoding: utf-8,", 1), "a\x00,\x00c\x00\n\x00", "the contract says utf-8, but the file looks like utf-16le"},
		{"the other byte order", strings.Replace(plain, "csv,", "csv, encoding: utf-16be,", 1), "\xff\xfe\x16\x7f", "the contract says utf-16be, but the file begins with the mark of utf-16le"},
		{"byte order unknown", strings.Replace(plain, "csv,", "csv, encoding: utf-16,", 1), "\x16\x7f\xf7\x53", "its byte order cannot be told"},
		{"binary", plain, "a\x00\x00\x00bc\x00\x00", "the file is no text"},
		{"Big5", plain, "\xbd\x73\xb8\xb9,\xa6\x57\xba\xd9,\xb3\xc6\xb5\xf9\n1,\xba\x71\xa6\x7b\xa4\x48,x\n", "neither UTF-8 nor GB18030; it may be Big5"},
		{"UTF-8 or GB18030", strings.NewReplacer("编号", "a", "名称", "b", "备注", "c").Replace(plain), "a,b,c\n1,x\xc2\xb7,x\n", "can be UTF-8 or GB18030"},
		{"mark of UTF-8 in GB18030", strings.Replace(plain, "csv,", "csv, encoding: gb18030,", 1), "\uFEFF编号,名称,备注\n", "begins with the mark of utf-8"},
		{"array for ndjson", strings.Replace(plain, "csv", "ndjson", 1), " [{}]", "the file is a JSON array"},
		{"array not closed", strings.Replace(plain, "csv", "json", 1), `[{"编号": "1"}`, "the array is not closed by ]"},
		{"array of broken objects", strings.Replace(plain, "csv", "json", 1), `[{"编号" "1"}]`, "the JSON is malformed"},
		{"array with a gap", strings.Replace(plain, "csv", "json", 1), `[{"编号": "1"} {"编号": "2"}]`, "a comma is missing"},
		{"no workbook", strings.Replace(plain, "csv,", "xlsx, sheet: 一,", 1), "编号,名称,备注\n", "it is no .xlsx workbook"},
		{"old workbook", strings.Replace(plain, "csv,", "xlsx, sheet: 一,", 1), "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "it is an old .xls"},
		{"broken workbook", strings.Replace(plain, "csv,", "xlsx, sheet: 一,", 1), "PK\x03\x04zzzz", "the workbook is damaged"},
		{"too few rows", plain + "expect: {min_rows: 2}\n", "编号,名称,备注\n1,a,b\n", "1 rows, the contract expects 2 at least"},
		{"empty snapshot", strings.Replace(plain, "delta", "snapshot", 1), "编号,名称,备注\n", "0 rows, the contract expects 1 at least"},
		{"too many rejects", plain + "expect: {max_reject_ratio: 33.3%}\n", "编号,名称,备注\n1,a,b\n2,a\n3,a,b\n",
			"1 of 3 rows rejected, the contract allows 33.3000% (RAGGED_ROW 1; first line 3: RAGGED_ROW)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			_, err := landWith(t, ingest.Config{Home: home}, mustContract(t, tt.yaml), tt.content)
			var refusal *ingest.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("want a refusal with %q, got %v", tt.want, err)
			}
			if w := refusal.Words(); w.Meaning == "" || w.WhatToDo == "" || strings.Contains(w.Detail, "%!") {
				t.Errorf("%+v", w)
			}
			left, err := filepath.Glob(filepath.Join(home, "landing", "*", "*", "*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	text := "编号,名称,备注\n1,福州市榕城贸易有限公司,㐀𠀀€\n2,鼓楼,“引”\n"
	want := []string{"2:1|福州市榕城贸易有限公司|㐀𠀀€", "3:2|鼓楼|“引”"}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, declared, content, encoding string }{
		{"UTF-8 with damaged rows", "auto", text + "3,\xff\n", "utf-8"},
		{"UTF-8 detected", "auto", text, "utf-8"},
		{"UTF-8 with mark", "auto", "\uFEFF" + text, "utf-8"},
		{"UTF-8 declared", "utf-8", text, "utf-8"},
		{"GB18030 detected", "auto", gb, "gb18030"},
		{"GB18030 declared", "gb18030", gb, "gb18030"},
		{"GBK declared", "gbk", gb, "gb18030"},
		{"UTF-16 with mark, little end first", "auto", inUTF16(text, binary.LittleEndian, true), "utf-16le"},
		{"UTF-16 with mark, big end first", "auto", inUTF16(text, binary.BigEndian, true), "utf-16be"},
		{"UTF-16 detected, little end first", "auto", inUTF16(text, binary.LittleEndian, false), "utf-16le"},
		{"UTF-16 detected, big end first", "auto", inUTF16(text, binary.BigEndian, false), "utf-16be"},
		{"UTF-16 declared", "utf-16", inUTF16(text, binary.BigEndian, true), "utf-16be"},
		{"UTF-16 declared without mark", "utf16", inUTF16(text, binary.BigEndian, false), "utf-16be"},
		{"UTF-16LE declared", "utf-16le", inUTF16(text, binary.LittleEndian, false), "utf-16le"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := land(t, variant(t, "csv,", "csv, encoding: "+tt.declared+","), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			records, rejects := shown(l)
			if diff := cmp.Diff(want, records); diff != "" || len(rejects) != strings.Count(tt.name, "damaged") {
				t.Error(diff, rejects)
			}
			if l.Batch.Extract.Encoding != tt.encoding {
				t.Error(l.Batch.Extract.Encoding)
			}
		})
	}
}

// inUTF16 writes text in UTF-16, a lone surrogate for each U+FFFD.
func inUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		if unit == 0xFFFD {
			unit = 0xD83D
		}
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func inUTF16Marked(text string) string { return inUTF16(text, binary.LittleEndian, true) }

// What does not decode in UTF-16 costs its row, and is told by its place in the
// file as it was sent, not as it was read.
func TestUndecodableUTF16(t *testing.T) {
	text := "编号,名称,备注\n1,甲\uFFFD乙,x\n2,丙\x00,y\n3,𠀀,z\n"
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		content := inUTF16(text, order, true) + "4"
		for _, step := range []int{1, 1 << 20} {
			l, err := landWith(t, ingest.Config{BlockBytes: step}, variant(t, "csv,", "csv, encoding: utf-16,"), content)
			if err != nil {
				t.Fatal(err)
			}
			records, rejects := shown(l)
			if diff := cmp.Diff([]string{"4:3|𠀀|z"}, records); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"2:UNDECODABLE", "3:NUL_BYTE", "5:UNDECODABLE"}, rejects); diff != "" {
				t.Error(diff)
			}
			lone := strings.IndexByte(content, 0xD8) &^ 1
			nul := 2 + 2*len([]rune("编号,名称,备注\n1,甲\uFFFD乙,x\n2,丙"))
			for i, place := range []string{
				fmt.Sprintf("文件第 %d 字节（0x%02X）", lone, content[lone]), fmt.Sprintf("文件第 %d 字节是空字符", nul),
				fmt.Sprintf("文件第 %d 字节（0x34）", len(content)-1),
			} {
				if detail := l.rejects[i]["detail"].(string); !strings.Contains(detail, place) {
					t.Errorf("%s does not name %s", detail, place)
				}
			}
			want := []any{fmt.Sprintf(`1,甲\x%02X\x%02X乙,x`, content[lone], content[lone+1]), `2,丙\x00,y`, `\x34`}
			if diff := cmp.Diff(want, column(l.rejects, "original")); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestUndecodableGB18030(t *testing.T) {
	head, err := simplifiedchinese.GB18030.NewEncoder().String("编号,名称,备注\n")
	if err != nil {
		t.Fatal(err)
	}
	// C1 D6 is 林; 81 31 is half a character; FF is none; 84 31 A4 37 is U+FFFD itself.
	content := head + "1,\xC1\xD6\xFF,x\n2,\x81\x31,y\n3,\x84\x31\xA4\x37,z\n4,\xC1\xD6,w\n5,\x80,v\n"
	l, err := land(t, variant(t, "csv,", "csv, encoding: gb18030,"), content)
	if err != nil {
		t.Fatal(err)
	}
	records, rejects := shown(l)
	if diff := cmp.Diff([]string{"4:3|\uFFFD|z", "5:4|林|w", "6:5|€|v"}, records); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2:UNDECODABLE", "3:UNDECODABLE"}, rejects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{`1,林\xFF,x`, `2,\x811,y`}, column(l.rejects, "original")); diff != "" {
		t.Error(diff)
	}
	place := fmt.Sprintf("文件第 %d 字节（0xFF）", strings.IndexByte(content, 0xFF))
	if detail := l.rejects[0]["detail"].(string); !strings.Contains(detail, place) {
		t.Errorf("%s does not name %s", detail, place)
	}
}

// Every character that GB18030 can write comes back as it was, but for the
// private use area, whose places moved between editions of the standard.
func TestGB18030RoundTrip(t *testing.T) {
	enc := simplifiedchinese.GB18030.NewEncoder()
	var want []any
	var content bytes.Buffer
	content.WriteString("编号,名称,备注\n")
	var value strings.Builder
	for r := rune(0x21); r <= 0x2FFFF; r++ {
		if r == '"' || r == ',' || unicode.IsSpace(r) || unicode.In(r, unicode.Cs, unicode.Co) {
			continue
		}
		if _, err := enc.String(string(r)); err == nil {
			value.WriteRune(r)
		}
		if r%4096 == 0 {
			want = append(want, value.String())
			fmt.Fprintf(&content, "%d,%s,x\n", r, value.String())
			value.Reset()
		}
	}
	encoded, err := enc.Bytes(content.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	l, err := land(t, variant(t, "csv,", "csv, encoding: gb18030,"), string(encoded))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, column(l.records, "name")); diff != "" || len(l.rejects) > 0 {
		t.Error(len(l.rejects), diff[:min(len(diff), 500)])
	}
}

// Bytes of the output depend on the input alone.
func TestSameBytesWhateverTheWorkers(t *testing.T) {
	catalog := mustCatalog(t)
	c, err := catalog.Find("ecology/penalties")
	if err != nil {
		t.Fatal(err)
	}
	var content strings.Builder
	for i, f := range c.Fields {
		if i > 0 {
			content.WriteByte(',')
		}
		content.WriteString(f.Name)
	}
	for i := range 900 {
		line := penaltyLine(c, i)
		switch i % 50 {
		case 7:
			line += ",多"
		case 13:
			line = strings.Replace(line, "罚决", "罚\xff决", 1)
		case 19:
			line = strings.Replace(line, `"当`, `"""当`+"\r\n", 1)
		}
		content.WriteString("\n" + line)
	}
	var want landing.Batch
	for i, cfg := range []ingest.Config{
		{Workers: 1, BlockBytes: 1 << 20}, {Workers: 2, BlockBytes: 64}, {Workers: 4, BlockBytes: 1000},
		{Workers: 4, BlockBytes: 1 << 16}, {Workers: 2, BlockBytes: 1 << 20},
	} {
		cfg.GroupRows = 128
		l, err := landWith(t, cfg, c, content.String())
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			want = l.Batch
			if want.Rows != (landing.Rows{Read: 900, Accepted: 864, Rejected: 36}) {
				t.Errorf("rows %+v", want.Rows)
			}
		}
		if l.Batch.Records != want.Records || l.Batch.Rejects != want.Rejects {
			t.Errorf("workers %d, block bytes %d: other bytes", cfg.Workers, cfg.BlockBytes)
		}
	}
}

// penaltyLine is a valid row by the 2018 form of 双公示.
func penaltyLine(c *contract.Contract, i int) string {
	org, _ := credit.NewCode("91350100", fmt.Sprintf("MA%06d", i%900000))
	decided := credit.NewDate(2026, 1, 5).AddDays(i % 120)
	values := map[string]string{
		"CF_XDR_MC": fmt.Sprintf("福州市榕城第%d贸易有限公司", i), "CF_XDR_LB": "法人及非法人组织", "CF_XDR_SHXYM": org,
		"CF_FRDB": []string{"林某某", "陈某", "郑某某"}[i%3], "CF_WSH": fmt.Sprintf("榕市监罚决〔2026〕%d号", i),
		"CF_WFXW": "未按规定公示年度报告", "CF_SY": fmt.Sprintf(`"当事人于%s被查实,未在规定期限内公示第%d号年度报告"`, decided, i),
		"CF_YJ": "《企业信息公示暂行条例》第十七条", "CF_CFLB": []string{"罚款", "警告", "通报批评"}[i%3],
		"CF_NR": fmt.Sprintf("责令改正并处罚款人民币%d元整", 1000+i%5000), "CF_NR_FK": fmt.Sprintf("%d.%04d", i%9, i%10000),
		"CF_JDRQ": decided.String(), "CF_YXQ": "2099-12-31", "CF_GSJZQ": decided.AddMonths(36).String(),
		"CF_CFJG": "福州市市场监督管理局", "CF_CFJGDM": codeA, "CF_SJLY": "福州市市场监督管理局", "CF_SJLYDM": codeB,
		"SJC": decided.AddDays(i % 15).String(),
	}
	line := make([]string, len(c.Fields))
	for j, f := range c.Fields {
		line[j] = values[f.Name]
	}
	return strings.Join(line, ",")
}

// Whatever a file holds, no row is lost and none is counted twice.
func TestNothingIsLost(t *testing.T) {
	c := mustContract(t, plain)
	rapid.Check(t, func(r *rapid.T) {
		body := rapid.SliceOf(rapid.SampledFrom([]string{
			"1,甲,x", "\n", "\n", "\r\n", "\r", `"`, `""`, ",", "\x00", "\xff", "乙", `,"`, `",`, " ", "3,丙,\"a\nb\"\n",
		})).Draw(r, "body")
		content := "编号,名称,备注\n" + strings.Join(body, "")
		small, err := landWith(t, ingest.Config{BlockBytes: rapid.IntRange(1, 9).Draw(r, "step"), GroupRows: 2, Workers: 2}, c, content)
		if err != nil {
			r.Fatal(err)
		}
		rows := small.Batch.Rows
		if rows.Accepted+rows.Rejected != rows.Read || len(small.records) != int(rows.Accepted) || len(small.rejects) != int(rows.Rejected) {
			r.Fatalf("%+v, %d records, %d rejects", rows, len(small.records), len(small.rejects))
		}
	})
}
