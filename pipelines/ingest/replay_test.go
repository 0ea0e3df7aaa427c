package ingest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

const replayContract = `dataset: parks/fees
version: 1
effective_from: 2026-01-01
title: 园区费用
department: 市园区管理委员会
catalogue: {class: 行政管理信息, item: YQFY, edition: 2024}
basis: 园区管理办法
range: government
source: {format: csv, encoding: auto, delivery: delta}
key: [代码, 单号]
clock: {from: 日期, within: 7 working days}
expect: {min_rows: 5}
fields:
  - {name: 代码, as: subject_id, type: uscc, required: true}
  - {name: 名称, as: subject_name, type: text, required: true}
  - {name: 单号, as: bill_no, type: text, required: true}
  - {name: 日期, as: billed_on, type: date, required: true, not_after: received}
  - {name: 状态, as: state, type: code, required: true, codes: [已缴, 欠缴]}
  - {name: 经办人证件, as: clerk_id, type: person_id, range: authorised, mask: [1, 1]}
`

// The extract holds a person's number, so it is kept sealed.
const replayExtract = `代码,名称,单号,日期,状态,经办人证件
91350100MA8T00016W,福州甲公司,1,2026-06-10,已缴,350102190001010015
91350102MA8TO0024L,福州乙公司,2,2026-06-10,已缴,350102190001010015
91350102MA8TO0024L,福州（台江）丙公司,3,2026-06-10,已缴,350102190001010015
９１３５０１０２ＭＡ８ＴＯ００２４Ｌ,福州丙公司,4,2026-02-30,已缴,350102190001010015
9.135E+17,福州丁公司,5,2026-06-01,欠缴,350102190001010015
91350100MA8T00016W,福州甲公司,6,2026-06-10,缓缴,350102190001010015
000000000000000000,福州己公司,7,2026-06-10,已缴,350102190001010015
`

// replays lands the extract and gives a function that replays it.
func replays(t *testing.T) (home string, parent landing.Batch, again func(*contract.Contract, bool, ...ingest.Correction) landing.Batch) {
	home = t.TempDir()
	l := newLander(t, ingest.Config{Home: home})
	c := mustContract(t, replayContract)
	file := writeFile(t, filepath.Join(t.TempDir(), "费用.csv"), replayExtract)
	landed, err := l.Land(context.Background(), ingest.Request{Contract: c, File: file, ReceivedAt: received})
	if err != nil {
		t.Fatal(err)
	}
	if landed.Batch.Rows.Rejected != 6 {
		t.Fatalf("rows %+v", landed.Batch.Rows)
	}
	return home, landed.Batch, func(c *contract.Contract, dry bool, corrections ...ingest.Correction) landing.Batch {
		t.Helper()
		all, err := landing.List(home)
		if err != nil {
			t.Fatal(err)
		}
		result, err := l.Replay(context.Background(), ingest.ReplayRequest{Parent: all[0], Children: all[1:], Contract: c,
			Corrections: corrections, ReceivedAt: received.AddDate(0, 1, 0), DryRun: dry})
		if err != nil {
			t.Fatal(err)
		}
		return result.Batch
	}
}

func lines(t *testing.T, home string, b landing.Batch) (list []int) {
	t.Helper()
	for _, r := range readParquet(t, filepath.Join(landing.Dir(home, b.Dataset, b.ID), landing.RecordsName)) {
		list = append(list, r["line"].(int))
	}
	return list
}

