package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"rongxin/pipelines/sandbox"
)

// good is a record of each table that no rule finds fault with.
var good = map[string]struct {
	key     string
	content map[string]string
	numbers map[string]string // members that are numbers
}{
	"supervision_results": {"91350100M000100Y43/tax", map[string]string{
		"subject_id": "91350100M000100Y43", "subject_name": "榕城某某有限公司", "scheme": "tax", "reasons": "欠税；逾期申报",
	}, map[string]string{"supervision_class": "2"}},
	"tiered_lists": {"税务局/tax/91350100M000100Y43", map[string]string{
		"period": "2026", "department": "税务局", "scheme": "tax", "scheme_title": "纳税信用", "subject_id_type": "001",
		"subject_id": "91350100M000100Y43", "subject_name": "榕城某某有限公司", "division_code": "350102", "industry_code": "C1310",
		"risk_class": "B", "check_ratio": "12.5%", "previous_class": "", "change": "新增", "objection": "无", "publication_range": "2",
	}, map[string]string{"supervision_class": "3", "evidence_count": "0", "max_checks": "4"}},
	"check_actions": {"c1", map[string]string{
		"record_unique_identity": "c1", "supervise_item_implement_code": "12345678901234",
		"supervise_item_check_icode": "11350100M0001000001001", "check_action_name": "双随机检查", "check_action_code": "榕市监检〔2026〕1号",
		"implement_institution": "市市场监督管理局", "implement_institution_code": "11350100M000100000",
		"supervise_object": "榕城某某有限公司", "administrative_cp": "榕城某某有限公司", "administrative_cp_na": "2",
		"administrative_cp_ce_type": "001", "administrative_cp_ui_code": "91350100M000100Y43", "area_number": "350102",
		"check_form": "01", "check_type": "1", "check_result": "合格", "check_date": "2026-03-02 00:00:00",
		"check_personnel": "张**;李**", "check_personnel_code": "A1;A2", "submitted_date": "2026-03-03 00:00:00", "submitted_personnel": "信用中心",
	}, nil},
	"penalty_actions": {"p1", map[string]string{
		"record_unique_identity": "p1", "supervise_item_code": "12345678901234", "punish_action_name": "违法生产案", "punish_action_code": "1",
		"supervise_object": "榕城某某有限公司", "case_source": "02", "administrative_cp": "榕城某某有限公司", "administrative_cp_na": "2",
		"administrative_cp_ce_type": "001", "administrative_cp_ui_code": "91350100M000100Y43", "area_number": "350102",
		"illegal_fact": "未按规定\n生产", "punish_basis": "某法第一条", "punish_procedure": "02", "is_hearing": "0", "is_criminal": "0",
		"punish_set_date": "2026-01-05", "punish_file_num": "榕市监罚〔2026〕1号", "punish_date": "2026-02-01", "punish_type": "02", "fine": "0.2",
		"punish_result": "罚款2000元", "reconsideration": "0", "litigation": "0", "is_no_penalty": "0", "closed_date": "2026-02-20",
		"submit_date": "2026-02-21 00:00:00",
	}, nil},
	"severe_hits": {"s1", map[string]string{
		"record_id": "s1", "subject_id": "91350100M000100Y43", "subject_name": "榕城某某有限公司", "division_code": "350102",
		"list_name": "失信被执行人", "list_basis": "法释〔2017〕7号", "document_no": "（2025）闽01执1号", "authority_name": "市中级人民法院",
		"listed_on": "2025-06-01",
	}, nil},
	"measures": {"m1", map[string]string{
		"record_id": "m1", "hit_no": "H1", "entity_name": "榕城某某有限公司", "uni_code": "91350100M000100Y43", "type": "已惩戒",
		"district": "350102", "dept": "市财政局", "list_name": "失信被执行人", "list_record_id": "s1", "measure_id": "3",
		"measure_title": "限制参与政府采购", "disciplinary_time": "2026-03-01", "amount": "1000.50",
	}, nil},
	"commitments": {"k1", map[string]string{
		"record_id": "k1", "commitment_code": "35010220260301000001", "subject_name": "榕城某某有限公司", "subject_kind": "法人及非法人组织",
		"subject_id": "91350100M000100Y43", "commitment_kind": "2", "reason": "容缺受理", "content": "十日内补齐", "liability": "撤销决定",
		"made_on": "2026-03-01", "performance": "部分履行", "breach": "缺一份", "accountability": "约谈", "accepting_unit": "行政审批局",
		"accepting_unit_code": "11350100M000100000", "publicity": "可向社会公开",
	}, nil},
}

