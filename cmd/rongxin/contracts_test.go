package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
)

const arrears = `dataset: water/arrears
version: 1
effective_from: 2026-06-01
title: 水费欠缴信息
department: 市水务集团
catalogue: {class: 行政管理信息, item: SFQJ, edition: 2024}
basis: 国办发〔2021〕52号
range: government
source: {format: csv, delivery: delta}
key: [户号]
fields:
  - {name: 户号, as: account_no, type: text, required: true}
  - {name: 统一社会信用代码, as: subject_id, type: uscc, required: true}
  - {name: 单位名称, as: subject_name, type: text, required: true}
`

// written writes a contract into a folder of its own, as a catalogue has it.
func written(t *testing.T, text string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "water", "arrears.yml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, file
}

// What is generated from the contracts is what they say today.
func TestGeneratedFilesAreFresh(t *testing.T) {
	for file, verb := range map[string]string{
		"docs/data-dictionary.md":             "dictionary",
		"dags/rongxin_airflow/catalogue.json": "schedule",
	} {
		page, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		if out := mustRun(t, t.TempDir(), "contracts", verb); !bytes.Equal(page, []byte(out)) {
			t.Errorf("%[1]s is not what the contracts say: write it again with\ngo run ./cmd/rongxin contracts %[2]s > %[1]s", file, verb)
		}
	}
}

func TestContractsCheck(t *testing.T) {
	home := t.TempDir()
	if out := mustRun(t, home, "contracts", "check"); !strings.Contains(out, "no fault") {
		t.Error(out)
	}
	if out := mustRun(t, home, "contracts", "check", "../../pipelines/catalog"); !strings.Contains(out, "no fault") {
		t.Error(out)
	}
	bad := strings.NewReplacer("version: 1", "version: 0", "type: uscc", "type: code").Replace(arrears)
	dir, file := written(t, bad)
	for path, where := range map[string]string{file: file, dir: filepath.Join(dir, "water", "arrears.yml")} {
		code, out, errs := rongxin(t, home, "contracts", "check", path)
		for _, want := range []string{where + ":2:1: version: want 1 or more", where + ":13:5: fields[1].codes: a field of type code needs its list of codes"} {
			if code != exitBadConfig || !strings.Contains(out, want) {
				t.Errorf("check %s: exit %d, %s; want %s\n%s", path, code, errs, want, out)
			}
		}
	}
	var report checkReport
	code, out, _ := rongxin(t, home, "contracts", "check", file, "--json")
	lastJSON(t, out, &report)
	want := contractFault{File: file, Line: 2, Column: 1, Path: "version", Message: "want 1 or more"}
	if code != exitBadConfig || len(report.Faults) != 2 || report.Faults[0] != want {
		t.Errorf("exit %d, %+v", code, report.Faults)
	}
	code, out, errs := rongxin(t, home, "contracts", "check", filepath.Join(dir, "none.yml"), file)
	if code != exitBadConfig || !strings.Contains(out, "none.yml: no such file") || !strings.Contains(out, "want 1 or more") {
		t.Errorf("a file that is not there, beside another with faults: exit %d, %s%s", code, out, errs)
	}
}

func TestContractsShow(t *testing.T) {
	home := t.TempDir()
	out := mustRun(t, home, "contracts", "show", "samr/penalties")
	for _, want := range []string{"市市场监督管理局", "社会公开", "自CF_JDRQ至SJC，7个工作日", "fine_amount", "金额（万元）", "留前1后1位"} {
		if !strings.Contains(out, want) {
			t.Errorf("missing %s in\n%s", want, out)
		}
	}
	_, file := written(t, arrears)
	if out := mustRun(t, home, "contracts", "show", file); !strings.Contains(out, "水费欠缴信息") || !strings.Contains(out, "subject_name") {
		t.Error(out)
	}
	for source, want := range map[string]string{
		"format: xlsx, sheet: first, header_row: 2, header_rows: 2":             "xlsx（列名在第2至3行，上下以 / 连接）\n",
		"format: xlsx, sheet: 欠费, header_row: 3":                                "xlsx（工作表 欠费，列名在第3行）\n",
		"format: xlsx, sheet: /^欠费/, header_row: auto":                          "xlsx（名称符合 /^欠费/ 的工作表，列名所在行自动寻找）\n",
		"format: table, database: water, table: exchange.arrears, cursor: 更新时间": "table（前置库 water 的表 exchange.arrears）\n",
		"format: xlsx, sheet: first":                                            "xlsx\n",
	} {
		_, file := written(t, strings.Replace(arrears, "{format: csv, delivery: delta}", "{delivery: delta, "+source+"}\nignore: [抄表员]", 1))
		if out := mustRun(t, home, "contracts", "show", file); !strings.Contains(out, want) || !strings.Contains(out, "不采集的列  抄表员\n") {
			t.Errorf("%s: want %s in\n%s", source, want, out)
		}
	}
	var d contract.Description
	lastJSON(t, mustRun(t, home, "contracts", "show", "tax/arrears", "--json"), &d)
	if d.Class != "遵守法律法规情况信息" || d.Range != contract.Government || len(d.Fields) < 10 {
		t.Errorf("%+v", d)
	}
	if code, _, errs := rongxin(t, home, "contracts", "show", "tax/arears"); code != exitBadConfig || !strings.Contains(errs, "did you mean tax/arrears?") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestContractsList(t *testing.T) {
	var list struct {
		Contracts []contract.Description `json:"contracts"`
	}
	home := t.TempDir()
	lastJSON(t, mustRun(t, home, "contracts", "list", "--json"), &list)
	lines := strings.Count(mustRun(t, home, "contracts", "list"), "\n")
	if len(list.Contracts) < 45 || lines != len(list.Contracts)+2 {
		t.Errorf("%d contracts, %d lines", len(list.Contracts), lines)
	}
}

func TestContractsDiff(t *testing.T) {
	home := t.TempDir()
	_, old := written(t, arrears)
	tests := []struct{ name, text, verdict, want string }{
		{"same", arrears, "same", "same: 0 changes\n"},
		{"additive", strings.Replace(arrears, "version: 1", "version: 2", 1) + "  - {name: 备注, as: remark, type: text}\n", "additive",
			"  added    备注 (remark)\nadditive: 1 changes\n"},
		{"breaking", strings.Replace(arrears, "as: account_no", "as: account", 1), "breaking",
			"! changed  户号 as: \"account_no\" -> \"account\"\nbreaking: 1 changes\nthe version is still 1: raise it\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, file := written(t, tt.text)
			if diff := cmp.Diff(tt.want, mustRun(t, home, "contracts", "diff", old, file)); diff != "" {
				t.Error(diff)
			}
			var d contract.Difference
			lastJSON(t, mustRun(t, home, "contracts", "diff", old, file, "--json"), &d)
			if string(d.Verdict) != tt.verdict {
				t.Errorf("%+v", d)
			}
		})
	}
	_, bad := written(t, "version: 0\n")
	if code, _, _ := rongxin(t, home, "contracts", "diff", old, bad); code != exitBadConfig {
		t.Errorf("a faulty contract: exit %d", code)
	}
}

