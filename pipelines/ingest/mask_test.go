package ingest_test

import (
	"fmt"
	"strings"
	"testing"
)

const maskedContract = `
dataset: samr/decisions
version: 1
effective_from: 2021-01-01
title: 决定
department: 市市场监督管理局
catalogue: {class: 行政管理信息, item: XZCF, edition: 2024}
basis: 行政处罚法
range: public
source: {format: csv, encoding: utf-8, delivery: delta}
key: [文书号, 名称]
expect: {max_reject_ratio: 100%}
fields:
  - {name: 类别, as: subject_kind, type: code, required: true, codes: [法人, 自然人]}
  - {name: 名称, as: subject_name, type: text, required: true, mask: [1, 0], mask_when: "when 类别 in [自然人]"}
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 事实, as: facts, type: text, free_text: true}
  - {name: 日期, as: decided_on, type: date, required: true}
`

// A person's name is masked where an enterprise's is not, and a person's number
// inside a text is masked wherever it stands; rejects included.
func TestMaskWhen(t *testing.T) {
	const id = "350102190001010015" // made up, born in 1900
	landed, err := land(t, mustContract(t, maskedContract), strings.Join([]string{
		"类别,名称,文书号,事实,日期",
		"法人,榕城示例有限公司,罚1,经办人身份证号" + id + "，无照经营,2026-05-01",
		"自然人,陈示例,罚2,无照经营,2026-05-01",
		"自然人,林示例,罚3,无照经营,2026-02-30",
		"法人,榕城另一有限公司,罚4," + id + ",2026-02-30,多一列",
	}, "\n")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	records, rejects := fmt.Sprint(landed.records), fmt.Sprint(landed.rejects)
	for _, want := range []string{"榕城示例有限公司", "陈**", "经办人身份证号3****************5，无照经营"} {
		if !strings.Contains(records, want) {
			t.Errorf("records lack %q:\n%s", want, records)
		}
	}
	for _, secret := range []string{id, "陈示例", "林示例"} {
		if strings.Contains(records, secret) || strings.Contains(rejects, secret) {
			t.Errorf("%q is in clear:\n%s\n%s", secret, records, rejects)
		}
	}
	if !strings.Contains(rejects, "RAGGED_ROW") || !strings.Contains(rejects, "DATE_IMPOSSIBLE") {
		t.Errorf("rejects:\n%s", rejects)
	}
}