// A corrected row is let in as it was sent, once; what is refused still stays
// with the parent.
func TestReplayCorrected(t *testing.T) {
	home, parent, again := replays(t)
	c := mustContract(t, replayContract)
	wrong := "91350102MA8TO0024L"
	general := ingest.Correction{CorrectionNo: "1", Operation: ingest.CodeAssigned, WrongCode: wrong, RightCode: codeB, Rank: 1}
	gone := ingest.Correction{CorrectionNo: "2", Operation: ingest.CodeDeleted, WrongCode: wrong, NameKey: credit.NameKey("福州(台江)丙公司"), Rank: 2}

	if b := again(c, false); b.Rows.Accepted != 0 {
		t.Errorf("without a correction %+v rows were let in", b.Rows)
	}
	if b := again(c, true, general); b.Rows.Accepted != 2 {
		t.Errorf("a dry run would let in %+v", b.Rows)
	}
	b := again(c, false, general, gone)
	if diff := cmp.Diff([]int{3}, lines(t, home, b)); diff != "" {
		t.Errorf("let in: %s", diff)
	}
	if b.Parent != parent.ID || b.Rows != (landing.Rows{Read: 1, Accepted: 1}) || b.Extract.Name != "费用.csv" {
		t.Errorf("batch %+v", b)
	}
	record := readParquet(t, filepath.Join(landing.Dir(home, b.Dataset, b.ID), landing.RecordsName))[0]
	for column, want := range map[string]any{"subject_id": wrong, "subject_id_status": "corrected", "flags": "CODE_CORRECTED", "batch_id": b.ID, "clock_days": 3} {
		if record[column] != want {
			t.Errorf("%s is %v, want %v", column, record[column], want)
		}
	}
	entries, err := os.ReadDir(landing.Dir(home, b.Dataset, b.ID))
	if err != nil || len(entries) != 3 {
		t.Errorf("a replay keeps batch.json, records and rejects, not %v, %v", entries, err)
	}
	if twice := again(c, false, general, gone); twice.Rows.Accepted != 0 {
		t.Errorf("the same replay again let in %+v", twice.Rows)
	}
	// A newer approval for the same name lets the other one in too.
	newer := ingest.Correction{CorrectionNo: "3", Operation: ingest.CodeAssigned, WrongCode: wrong, NameKey: gone.NameKey, RightCode: codeA, Rank: 3}
	if diff := cmp.Diff([]int{4}, lines(t, home, again(c, false, general, gone, newer))); diff != "" {
		t.Errorf("let in later: %s", diff)
	}
	if all, _ := landing.List(home); len(all) != 3 {
		t.Errorf("%d batches", len(all))
	}
}

// A code that a spreadsheet ruined is corrected for the name beside it; one that
// is kept counts as sound; a person's number is never one that is corrected.
func TestReplayKept(t *testing.T) {
	home, _, again := replays(t)
	b := again(mustContract(t, replayContract), false,
		ingest.Correction{CorrectionNo: "1", Operation: ingest.CodeAssigned, WrongCode: "9.135E+17", NameKey: credit.NameKey("福州丁公司"), RightCode: codeB, Rank: 1},
		ingest.Correction{CorrectionNo: "2", Operation: ingest.CodeKept, WrongCode: strings.Repeat("0", 18), Rank: 2})
	if diff := cmp.Diff([]int{6, 8}, lines(t, home, b)); diff != "" {
		t.Fatal(diff)
	}
	records := readParquet(t, filepath.Join(landing.Dir(home, b.Dataset, b.ID), landing.RecordsName))
	if records[0]["subject_id_status"] != "corrected" || records[0]["flags"] != "CODE_CORRECTED;LATE" || records[1]["subject_id_status"] != "valid" {
		t.Errorf("%v", records)
	}
}

// A new version of the contract lets in what it allows, judged by the day on
// which the extract came; bounds on a delivery do not hold for a replay.
func TestReplayUnderAnotherContract(t *testing.T) {
	home, _, again := replays(t)
	newer := mustContract(t, strings.Replace(strings.Replace(replayContract, "version: 1", "version: 2", 1), "[已缴, 欠缴]", "[已缴, 欠缴, 缓缴]", 1))
	b := again(newer, false)
	if diff := cmp.Diff([]int{7}, lines(t, home, b)); diff != "" {
		t.Error(diff)
	}
	if b.Contract.Version != 2 {
		t.Errorf("judged by version %d", b.Contract.Version)
	}
	if b := again(newer, false); b.Rows.Accepted != 0 {
		t.Errorf("again let in %+v", b.Rows)
	}
}

// A damaged extract, a day before the parent's and another replay at work each
// stop it before anything lands.
func TestReplayRefuses(t *testing.T) {
	home, parent, _ := replays(t)
	l := newLander(t, ingest.Config{Home: home})
	correction := ingest.Correction{Operation: ingest.CodeKept, WrongCode: strings.Repeat("0", 18)}
	request := ingest.ReplayRequest{Parent: parent, Contract: mustContract(t, replayContract), Corrections: []ingest.Correction{correction}, ReceivedAt: received.Add(-time.Hour)}
	if _, err := l.Replay(context.Background(), request); err == nil || !strings.Contains(err.Error(), "before the batch was received") {
		t.Errorf("before its parent: %v", err)
	}
	request.ReceivedAt = received
	lock := flock.New(filepath.Join(home, "landing", ".replay.lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(err)
	}
	if _, err := l.Replay(context.Background(), request); err == nil || !strings.Contains(err.Error(), ingest.ErrBusy.Error()) {
		t.Errorf("another at work: %v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	extract := filepath.Join(landing.Dir(home, parent.Dataset, parent.ID), parent.Extract.File)
	data, err := os.ReadFile(extract)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-20] ^= 1
	if err := os.WriteFile(extract, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Replay(context.Background(), request); err == nil {
		t.Error("a damaged extract was replayed")
	}
	if all, err := landing.List(home); err != nil || len(all) != 1 {
		t.Errorf("%d batches, %v", len(all), err)
	}
}
