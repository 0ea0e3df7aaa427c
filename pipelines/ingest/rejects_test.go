package ingest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A reject tells whose row it is as far as that can be told: the record when
// its key is sound, the subject when the row could be taken apart, a person's
// name never in clear.
func TestRejectsTellWhose(t *testing.T) {
	c := mustContract(t, strings.Replace(maskedContract, "name: 名称, as: subject_name, type: text, required: true",
		"name: 名称, as: subject_name, type: text, required: true, max_length: 8", 1))
	sound, err := land(t, c, "类别,名称,文书号,事实,日期\n法人,榕城示例有限公司,罚1,,2026-05-01\n自然人,陈示例,罚2,,2026-05-01\n")
	if err != nil {
		t.Fatal(err)
	}
	company, person := sound.records[0]["record_id"], sound.records[1]["record_id"]

	for name, test := range map[string]struct {
		row          string
		record, whom any
	}{
		"a field beside the key":              {"法人, 榕城示例有限公司 ,罚1,,2026-02-30", company, "榕城示例有限公司"},
		"a person":                            {"自然人,陈示例,罚2,,2026-02-30", person, "陈**"},
		"a field of the key missing":          {"法人,榕城示例有限公司,,,2026-05-01", nil, "榕城示例有限公司"},
		"a field of the key too long":         {"法人,榕城示例第二有限公司,罚1,,2026-05-01", nil, "榕城示例第二有限公司"},
		"nobody knows whether it is a person": {"自然入,陈示例,罚2,,2026-05-01", nil, "陈**"},
		"no name":                             {"法人,,罚1,,2026-05-01", nil, nil},
		"a column too many":                   {"法人,榕城示例有限公司,罚1,,2026-05-01,x", nil, nil},
		"a NUL byte":                          {"法人,榕城示例有限公司,罚1,\x00,2026-05-01", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			landed, err := land(t, c, "类别,名称,文书号,事实,日期\n"+test.row+"\n")
			if err != nil {
				t.Fatal(err)
			}
			if len(landed.rejects) != 1 {
				t.Fatalf("rejects: %v", landed.rejects)
			}
			r := landed.rejects[0]
			got := []any{r["record_id"], r["subject_id"], r["subject_name"]}
			if diff := cmp.Diff([]any{test.record, nil, test.whom}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The subject's code is told as it was sent, unless it is a person's number.
func TestRejectsTellTheCode(t *testing.T) {
	const id = "350102190001010015" // made up, born in 1900
	for sent, want := range map[string]any{codeA: codeA, "91350100MA8T0001": "91350100MA8T0001", id: "3****************5", "": nil} {
		landed, err := land(t, mustContract(t, typed), file(rowOf("代码="+sent, "得分=x")))
		if err != nil {
			t.Fatal(err)
		}
		if got := landed.rejects[0]["subject_id"]; got != want {
			t.Errorf("%q is told as %v, want %v", sent, got, want)
		}
		if got := landed.rejects[0]["record_id"]; got == nil {
			t.Errorf("%q: the key is sound and no record named", sent)
		}
	}
}
