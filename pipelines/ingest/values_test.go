package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/ingest"
)

const typed = `dataset: test/typed
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: csv, delivery: delta, nulls: [N/A]}
key: [编号]
clock: {from: 决定日期, to: 报送日期, within: 7 working days}
fields:
  - {name: 编号, as: no, type: text, required: true, max_length: 8}
  - {name: 代码, as: subject_id, type: uscc, required: "when 类别 in [法人]"}
  - {name: 类别, as: kind, type: code, codes: {法人: org, 自然人: person}}
  - {name: 罚款, as: fine, type: money, unit: 万元, min: 0, warn_above: 100}
  - {name: 得分, as: score, type: "decimal(5,2)", max: 100}
  - {name: 人数, as: heads, type: integer, min: 1}
  - {name: 决定日期, as: decided_on, type: date, not_after: received}
  - {name: 报送日期, as: reported_on, type: date}
  - {name: 区划, as: division, type: division}
  - {name: 行业, as: industry, type: industry, edition: 2017}
  - {name: 注册号, as: registration_no, type: registration_no}
  - {name: 证件, as: person_id, type: person_id, range: authorised, mask: [1, 1]}
  - {name: 姓名, as: person, type: text, range: authorised, mask: [1, 0], max_length: 4}
`

// A made-up id number whose check holds, and one whose check does not.
const (
	personID    = "350102190001010015"
	badPersonID = "350102190001010016"
)

// rowOf writes one CSV row of the typed contract from "name=value" pairs.
func rowOf(pairs ...string) string {
	names := []string{"编号", "代码", "类别", "罚款", "得分", "人数", "决定日期", "报送日期", "区划", "行业", "注册号", "证件", "姓名"}
	values := map[string]string{"编号": "1", "决定日期": "2026-06-01", "报送日期": "2026-06-02"}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	line := make([]string, len(names))
	for i, name := range names {
		line[i] = values[name]
	}
	return strings.Join(names, ",") + "\n" + strings.Join(line, ",") + "\n"
}

// file joins files of one row each under one header.
func file(contents ...string) string {
	header, _, _ := strings.Cut(contents[0], "\n")
	joined := header + "\n"
	for _, c := range contents {
		_, row, _ := strings.Cut(c, "\n")
		joined += row
	}
	return joined
}

func TestReasons(t *testing.T) {
	tests := []struct {
		pair, reason, detail string
	}{
		{"编号=", ingest.RequiredMissing, "REQUIRED_MISSING 编号：必填"},
		{"编号=N/A", ingest.RequiredMissing, "必填"},
		{"编号=九个字的编号太长了", ingest.TooLong, "9 字，上限 8 字"},
		{"类别=法人", ingest.RequiredMissing, "REQUIRED_MISSING 代码：类别 为“法人”时必填"},
		{"类别=组织", ingest.UnknownCategory, "应为 法人、自然人 之一"},
		{"代码=91350100MA8TOOO16W", ingest.CodeInvalid, "建议 " + codeA},
		{"代码=12345", ingest.CodeInvalid, "不是18位"},
		{"代码=91350100MA8T0A01WW", ingest.CodeInvalid, "第18位校验码不符、第17位校验码不符"},
		{"代码=000000000000000000", ingest.CodeInvalid, "是占位内容而不是代码"},
		{"代码=MA8T00016", ingest.CodeInvalid, "是9位组织机构代码"},
		{"代码=9.13501E+17", ingest.ScientificCode, "科学计数法"},
		{"注册号=3.501E+14", ingest.ScientificCode, "科学计数法"},
		{"证件=3.50102E+17", ingest.ScientificCode, "科学计数法"},
		{"决定日期=2026-02-30", ingest.DateImpossible, "不是存在的日期"},
		{"决定日期=去年", ingest.DateImpossible, "不是存在的日期"},
		{"决定日期=2026-06-16", ingest.DateInFuture, "晚于接收日 2026-06-15"},
		{"罚款=1,5", ingest.RaggedRow, "应有 13 列，实有 14 列"},
		{"罚款=2万", ingest.NumberMalformed, "不是数字"},
		{"罚款=1E2", ingest.NumberMalformed, "不是数字"},
		{"罚款=0.0000001", ingest.NumberMalformed, "金额应精确到分"},
		{"罚款=-0.2", ingest.OutOfRange, "小于下限 0.000000万元"},
		{"罚款=99999999999999", ingest.OutOfRange, "数值过大"},
		{"得分=95.123", ingest.NumberMalformed, "最多 2 位小数"},
		{"得分=100.01", ingest.OutOfRange, "大于上限 100.00"},
		{"得分=-1000", ingest.OutOfRange, "超过 5 位"},
		{"人数=0", ingest.OutOfRange, "小于下限 1"},
		{"人数=1.5", ingest.NumberMalformed, "最多 0 位小数"},
		{"区划=359999", ingest.UnknownDivision, "GB/T 2260 没有此代码"},
		{"行业=9999", ingest.UnknownIndustry, "GB/T 4754-2017 没有此代码"},
	}
	var content []string
	counts := map[string]int{}
	for _, tt := range tests {
		content = append(content, rowOf(tt.pair))
		counts[tt.reason]++
	}
	l, err := land(t, mustContract(t, typed), file(content...))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.rejects) != len(tests) {
		t.Fatalf("%d rejects of %d rows; accepted %v", len(l.rejects), len(tests), l.records)
	}
	for i, tt := range tests {
		got := l.rejects[i]
		if got["line"] != i+2 || got["reason"] != tt.reason || !strings.Contains(got["detail"].(string), tt.detail) {
			t.Errorf("%s: want %s with %q, got %v", tt.pair, tt.reason, tt.detail, got)
		}
	}
	if diff := cmp.Diff(counts, l.Batch.Reasons); diff != "" {
		t.Error(diff)
	}
}

