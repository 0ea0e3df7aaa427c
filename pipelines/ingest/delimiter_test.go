package ingest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

func inGB18030(t testing.TB, text string) string {
	t.Helper()
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return gb
}

// delimited is the plain contract with a delimiter and an encoding.
func delimited(t testing.TB, sign, encoding string) *contract.Contract {
	t.Helper()
	return variant(t, "csv,", fmt.Sprintf("csv, delimiter: %s, encoding: %s,", sign, encoding))
}

func TestDelimiters(t *testing.T) {
	// The second byte of each of these characters is a delimiter.
	tricky, err := simplifiedchinese.GB18030.NewDecoder().String("\x8A\x7C \x95\x5E \x81\x7E \x83\x40 \x83\x5C \x81\x60")
	if err != nil || len(tricky) != 6*3+5 {
		t.Fatal(tricky, err)
	}
	for _, encoding := range []string{"utf-8", "gb18030"} {
		for _, sign := range []string{",", ";", "\t", "|", "^", "~", "@", "\\", "`"} {
			text := "编号,名称,备注\n1," + tricky + ",\"a,\n" + tricky + ",z\"\n2,\"" + tricky + "\",\n3,\"乙,x\n4,丙,y\n5,丁\n"
			want := []string{"2:1|" + tricky + "|a,\n" + tricky + ",z", "4:2|" + tricky + "|-", "6:4|丙|y"}
			reject := "5,丁"
			for _, s := range []*string{&text, &want[0], &reject} {
				*s = strings.ReplaceAll(*s, ",", sign)
			}
			if encoding == "gb18030" {
				text = inGB18030(t, text)
			}
			declared := map[string]string{"\t": "tab", "\\": `"\\"`}[sign]
			if declared == "" {
				declared = `"` + sign + `"`
			}
			tries := []string{declared}
			if strings.Contains(",;\t|", sign) {
				tries = append(tries, "auto")
			}
			for _, try := range tries {
				l, err := landWith(t, ingest.Config{BlockBytes: 7}, delimited(t, try, encoding), text)
				if err != nil {
					t.Fatalf("%s as %s in %s: %v", sign, try, encoding, err)
				}
				records, rejects := shown(l)
				if diff := cmp.Diff(want, records); diff != "" {
					t.Errorf("%s as %s in %s: %s", sign, try, encoding, diff)
				}
				if diff := cmp.Diff([]string{"5:UNTERMINATED_QUOTE", "7:RAGGED_ROW"}, rejects); diff != "" {
					t.Errorf("%s as %s in %s: %s", sign, try, encoding, diff)
				}
				if got := l.rejects[1]["original"]; got != reject {
					t.Errorf("%s as %s: original %q, want %q", sign, try, got, reject)
				}
			}
		}
	}
}

func TestTabsWithNothingBetweenAreARecord(t *testing.T) {
	l, err := land(t, delimited(t, "auto", "auto"), "编号\t名称\t备注\n\t\t\n  \n1\t\t\n")
	if err != nil {
		t.Fatal(err)
	}
	records, _ := shown(l)
	if diff := cmp.Diff([]string{"2:-|-|-", "4:1|-|-"}, records); diff != "" {
		t.Error(diff)
	}
}

func TestDelimiterRefusals(t *testing.T) {
	oneColumn := strings.Replace(plain, "  - {name: 名称, as: name, type: text}\n  - {name: 备注, as: note, type: text}\n", "", 1)
	if l, err := land(t, mustContract(t, oneColumn), "编号\n1;2\n"); err != nil || l.Batch.Rows.Accepted != 1 {
		t.Errorf("one column: %v", err)
	}
	odd := strings.NewReplacer("编号", "a").Replace(oneColumn) + "ignore: ['a,x', 'x;a']\n"
	tests := []struct{ name, yaml, content, want string }{
		{"other than declared", strings.Replace(plain, "csv,", `csv, delimiter: ";",`, 1), "\n编号\t名称\t备注\n1\t2\t3\n",
			"line 2: its columns are parted by tab, the contract says ;"},
		{"declared and names wrong", strings.Replace(plain, "csv,", `csv, delimiter: ";",`, 1), "编号;名秤;备注\n",
			"line 1: missing column 名称; the column 名秤 is not in the contract"},
		{"none fits", plain, "编号;名秤;备注\n", "line 1: missing column 名称; the column 名秤 is not in the contract"},
		{"none fits at all", plain, "编号 名称 备注\n", "line 1: missing column 编号, 名称, 备注; the column 编号 名称 备注 is not in the contract"},
		{"two fit", odd, "a,x;a\n1,2\n", "line 1: its columns can be told apart by , and by ;"},
		{"header in a quote that never closes", plain, "\"编号,名称,备注\n1,2,3\n", "line 1: the header cannot be read: UNTERMINATED_QUOTE"},
		{"no header within bounds", plain, "\n" + strings.Repeat("x", 5<<20), "line 2: the header cannot be read: TOO_LONG"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := land(t, mustContract(t, tt.yaml), tt.content)
			var refusal *ingest.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q, got %v", tt.want, err)
			}
		})
	}
}
