package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rongxin/warehouse/engine"
)

// Numbers that nobody has, and a name.
const (
	canaryID       = "350102190001010015"
	canaryFirstGen = "350102600101001"
	canaryMobile   = "13900001234"
	canaryPassport = "E12345678"
	canaryName     = "榕探测"
)

var canarySpellings = []string{canaryID, canaryFirstGen, canaryMobile, canaryPassport, canaryName,
	"３５０１０２１９０００１０１００１５", "350102 19000101 0015", "350102-1900-0101-0015"}

// From extracts to workbooks, the register of queries and the messages: a
// person's number is nowhere in clear but in the sealed extract.
func TestNoClearNumberAnywhere(t *testing.T) {
	catalog := filepath.Join(t.TempDir(), "catalog")
	copyTree(t, filepath.Join(repository, "pipelines", "catalog"), catalog)
	t.Setenv("RONGXIN_CATALOG", catalog)
	canaries := filepath.Join(catalog, "samr", "canaries.yml")
	if err := os.WriteFile(canaries, []byte(canaryContract), 0o600); err != nil {
		t.Fatal(err)
	}
	home, _ := landedCity(t, "60")
	var said bytes.Buffer
	call := func(want int, args ...string) {
		t.Helper()
		code, out, errs := rongxin(t, home, append([]string{"--log-level", "debug"}, args...)...)
		if code != want {
			t.Fatalf("rongxin %s: exit %d, want %d: %s", strings.Join(args, " "), code, want, errs)
		}
		fmt.Fprintln(&said, out, errs)
	}

	var rows strings.Builder
	rows.WriteString("统一社会信用代码,名称,文书号,事实,联系人,电话,证件,日期\n")
	for i, c := range canarySpellings {
		for at := range 8 {
			fields := []string{"91350102MA8T00219E", "甲公司", fmt.Sprintf("罚%d-%d", i, at), "无", "王某", "", "", "2026-05-01"}
			isName, isOther := c == canaryName, c == canaryMobile || c == canaryPassport
			if isName && at != 4 || isOther && at <= 2 {
				continue // nobody can tell a name from a word; any text may be in the name of an enterprise
			}
			fields[at] = c
			rows.WriteString(strings.Join(fields, ",") + "\n" + strings.Join(fields, ",") + ",多\n")
		}
		rows.WriteString("\"" + c + "\n" + c + "\"\"," + c + "\n" + c + "\x00\n")
	}
	file := filepath.Join(t.TempDir(), canaryID+"_"+canaryMobile+".csv")
	for path, content := range map[string]string{file: rows.String(), file + ".bad.csv": strings.TrimPrefix(rows.String(), "统一")} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	call(exitDone, "land", "samr/canaries", file, "--received", "2026-06-01", "--json")
	call(exitBadData, "land", "samr/canaries", file+".bad.csv", "--received", "2026-06-01", "--json")
	call(exitDone, "run", "--as-of", asOf, "--json")
	call(exitDone, "sql", "--json", "--purpose", "查"+canaryID, "select * from marts.quality_findings where original <> '"+canaryID+"'")
	call(exitDone, "sql", "select * from staging.samr__canaries")
	call(exitBadData, "explain", canaryID, "--purpose", "查"+canaryID)
	call(exitDone, "feedback", "--department", "市市场监督管理局", "--out", filepath.Join(home, "feedback"))
	call(exitDone, "quality", "--as-of", asOf)

	if n := strings.Count(said.String(), "罚"); n < 10 {
		t.Fatalf("the canaries' rows were not told: %d", n)
	}
	look := func(where, text string) {
		for _, c := range canarySpellings {
			if at := strings.Index(text, c); at >= 0 {
				t.Errorf("%s: %s is in clear: …%q…", where, c, text[max(0, at-120):min(len(text), at+40)])
			}
		}
	}
	look("what was said", said.String())
	db := attach(t, published(t, home))
	files := 0
	err := filepath.WalkDir(home, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		look(path, path+string(data))
		switch filepath.Ext(path) {
		case ".parquet":
			look(path, everyValue(t, db, path))
		case ".xlsx":
			look(path, unzipped(t, data))
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files: %v", files, err)
	}
}

// everyValue is every value of a Parquet file, as the engine reads it.
func everyValue(t *testing.T, db *engine.DB, path string) string {
	t.Helper()
	rows, err := db.Query(context.Background(), "select to_json(t)::varchar from read_parquet("+engine.Quote(path)+") as t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all strings.Builder
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		all.WriteString(row + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func unzipped(t *testing.T, data []byte) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, member := range archive.File {
		r, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return all.String()
}

const canaryContract = `
dataset: samr/canaries
version: 1
effective_from: 2021-01-01
title: 探测
department: 市市场监督管理局
catalogue: {class: 行政管理信息, item: XZCF, edition: 2024}
basis: 行政处罚法
range: government
source: {format: csv, encoding: auto, delivery: delta}
key: [文书号]
expect: {max_reject_ratio: 100%}
fields:
  - {name: 统一社会信用代码, as: subject_id, type: uscc}
  - {name: 名称, as: subject_name, type: text}
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 事实, as: facts, type: text, free_text: true}
  - {name: 联系人, as: contact, type: text, range: authorised, mask: [1, 0]}
  - {name: 电话, as: phone, type: text, range: authorised, mask: [3, 4]}
  - {name: 证件, as: person_id, type: person_id, range: authorised, mask: [1, 1]}
  - {name: 日期, as: decided_on, type: date}
`
