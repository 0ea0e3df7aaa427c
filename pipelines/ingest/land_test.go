package ingest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

const good = "编号,名称,备注\n1,甲,x\n2,乙\n3,丙,z\n"

func TestBatch(t *testing.T) {
	home, c := t.TempDir(), mustContract(t, plain)
	l, err := landWith(t, ingest.Config{Home: home}, c, good)
	if err != nil {
		t.Fatal(err)
	}
	b := l.Batch
	if b.Rows != (landing.Rows{Read: 3, Accepted: 2, Rejected: 1}) || b.Reasons["RAGGED_ROW"] != 1 {
		t.Errorf("%+v", b)
	}
	if diff := cmp.Diff(c.Columns(), b.Columns); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]store.Digest{
		b.Extract.File: b.Extract.Digest, landing.RecordsName: b.Records, landing.RejectsName: b.Rejects,
	} {
		if err := store.Check(filepath.Join(l.dir, name), want); err != nil {
			t.Error(err)
		}
	}
	extract, err := os.ReadFile(filepath.Join(l.dir, b.Extract.File))
	if err != nil || string(extract) != good {
		t.Errorf("%q %v", extract, err)
	}
	info, err := os.Stat(filepath.Join(l.dir, b.Extract.File))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	list, err := landing.List(home)
	if err != nil || len(list) != 1 || list[0].ID != b.ID {
		t.Error(list, err)
	}
}

// What a landing left when it was killed goes away with the next.
func TestSweepsWhatACrashLeft(t *testing.T) {
	home := t.TempDir()
	left := landing.Dir(home, "samr/honours", store.Temporary("arrival-1"))
	writeFile(t, filepath.Join(left, "extract.csv"), "half")
	if _, err := landWith(t, ingest.Config{Home: home}, mustContract(t, sweepContract), "文书号,名称\n荣1,榕城示例有限公司\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

const sweepContract = `
dataset: samr/honours
version: 1
effective_from: 2021-01-01
title: 荣誉
department: 市市场监督管理局
catalogue: {class: 诚实守信相关荣誉信息, item: RYXX, edition: 2024}
basis: 公共信用信息目录
range: public
source: {format: csv, encoding: utf-8, delivery: delta}
key: [文书号]
fields:
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 名称, as: subject_name, type: text, required: true}
`

func TestTheSameBytesLandOnce(t *testing.T) {
	home, c := t.TempDir(), mustContract(t, plain)
	first, err := landWith(t, ingest.Config{Home: home}, c, good)
	if err != nil {
		t.Fatal(err)
	}
	again, err := landWith(t, ingest.Config{Home: home}, mustContract(t, strings.Replace(plain, "version: 1", "version: 2", 1)), good)
	if err != nil {
		t.Fatal(err)
	}
	if first.AlreadyLanded || !again.AlreadyLanded {
		t.Error(first.AlreadyLanded, again.AlreadyLanded)
	}
	if diff := cmp.Diff(first.Batch, again.Batch); diff != "" {
		t.Error(diff)
	}
	other, err := landWith(t, ingest.Config{Home: home}, c, good+"4,丁,w\n")
	if err != nil || other.AlreadyLanded || other.Batch.ID == first.Batch.ID {
		t.Error(other.Batch.ID, err)
	}
}

func TestEightAtOnce(t *testing.T) {
	home := t.TempDir()
	c := mustContract(t, plain)
	file := writeFile(t, filepath.Join(t.TempDir(), "in.csv"), good)
	results, errs := make([]ingest.Result, 8), make([]error, 8)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			l := newLander(t, ingest.Config{Home: home})
			results[i], errs[i] = l.Land(context.Background(), ingest.Request{Contract: c, File: file, ReceivedAt: received})
		})
	}
	wg.Wait()
	winners := 0
	for i, r := range results {
		if errs[i] != nil {
			t.Error(errs[i])
		}
		if !r.AlreadyLanded {
			winners++
		}
		if r.Batch.Records != results[0].Batch.Records {
			t.Error("another batch", r.Batch)
		}
	}
	if winners != 1 {
		t.Errorf("%d won", winners)
	}
	left, err := os.ReadDir(filepath.Join(home, "landing", "test", "plain"))
	if err != nil || len(left) != 1 {
		t.Error(left, err)
	}
}

// A snapshot that goes back to what it was is current again; sent twice on one
// day it is one.
func TestTheSameSnapshotOnAnotherDay(t *testing.T) {
	home := t.TempDir()
	c := mustContract(t, strings.Replace(plain, "delivery: delta", "delivery: snapshot", 1))
	l := newLander(t, ingest.Config{Home: home})
	files := map[string]string{}
	for name, content := range map[string]string{"A": good, "B": good + "4,丁,\n"} {
		files[name] = writeFile(t, filepath.Join(t.TempDir(), "in.csv"), content)
	}
	for i, name := range []string{"A", "B", "A", "A"} {
		at := received.AddDate(0, 0, min(i, 2))
		r, err := l.Land(context.Background(), ingest.Request{Contract: c, File: files[name], ReceivedAt: at})
		if err != nil || r.AlreadyLanded != (i == 3) {
			t.Errorf("delivery %d: landed before: %t, %v", i+1, r.AlreadyLanded, err)
		}
	}
	list, err := landing.List(home)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	if first, last := list[0], list[2]; first.Extract.SHA256 != last.Extract.SHA256 || first.ID == last.ID {
		t.Errorf("the last is %v", last)
	}
}