// A dataset lands and is staged by its contract alone, in a home that has
// nothing else.
func TestDatasetsLandByTheirContracts(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	extracts := map[string]string{
		"power/payments": "户号,账期,统一社会信用代码,户名,用户类别,用量,应缴金额,已缴金额,应缴日期,缴清日期,缴费状态\n" +
			"1001,202605,91350100MA8T00016W,福州甲有限公司,工业,1200.50,980.20,980.20,2026-06-10,2026-06-08,已缴清\n" +
			"1002,202605,91350102MA8T00024L,福州乙有限公司,商业,300,250,,2026-06-10,,欠缴\n",
		"samr/severe_violations": "统一社会信用代码,单位名称,列入决定文书号,领域,列入事由,列入日期,届满日期,移出日期,决定机关,决定机关代码\n" +
			"91350100MA8T00016W,福州甲有限公司,榕市监列〔2026〕1号,食品安全,生产不合格食品被处较重处罚,2026-03-02,2029-03-02,,福州市市场监督管理局,\n" +
			"91350102MA8T00024L,福州乙有限公司,榕市监列〔2026〕2号,质量安全,被吊销许可证,2026-04-01,,,福州市市场监督管理局,\n",
		"samr/penalties_2015": "CF_WSH,CF_CFMC,CF_CFLB1,CF_CFLB2,CF_SY,CF_YJ,CF_XDR_MC,CF_XDR_SHXYM,CF_XDR_ZDM,CF_XDR_GSDJ,CF_XDR_SWDJ,CF_XDR_SFZ,CF_FR,CF_JG,CF_JDRQ,CF_XZJG,CF_ZT,DFBM,SJC,BZ,GSQX,CF_AJMC,CF_JZRQ\n" +
			"榕市监罚〔2016〕1号,无照经营,1,2,无照经营,无证无照经营查处办法,福州甲有限公司,91350100MA8T00016W,,,,,王某某,罚款2000元,2016-05-03,福州市市场监督管理局,0,350100,2016-05-06,,1年,,\n" +
			"榕市监罚〔2016〕2号,无照经营,0,,无照经营,无证无照经营查处办法,李某某,,,,,350102190001010015,,警告,2016-05-04,福州市市场监督管理局,,350100,2016-05-06,,1年,,\n",
	}
	for dataset, text := range extracts {
		file := filepath.Join(t.TempDir(), "extract.csv")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var report landingReport
		lastJSON(t, mustRun(t, home, "land", dataset, file, "--received", "2026-06-20", "--json"), &report)
		if report.Rows != (landing.Rows{Read: 2, Accepted: 2}) {
			t.Errorf("%s: %+v", dataset, report.Extracts)
		}
	}
	mustRun(t, home, "run", "--as-of", asOf)
	db := attach(t, published(t, home))
	for dataset := range extracts {
		if n := count(t, db, "select count(*) from staging."+landing.TableName(dataset)+" where known_on = date '2026-06-20'"); n != 2 {
			t.Errorf("%s: %d records are staged", dataset, n)
		}
	}
	if n := count(t, db, "select count(*) from staging.samr__penalties_2015 where person_id = '3****************5' or representative_name = '王**'"); n != 2 {
		t.Errorf("%d of the 2 personal values are masked as the contract says", n)
	}
}