// goodRow is the good record of a table with some members changed; the empty
// value leaves one out.
func goodRow(operation, table string, changes map[string]string) string {
	g := good[table]
	content := maps.Clone(g.content)
	var rest [][2]string
	if operation == "D" {
		rest = append(rest, [2]string{}) // rowOf leaves out the first of D
	}
	for name, value := range g.numbers {
		rest = append(rest, [2]string{name, value})
	}
	for name, value := range changes {
		rest = append(rest, [2]string{name, value})
	}
	if operation == "D" {
		rest = nil
	}
	return rowOf(operation, g.key, content, rest...)
}

func TestEachTableHoldsItsRecords(t *testing.T) {
	for table, g := range good {
		t.Run(table, func(t *testing.T) {
			p := start(t, sandbox.Config{})
			for i, operation := range []string{"I", "U", "D"} {
				status, answer := p.do("POST", "/v1/batches", fmt.Sprint(i),
					strings.ReplaceAll(bodyOf(table, goodRow(operation, table, nil)), batchNumber, fmt.Sprintf("20260401%05d", i+1)))
				if status != 200 || !strings.Contains(answer, `"accepted":1`) {
					t.Errorf("%s: HTTP %d %s", operation, status, answer)
				}
			}
			history := ask[[]struct{ Operation, Subject string }](p, "/v1/history?table="+table+"&key="+g.key)
			if len(history) != 3 || history[2].Operation != "D" || history[2].Subject != "91350100M000100Y43" {
				t.Errorf("history %+v, want I, U, D of the enterprise", history)
			}
		})
	}
}