func TestAcceptedValues(t *testing.T) {
	tests := []struct {
		pair, column string
		want         any
		flags        string
	}{
		{"代码=" + codeA, "subject_id", codeA, ""},
		{"代码=" + codeA, "subject_id_status", "valid", ""},
		{"代码=", "subject_id_status", nil, ""},
		{"代码=９1350100ma8t00016w", "subject_id", codeA, "CODE_CLEANED"},
		{"代码=91350203M0001QAY9B", "subject_id_status", "suspect", "CODE_SUSPECT"},
		{"类别=自然人", "kind", "person", ""},
		{"罚款=0.2", "fine", 200_000, ""},
		{"罚款=100", "fine", 100_000_000, ""},
		{"罚款=100.000001", "fine", 100_000_001, "AMOUNT_SUSPECT_UNIT"},
		{"得分=95.5", "score", 9550, ""},
		{"人数=12", "heads", 12, ""},
		{"人数=N/A", "heads", nil, ""},
		{"决定日期=2026/6/1", "decided_on", 20605, ""},
		{"决定日期=2026年6月1日", "decided_on", 20605, ""},
		{"决定日期=20260601", "decided_on", 20605, ""},
		{"决定日期=2026-05-31 08:30:00", "decided_on", 20604, ""},
		{"区划=350182", "division", "350182", ""},
		{"行业=5212", "industry", "5212", ""},
		{"注册号=350100100000017", "registration_no", "350100100000017", ""},
		{"注册号=350100100000018", "registration_no", "350100100000018", "REGISTRATION_NO_INVALID"},
		{"证件=" + personID, "person_id", "3****************5", ""},
		{"证件=" + badPersonID, "person_id", "3****************6", "PERSON_ID_INVALID"},
		{"姓名=林某某", "person", "林**", ""},
		{"报送日期=2026-06-02", "clock_days", 1, ""},
		{"报送日期=2026-06-10", "clock_days", 7, ""},
		{"报送日期=2026-06-11", "clock_days", 8, "LATE"},
		{"报送日期=", "clock_days", nil, "CLOCK_UNKNOWN"},
		{"报送日期=2099-12-31", "clock_days", nil, "CLOCK_UNKNOWN"},
	}
	var content []string
	for _, tt := range tests {
		content = append(content, rowOf(tt.pair))
	}
	l, err := land(t, mustContract(t, typed), file(content...))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.records) != len(tests) {
		t.Fatal(l.rejects)
	}
	for i, tt := range tests {
		if diff := cmp.Diff(tt.want, l.records[i][tt.column]); diff != "" {
			t.Errorf("%s: %s\n%s", tt.pair, tt.column, diff)
		}
		if l.records[i]["flags"] != tt.flags {
			t.Errorf("%s: flags %q, want %q", tt.pair, l.records[i]["flags"], tt.flags)
		}
	}
}

