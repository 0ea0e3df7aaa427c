package contract_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rongxin/pipelines/contract"
)

func parsed(t *testing.T, yaml string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("small.yml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDiff(t *testing.T) {
	added := func(field string) string { return small + "  - {name: 备注, as: remark, type: text" + field + "}\n" }
	tests := []struct {
		name, yaml string
		want       contract.Verdict
		change     contract.Change
	}{
		{name: "nothing", yaml: small, want: contract.Same},
		{"a new field", added(""), contract.Additive, contract.Change{Kind: "added", Field: "备注", New: "remark"}},
		{"a new required field", added(", required: true"), contract.Breaking, contract.Change{Kind: "added", Field: "备注", New: "remark", Breaking: true}},
		{"a field gone", with("  - {name: 户名, as: subject_name, type: text}\n", ""), contract.Breaking, contract.Change{Kind: "removed", Field: "户名", Old: "subject_name", Breaking: true}},
		{"another title", with("title: 水费欠缴", "title: 欠费"), contract.Additive, contract.Change{Kind: "changed", Key: "title", Old: "水费欠缴", New: "欠费"}},
		{"another key", with("key: [户号, 账期]", "key: [户号]"), contract.Breaking, contract.Change{Kind: "changed", Key: "key", Old: "户号、账期", New: "户号", Breaking: true}},
		{"another delivery", with("delivery: delta", "delivery: snapshot"), contract.Breaking, contract.Change{Kind: "changed", Key: "source.delivery", Old: "delta", New: "snapshot", Breaking: true}},
		{"another column", with("as: amount", "as: owed_amount"), contract.Breaking, contract.Change{Kind: "changed", Field: "金额", Key: "as", Old: "amount", New: "owed_amount", Breaking: true}},
		{"another unit", with("unit: 元", "unit: 万元"), contract.Breaking, contract.Change{Kind: "changed", Field: "金额", Key: "type", Old: "金额（元）", New: "金额（万元）", Breaking: true}},
		{"a new code", with(`"1": paid`, `"1": paid, "2": gone`), contract.Additive, contract.Change{Kind: "changed", Field: "状态", Key: "codes", New: "2=gone"}},
		{"a code of another meaning", with(`"1": paid`, `"1": free`), contract.Breaking, contract.Change{Kind: "changed", Field: "状态", Key: "codes", Old: "1=paid", New: "1=free", Breaking: true}},
		{"a wider bound", with("min: 202001", "min: 201901"), contract.Additive, contract.Change{Kind: "changed", Field: "账期", Key: "min", Old: "202001", New: "201901"}},
		{"a tighter bound", with("min: 202001", "min: 202101"), contract.Breaking, contract.Change{Kind: "changed", Field: "账期", Key: "min", Old: "202001", New: "202101", Breaking: true}},
		{"a bound gone", with(", min: 202001", ""), contract.Additive, contract.Change{Kind: "changed", Field: "账期", Key: "min", Old: "202001"}},
		{"a new length", with("as: contact, type: text", "as: contact, type: text, max_length: 9"), contract.Breaking, contract.Change{Kind: "changed", Field: "联系人", Key: "max_length", New: "9", Breaking: true}},
		{"a wider mask", with("mask: [1, 0]", "mask: [2, 0]"), contract.Breaking, contract.Change{Kind: "changed", Field: "联系人", Key: "mask", Old: "留前1后0位", New: "留前2后0位", Breaking: true}},
		{"required no more", with(", required: true", ""), contract.Breaking, contract.Change{Kind: "changed", Field: "户号", Key: "required", Old: "是", Breaking: true}},
		{"another deadline", with("5 working days", "7 working days"), contract.Breaking, contract.Change{Kind: "changed", Key: "clock", Old: "自应缴日期至接收日，5个工作日", New: "自应缴日期至接收日，7个工作日", Breaking: true}},
		{"a withdrawal", with("delivery: delta", "delivery: delta, withdrawal: {field: 状态, values: [撤]}"), contract.Additive, contract.Change{Kind: "changed", Key: "source.withdrawal", New: "状态为撤的行撤销该记录"}},
		{"a higher least share", with("fields:\n", "expect: {min_share: 5%}\nfields:\n"), contract.Breaking, contract.Change{Kind: "changed", Key: "expect.min_share", Old: "0.0000%", New: "5.0000%", Breaking: true}},
		{"a rhythm", with("fields:\n", "expect: {every: month, within: 10 days}\nfields:\n"), contract.Additive, contract.Change{Kind: "changed", Key: "expect.every", New: "每月，期满后 10 日内"}},
		{"a share of rejects", with("fields:\n", "expect: {max_reject_ratio: 5%}\nfields:\n"), contract.Breaking, contract.Change{Kind: "changed", Key: "expect.max_reject_ratio", Old: "100.0000%", New: "5.0000%", Breaking: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := contract.Diff(parsed(t, small), parsed(t, tt.yaml))
			if got.Verdict != tt.want {
				t.Errorf("%s, want %s", got.Verdict, tt.want)
			}
			var want []contract.Change
			if tt.want != contract.Same {
				want = []contract.Change{tt.change}
			}
			// A snapshot expects other rows, which is a change of its own.
			ignoreRows := cmpopts.IgnoreSliceElements(func(c contract.Change) bool {
				return strings.HasPrefix(c.Key, "expect.") && tt.change.Key == "source.delivery"
			})
			if diff := cmp.Diff(want, got.Changes, ignoreRows, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What adds in one direction breaks in the other; a difference with itself is none.
func TestDiffOfTheCatalogueWithItself(t *testing.T) {
	for _, c := range builtin(t).All() {
		if d := contract.Diff(c, c); d.Verdict != contract.Same {
			t.Errorf("%s: %+v", c.Dataset, d.Changes)
		}
	}
}

func TestDescribe(t *testing.T) {
	d := parsed(t, small).Describe()
	if d.Deadline != "自应缴日期至接收日，5个工作日" {
		t.Error(d.Deadline)
	}
	want := []contract.FieldDescription{
		{Name: "代码", Title: "代码", Column: "subject_id", SQLType: "VARCHAR", Type: "统一社会信用代码", Required: "状态为欠缴、部分缴纳时", Range: contract.Government},
		{Name: "状态", Title: "状态", Column: "state", SQLType: "VARCHAR", Type: "代码", Values: "欠缴=owed；部分缴纳=partly；1=paid", Range: contract.Government},
		{Name: "金额", Title: "金额", Column: "amount", SQLType: "BIGINT", Unit: "分 fen", Type: "金额（元）", Values: "不小于0；疑似单位有误：大于50000", Range: contract.Government},
	}
	if diff := cmp.Diff(want, d.Fields[2:5]); diff != "" {
		t.Error(diff)
	}
	if got := d.Fields[7]; got.Mask != "留前1后0位" || got.Range != contract.Authorised {
		t.Errorf("%+v", got)
	}
}

func TestDictionaryHasEveryFieldOnce(t *testing.T) {
	catalog := builtin(t)
	var page bytes.Buffer
	if err := contract.WriteDictionary(&page, catalog); err != nil {
		t.Fatal(err)
	}
	for _, c := range catalog.All() {
		if n := strings.Count(page.String(), " · "+c.Dataset+"\n"); n != 1 {
			t.Errorf("%s stands %d times", c.Dataset, n)
		}
		_, section, _ := strings.Cut(page.String(), " · "+c.Dataset+"\n")
		section, _, _ = strings.Cut(section, "\n### ")
		for _, f := range c.Fields {
			if strings.Count(section, "| `"+f.As+"` |") != 1 {
				t.Errorf("%s: %s is not there once", c.Dataset, f.As)
			}
		}
	}
}