// What is wrong with one field of a good record, and the code it is refused with.
func TestEachRuleOfTheTables(t *testing.T) {
	long := func(n int) string { return strings.Repeat("榕", n) }
	p := start(t, sandbox.Config{})
	for _, c := range []struct {
		table, field, value, code string // value as JSON when it begins with a brace, else text; "-" leaves the field out
	}{
		{"check_actions", "supervise_item_implement_code", "1234567890123", "FORMAT"},
		{"check_actions", "supervise_item_implement_code", "-", "REQUIRED"},
		{"check_actions", "supervise_item_check_icode", "11350100M0001000006001", "FORMAT"},
		{"check_actions", "supervise_item_check_icode", "11350100M0001000011001", "CROSS_FIELD"},
		{"check_actions", "check_action_code", long(51), "LENGTH"},
		{"check_actions", "implement_institution", long(101), "LENGTH"},
		{"check_actions", "supervise_object", "", "REQUIRED"},
		{"check_actions", "administrative_cp_na", "4", "CODE_LIST"},
		{"check_actions", "administrative_cp_na", "[2]", "TYPE"},
		{"check_actions", "area_number", "35010", "FORMAT"},
		{"check_actions", "area_number", "３５０１０２", "FORMAT"},
		{"check_actions", "check_form", "1", "CODE_LIST"},
		{"check_actions", "check_result", "良好", "CODE_LIST"},
		{"check_actions", "check_date", "2026-02-30 00:00:00", "FORMAT"},
		{"check_actions", "check_date", "2026/02/03", "FORMAT"},
		{"check_actions", "check_personnel", "张**", "FORMAT"},
		{"check_actions", "check_personnel", "张**;", "FORMAT"},
		{"check_actions", "check_personnel", "张**;李**;王**", "CROSS_FIELD"},
		{"check_actions", "submitted_date", "2026-03-02 00:00:00", "CROSS_FIELD"},
		{"check_actions", "submitted_date", "2026-03-02", "CROSS_FIELD"},
		{"check_actions", "submitted_personnel", "信用\u0000中心", "CHARACTER"},
		{"check_actions", "submitted_personnel", "信用\ufffd中心", "CHARACTER"},
		{"check_actions", "administrative_cp_ui_code", "91350100 000100Y43", "CHARACTER"},
		{"check_actions", "record_unique_identity", "c2", "KEY"},
		{"check_actions", "fine", "1", "UNKNOWN_FIELD"},
		{"penalty_actions", "punish_action_name", long(501), "LENGTH"},
		{"penalty_actions", "punish_action_code", long(51), "LENGTH"},
		{"penalty_actions", "punish_file_num", long(101), "LENGTH"},
		{"penalty_actions", "punish_result", long(1001), "LENGTH"},
		{"penalty_actions", "punish_type", "09", "CODE_LIST"},
		{"penalty_actions", "fine", "", "REQUIRED"},
		{"penalty_actions", "fine", "0.1234567", "FORMAT"},
		{"penalty_actions", "fine", "-1", "FORMAT"},
		{"penalty_actions", "fine", "1e3", "FORMAT"},
		{"penalty_actions", "fine", "[0.2]", "TYPE"},
		{"penalty_actions", "case_source", "01", "REQUIRED"}, // and no check action
		{"penalty_actions", "legal_review", "1", "REQUIRED"}, // and no date
		{"penalty_actions", "punish_date", "2026-01-05", "CROSS_FIELD"},
		{"penalty_actions", "closed_date", "2026-01-01", "CROSS_FIELD"},
		{"penalty_actions", "submit_date", "2026-02-20 00:00:00", "CROSS_FIELD"},
		{"penalty_actions", "illegal_fact", "-", "REQUIRED"},
		{"tiered_lists", "risk_class", "E", "CODE_LIST"},
		{"tiered_lists", "change", "移出", "CODE_LIST"},
		{"tiered_lists", "check_ratio", "12.5", "FORMAT"},
		{"tiered_lists", "check_ratio", "101%", "FORMAT"},
		{"tiered_lists", "publication_range", "3", "CODE_LIST"},
		{"tiered_lists", "supervision_class", "", "REQUIRED"},
		{"tiered_lists", "supervision_class", "3", "TYPE"},
		{"tiered_lists", "evidence_count", "[1.5]", "FORMAT"},
		{"tiered_lists", "department", "卫健委", "KEY"},
		{"severe_hits", "subject_id", "91350100M000100Y4", "LENGTH"},
		{"severe_hits", "subject_id", "91350100m000100y43", "FORMAT"},
		{"severe_hits", "listed_on", "2025-06-01 00:00:00", "FORMAT"},
		{"severe_hits", "list_name", "-", "REQUIRED"},
		{"measures", "type", "0", "CODE_LIST"},
		{"measures", "district", "福州", "FORMAT"},
		{"measures", "amount", "1.005", "FORMAT"},
		{"commitments", "commitment_code", "35010220261301000001", "FORMAT"},
		{"commitments", "commitment_code", "3501022026030100001", "LENGTH"},
		{"commitments", "breach", "", "REQUIRED"},
		{"commitments", "content", long(4001), "LENGTH"},
		{"commitments", "performance", "履行中", "CODE_LIST"},
		{"supervision_results", "reasons", long(2001), "LENGTH"},
	} {
		t.Run(fmt.Sprintf("%s %s %.20q", c.table, c.field, c.value), func(t *testing.T) {
			value, _ := json.Marshal(c.value)
			switch {
			case c.value == "-":
				value = nil
			case strings.HasPrefix(c.value, "["): // a bare value in brackets
				value = []byte(strings.Trim(c.value, "[]"))
			}
			p.number++
			body := bodyOf(c.table, goodRow("I", c.table, map[string]string{c.field: string(value)}))
			status, answer := p.do("POST", "/v1/batches", fmt.Sprint(p.number),
				strings.ReplaceAll(body, batchNumber, fmt.Sprintf("20260401%05d", p.number)))
			if status != 200 || !strings.Contains(answer, `"code":"`+c.code+`"`) || !strings.Contains(answer, `"accepted":0`) {
				t.Errorf("HTTP %d %s, want %s", status, answer, c.code)
			}
			if c.code != "KEY" && !strings.Contains(answer, c.field) && c.code != "REQUIRED" {
				t.Errorf("%s: does not name %s", answer, c.field)
			}
		})
	}
}