func TestOverride(t *testing.T) {
	home := t.TempDir()
	l := newLander(t, ingest.Config{Home: home})
	c := mustContract(t, plain+"expect: {max_reject_ratio: 2%}\n")
	req := ingest.Request{Contract: c, File: writeFile(t, filepath.Join(t.TempDir(), "in.csv"), good), ReceivedAt: received}
	r, err := l.Land(context.Background(), req)
	var refusal *ingest.Refusal
	if !errors.As(err, &refusal) || r.Batch.Rows.Rejected != 1 || len(r.FirstRejects) != 1 {
		t.Fatal(r, err)
	}
	req.Override = "局领导批示，下期补正"
	if r, err = l.Land(context.Background(), req); err != nil {
		t.Fatal(err)
	}
	stored, err := landing.Read(landing.Dir(home, "test/plain", r.Batch.ID))
	if err != nil || stored.Override != req.Override {
		t.Error(stored.Override, err)
	}
}

func TestUnknownDatasetAndCancel(t *testing.T) {
	l := newLander(t, ingest.Config{Catalog: mustCatalog(t)})
	file := writeFile(t, filepath.Join(t.TempDir(), "in.csv"), good)
	_, err := l.Land(context.Background(), ingest.Request{Dataset: "samr/penaltys", File: file, ReceivedAt: received})
	if !errors.Is(err, contract.ErrUnknownDataset) || !strings.Contains(err.Error(), "did you mean samr/penalties") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = l.Land(ctx, ingest.Request{Contract: mustContract(t, plain), File: file, ReceivedAt: received})
	var refusal *ingest.Refusal
	if !errors.Is(err, context.Canceled) || errors.As(err, &refusal) {
		t.Error(err)
	}
	if _, err = l.Land(context.Background(), ingest.Request{Contract: mustContract(t, plain), File: file + "x", ReceivedAt: received}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A register extract as the public sees it: quoted commas, N/A for unknown,
// codes of an abolished division.
func TestContractOutsideTheCatalogue(t *testing.T) {
	c := mustContract(t, `dataset: city/register
version: 1
effective_from: 2020-01-01
title: 企业公开登记信息
department: 市市场监督管理局
catalogue: {class: 登记注册基本信息, item: DJZC, edition: 2024}
basis: 企业信息公示暂行条例
range: public
source: {format: csv, delivery: snapshot, nulls: [N/A]}
key: [统一社会信用代码]
fields:
  - {name: 企业名称, as: subject_name, type: text, required: true}
  - {name: 统一社会信用代码, as: subject_id, type: uscc, required: true}
  - {name: 注册日期, as: established_on, type: date, not_after: received}
  - {name: 法人代表, as: representative_name, type: text, range: authorised, mask: [1, 0]}
  - {name: 注册资金, as: capital_text, type: text}
`)
	l, err := land(t, c, "企业名称,统一社会信用代码,注册日期,法人代表,注册资金\n"+
		"福州甲公司,"+codeA+",1980-01-01,***,92(万元人民币)\n福州乙公司,"+codeB+",1999-12-31,林某某,\"N/A\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"92(万元人民币)", nil}, column(l.records, "capital_text")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"***", "林**"}, column(l.records, "representative_name")); diff != "" {
		t.Error(diff)
	}
}

// DuckDB reads what was written, with the types that the batch promises.
func TestDuckDBReadsIt(t *testing.T) {
	l, err := landWith(t, ingest.Config{GroupRows: 2}, mustContract(t, typed), file(
		rowOf("代码="+codeA, "罚款=0.2", "得分=-95.5", "决定日期=2026-06-01", "类别=法人"),
		rowOf("编号=2", "得分=x"), rowOf("编号=3"), rowOf("编号=4", "报送日期=2026-06-30")))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var columns []landing.Column
	rows, err := db.Query(fmt.Sprintf("DESCRIBE SELECT * FROM '%s/%s'", l.dir, landing.RecordsName))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c landing.Column
		var null, key, def, extra any
		if err := rows.Scan(&c.Name, &c.Type, &null, &key, &def, &extra); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	if diff := cmp.Diff(l.Batch.Columns, columns); diff != "" {
		t.Error(diff)
	}
	var got string
	err = db.QueryRow(fmt.Sprintf(`SELECT string_agg(concat_ws('|', line, flags, clock_days, subject_id, subject_id_status,
		kind, fine, score, decided_on), E'\n' ORDER BY line) FROM '%s/%s'`, l.dir, landing.RecordsName)).Scan(&got)
	if err != nil {
		t.Fatal(err)
	}
	want := "2||1|" + codeA + "|valid|org|200000|-95.50|2026-06-01\n4||1|2026-06-01\n5|LATE|20|2026-06-01"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	err = db.QueryRow(fmt.Sprintf(`SELECT concat_ws('|', dataset, batch_id, line, field, reason, original) FROM '%s/%s'`,
		l.dir, landing.RejectsName)).Scan(&got)
	if err != nil || got != "test/typed|"+l.Batch.ID+"|3|得分|NUMBER_MALFORMED|x" {
		t.Error(got, err)
	}
}