// The seventh working day after Friday 2026-05-29 is Tuesday 06-09; a Saturday
// after the seventh day has the same count and is late all the same.
func TestLateOnTheWeekendAfterTheDeadline(t *testing.T) {
	l, err := land(t, mustContract(t, typed), rowOf("决定日期=2026-06-03", "报送日期=2026-06-13"))
	if err != nil {
		t.Fatal(err)
	}
	if l.records[0]["clock_days"] != 7 || l.records[0]["flags"] != "LATE" {
		t.Error(l.records[0])
	}
}

func TestClockWithoutToRunsToReceipt(t *testing.T) {
	c := mustContract(t, strings.Replace(typed, ", to: 报送日期", "", 1))
	l, err := land(t, c, rowOf("报送日期="))
	if err != nil {
		t.Fatal(err)
	}
	if l.records[0]["clock_days"] != 10 || l.records[0]["flags"] != "LATE" {
		t.Error(l.records[0])
	}
}

func TestAllFaultsOfARowAreTold(t *testing.T) {
	l, err := land(t, mustContract(t, typed), rowOf("编号=", "罚款=x", "行业=9999"))
	if err != nil {
		t.Fatal(err)
	}
	want := "REQUIRED_MISSING 编号：必填；NUMBER_MALFORMED 罚款：不是数字；UNKNOWN_INDUSTRY 行业：GB/T 4754-2017 没有此代码"
	if diff := cmp.Diff([]any{want}, column(l.rejects, "detail")); diff != "" {
		t.Error(diff)
	}
}

// A record has the same id in whatever form its key is sent again.
func TestRecordID(t *testing.T) {
	yaml := strings.Replace(typed, "key: [编号]", "key: [编号, 代码, 罚款, 决定日期, 得分]", 1)
	same := []string{
		rowOf("代码="+codeA, "罚款=0.2", "得分=95.5"),
		rowOf("编号= 1 ", "代码="+strings.ToLower(codeA), "罚款=0.200000", "决定日期=2026/6/1", "得分=95.50", "人数=3"),
	}
	other := []string{rowOf("代码="+codeB, "罚款=0.2", "得分=95.5"), rowOf("代码="+codeA, "罚款=0.2"), rowOf("编号=1\t0.2")}
	id := func(content string) any {
		l, err := land(t, mustContract(t, yaml), content)
		if err != nil || len(l.records) != 1 {
			t.Fatal(l.rejects, err)
		}
		return l.records[0]["record_id"]
	}
	first := id(same[0])
	if len(fmt.Sprint(first)) != 24 {
		t.Error(first)
	}
	if got := id(same[1]); got != first {
		t.Errorf("%v, then %v", first, got)
	}
	for _, content := range other {
		if id(content) == first {
			t.Errorf("another record has the id of the first: %s", content)
		}
	}
}

func TestPersonalDataIsMasked(t *testing.T) {
	yaml := strings.Replace(typed, "max_length: 8", "max_length: 80", 1)
	person := []string{"证件=" + personID, "姓名=郑成功"}
	shifted := rowOf("证件="+badPersonID, "姓名=郑成功")
	content := file(
		rowOf(person...),
		rowOf(append(person, "罚款=x")...),           // another field at fault
		rowOf("证件="+personID, "姓名=郑成功郑成功"),         // a masked field at fault
		rowOf("代码="+personID),                      // an id in the place of a code
		strings.TrimSpace(rowOf(person...))+",多\n", // a column too many
		strings.Replace(shifted, "\n", "\n多,", 1),  // all columns shifted
		rowOf("证件="+personID, "姓名=郑\xff成功"),        // undecodable
	)
	l, err := land(t, mustContract(t, yaml), content)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.records) != 1 || len(l.rejects) != 6 {
		t.Fatalf("%d records, rejects %v", len(l.records), l.rejects)
	}
	all := fmt.Sprint(l.records, l.rejects, l.Batch, l.FirstRejects)
	for _, secret := range []string{personID, badPersonID, personID[1:17], "郑成功", "成功"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s is in the clear: %s", secret, all)
		}
	}
}

func TestReasonsTableIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range ingest.Reasons() {
		if seen[r.Code] || r.Chinese == "" || r.English == "" || r.WhatToDo == "" {
			t.Errorf("incomplete or repeated: %+v", r)
		}
		seen[r.Code] = true
	}
	if len(seen) != 1+19+9 {
		t.Errorf("%d codes", len(seen))
	}
}
