package ingest_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/ingest"
)

// A member is one entry of a ZIP archive in the making.
type member struct {
	name, content string
	stored        bool
	header        zip.FileHeader
}

func zipped(t testing.TB, members ...member) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		m.header.Name = m.name
		if !m.stored {
			m.header.Method = zip.Deflate
		}
		w, err := z.CreateHeader(&m.header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func smallBook(t testing.TB) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{{"编号", "名称", "备注"}, {"1", "甲", "x"}, {"2", "乙", "y"}} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestArchives(t *testing.T) {
	const text = "编号,名称,备注\n1,甲,x\n2,乙,y\n"
	const lines = "{\"编号\": \"1\", \"名称\": \"甲\", \"备注\": \"x\"}\n\n{\"编号\": \"2\", \"名称\": \"乙\", \"备注\": \"y\"}\n"
	gbName := inGB18030(t, "报送/处罚.csv")
	book := smallBook(t)
	var twice bytes.Buffer
	twice.WriteString(gzipped(t, text[:20]))
	twice.WriteString(gzipped(t, text[20:]))
	tests := []struct{ name, source, content, member, file string }{
		{"gzip", "csv", gzipped(t, text), "", "extract.gz"},
		{"gzip in two parts", "csv", twice.String(), "", "extract.gz"},
		{"gzip of UTF-16", "csv", gzipped(t, inUTF16Marked(text)), "", "extract.gz"},
		{"zip", "csv", zipped(t, member{name: "a.csv", content: text}), "a.csv", "extract.zip"},
		{"zip of GB18030", "csv, encoding: auto", zipped(t, member{name: "a.csv", content: inGB18030(t, text)}), "a.csv", "extract.zip"},
		{"zip stored", "csv", zipped(t, member{name: "a.csv", content: text, stored: true}), "a.csv", "extract.zip"},
		{"member called in GB18030", "csv", zipped(t, member{name: gbName, content: text, header: zip.FileHeader{NonUTF8: true}}), "报送/处罚.csv", "extract.zip"},
		{"what packing programs add", "csv", zipped(t, member{name: "报送/"}, member{name: "__MACOSX/._a.csv", content: "x"},
			member{name: ".DS_Store", content: "x"}, member{name: "报送/a.csv", content: text}), "报送/a.csv", "extract.zip"},
		{"one of several", `csv, member: "处罚*.csv"`, zipped(t, member{name: "报送/处罚202606.csv", content: text},
			member{name: "报送/说明.txt", content: "x"}), "报送/处罚202606.csv", "extract.zip"},
		{"one of several by folder", `csv, member: "b/*"`, zipped(t, member{name: "b/a.csv", content: text},
			member{name: "a/a.csv", content: "x"}), "b/a.csv", "extract.zip"},
		{"a name that climbs", "csv", zipped(t, member{name: "../../../evil.csv", content: text}), "../../../evil.csv", "extract.zip"},
		{"a name of Windows", "csv", zipped(t, member{name: `C:\evil.csv`, content: text}), "C:/evil.csv", "extract.zip"},
		{"ndjson in zip", "ndjson", zipped(t, member{name: "a", content: lines}), "a", "extract.zip"},
		{"workbook", "xlsx, sheet: Sheet1", book, "", "extract.xlsx"},
		{"workbook in zip", "xlsx, sheet: Sheet1", zipped(t, member{name: "a.xlsx", content: book}), "a.xlsx", "extract.xlsx"},
		{"workbook in gzip", "xlsx, sheet: Sheet1", gzipped(t, book), "", "extract.gz"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := variant(t, "csv,", tt.source+",")
			l, err := land(t, c, tt.content)
			if err != nil {
				t.Fatal(err)
			}
			records, rejects := shown(l)
			for i := range records {
				_, records[i], _ = strings.Cut(records[i], ":")
			}
			if diff := cmp.Diff([]string{"1|甲|x", "2|乙|y"}, records); diff != "" || rejects != nil {
				t.Error(diff, rejects)
			}
			if x := l.Batch.Extract; x.Member != tt.member || x.File != tt.file {
				t.Errorf("member %q, file %q", x.Member, x.File)
			}
			kept, err := os.ReadFile(filepath.Join(l.dir, tt.file))
			if err != nil || string(kept) != tt.content {
				t.Errorf("the bytes as they came were not kept: %v", err)
			}
			if files, err := os.ReadDir(l.dir); err != nil || len(files) != 4 {
				t.Errorf("left in the batch: %v %v", files, err)
			}
		})
	}
}

