package ingest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/ingest"
	"rongxin/warehouse/secret"
)

const tokenContract = `
dataset: DATASET
version: 1
effective_from: 2021-01-01
title: 从业人员
department: 某局
catalogue: {class: 行政管理信息, item: CYRY, edition: 2024}
basis: 管理办法
range: government
source: {format: csv, encoding: utf-8, delivery: delta}
key: [编号]
expect: {max_reject_ratio: 100%}
fields:
  - {name: 编号, as: no, type: integer, required: true}
  - {name: 证件号码, as: person_id, type: person_id, range: authorised, mask: [1, 1]}
  - {name: 日期, as: noted_on, type: date}
`

// A person has one token, in every dataset and however the number is written,
// and the number is nowhere.
func TestTokens(t *testing.T) {
	home := t.TempDir()
	cfg := ingest.Config{Home: home, Keys: secret.NewRing(filepath.Join(t.TempDir(), "keys"))}
	landOf := func(dataset, rows string) landed {
		t.Helper()
		l, err := landWith(t, cfg, mustContract(t, strings.Replace(tokenContract, "DATASET", dataset, 1)), "编号,证件号码,日期\n"+rows)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	one := landOf("health/staff", "1,350102196001010012,\n2,,\n3,35010219000101004X,\n4,E12345678,\n")
	other := landOf("labour/staff", "1,３５０１０２１９６００１０１００１２,\n2,350102600101001,\n3,350102 19600101-0012,\n4,35010219000101004x,\n5,350102196001010012,2026-02-30\n")

	tokens, others := column(one.records, "person_id_token"), column(other.records, "person_id_token")
	if first, _ := tokens[0].(string); len(first) != secret.TokenLength || tokens[1] != nil || tokens[2] == first || tokens[3] == first {
		t.Errorf("tokens: %v", tokens)
	}
	if diff := cmp.Diff([]any{tokens[0], tokens[0], tokens[0], tokens[2]}, others); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"3****************2", nil, "3****************X", "E*******8"}, column(one.records, "person_id")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"2026-02-30"}, column(other.rejects, "original")); diff != "" {
		t.Error(diff)
	}

	// Another key, another token; the batch says which key it was.
	before := one.Batch.KeyID
	if _, err := cfg.Keys.New(); err != nil {
		t.Fatal(err)
	}
	later := landOf("health/staff", "9,350102196001010012,\n")
	if token := column(later.records, "person_id_token")[0]; token == tokens[0] || later.Batch.KeyID == before || len(before) != 8 {
		t.Errorf("key %s then %s, token %v", before, later.Batch.KeyID, token)
	}
}