func TestRefusedArchives(t *testing.T) {
	const text = "编号,名称,备注\n1,甲,x\n"
	whole := zipped(t, member{name: "a.csv", content: strings.Repeat(text, 100)})
	flipped := []byte(zipped(t, member{name: "a.csv", content: text, stored: true}))
	flipped[bytes.Index(flipped, []byte("甲"))]++
	packed := gzipped(t, text)
	locked := []byte(zipped(t, member{name: "a.csv", content: text}))
	locked[bytes.Index(locked, []byte("PK\x01\x02"))+8] |= 1
	odd := []byte(zipped(t, member{name: "a.csv", content: text}))
	odd[bytes.Index(odd, []byte("PK\x01\x02"))+10] = 99
	var many, wide []member
	for range 1001 {
		many = append(many, member{name: "a"})
	}
	for range 40 {
		wide = append(wide, member{name: strings.Repeat("长", 10_000)})
	}
	tests := []struct{ name, source, content, want string }{
		{"several members", "csv", zipped(t, member{name: "a.csv"}, member{name: "b.csv"}), "the archive holds 2 files: a.csv, b.csv; pack one file, or name it as source.member"},
		{"several fit", `csv, member: "*.csv"`, zipped(t, member{name: "a.csv"}, member{name: "b.csv"}), "the archive holds 2 files"},
		{"none fits", `csv, member: "c*"`, zipped(t, member{name: "a.csv"}, member{name: "b.csv"}), "no member is called c*; the archive holds a.csv, b.csv"},
		{"no member", "csv", zipped(t), "the archive holds no file"},
		{"only folders", "csv", zipped(t, member{name: "a/"}), "the archive holds no file"},
		{"a link", "csv", zipped(t, link("a.csv", "/etc/passwd")), "the archive holds no file"},
		{"too many members", "csv", zipped(t, many...), "the archive has 1001 members"},
		{"directory too large", "csv", zipped(t, wide...), "the directory of the archive is too large: more than 1024 KB"},
		{"encrypted", "csv", string(locked), "a.csv: it is encrypted; pack it without a password"},
		{"packed otherwise", "csv", string(odd), "a.csv: it is packed by method 99"},
		{"cut off", "csv", whole[:len(whole)-40], "the archive is damaged"},
		{"a byte changed", "csv", string(flipped), "the archive is damaged: zip: checksum error"},
		{"gzip cut off", "csv", packed[:len(packed)-10], "the archive is damaged: unexpected EOF"},
		{"gzip with a tail", "csv", packed + "xyz", "the archive is damaged"},
		{"gzip of nothing", "csv", "\x1f\x8b", "the archive is damaged"},
		{"bomb", "csv", gzipped(t, strings.Repeat("\x00", 80<<20)), "it unpacks to more than"},
		{"bomb in zip", "csv", zipped(t, member{name: "a.csv", content: strings.Repeat("1,2,3\n", 16<<20)}), "a.csv: it unpacks to more than"},
		{"archive in archive", "csv", gzipped(t, whole), "in the archive lies a ZIP archive; pack the file itself, once"},
		{"gzip twice", "csv", gzipped(t, packed), "in the archive lies a GZIP archive"},
		{"workbook for csv", "csv", smallBook(t), "it is a workbook, the contract says csv"},
		{"workbook in gzip for csv", "csv", gzipped(t, smallBook(t)), "in the archive lies a ZIP archive"},
		{"rar", "csv", "Rar!\x1A\x07\x00zzz", "it is a RAR archive, the contract says csv"},
		{"old workbook for csv", "csv", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "it is an old .xls"},
		{"old workbook in zip", "xlsx, sheet: 一", zipped(t, member{name: "a.xls", content: "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"}), "in the archive lies an old .xls"},
		{"tar", "csv", strings.Repeat("a", 257) + "ustar\x0000", "it is a tar archive"},
		{"text for xlsx in zip", "xlsx, sheet: 一", zipped(t, member{name: "a.csv", content: text}), "it is no .xlsx workbook"},
		{"columns of a member", "csv", zipped(t, member{name: "a.csv", content: "x,y\n"}), "a.csv, line 1: missing column 编号, 名称, 备注"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			_, err := landWith(t, ingest.Config{Home: home}, variant(t, "csv,", tt.source+","), tt.content)
			var refusal *ingest.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("want a refusal with %q, got %v", tt.want, err)
			}
			if left, err := filepath.Glob(filepath.Join(home, "landing", "*", "*", "*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func link(name, target string) member {
	m := member{name: name, content: target}
	m.header.SetMode(0o777 | os.ModeSymlink)
	return m
}
