package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// recordsEach is how many records in force an enterprise has: -each.
var recordsEach = 31

// factsDay is the day that the facts speak for; no window of a rule ends on it.
var factsDay = credit.NewDate(2026, 6, 30)

// A factTable makes one table that judgement reads: FROM gives the rows, i the
// number of the enterprise; columns not named are NULL.
type factTable struct {
	name, from string
	columns    map[string]string
}

// factTables are the facts of n enterprises. Of those with changed, one in two
// hundred has a record less, one of another severity, and one more.
func factTables(n int, changed bool) []factTable {
	subject := "'91350102MA' || lpad(cast(i as varchar), 8, '0')"
	some := func(share, salt int) string {
		return fmt.Sprintf("range(%d) as s(i) where hash(i, %d) %% 100 < %d", n, salt, share)
	}
	pick := func(salt int, values string) string {
		return fmt.Sprintf("(%s)[cast(1 + hash(i, %d) %% len(%s) as bigint)]", values, salt, values)
	}
	changes := "false"
	if changed {
		changes = "hash(i, 1) % 200 = 0"
	}
	records := map[string]string{
		"subject_id": subject, "record_id": "substr(md5(i || '-' || k), 1, 24)",
		"category": `case when k < 2 then '行政处罚' when k < 8 then '监督检查问题' when k = 8 then '守信荣誉'
			when k = 9 and hash(i, 2) % 3 = 0 then '未履行信用承诺' when k = 10 and hash(i, 3) % 20 = 0 then '经营异常名录'
			when k = 11 and hash(i, 4) % 100 = 0 then '失信被执行人' when k = 31 then '经营异常名录' else '其他信息' end`,
		"record_group": "case when k = 11 and hash(i, 4) % 100 = 0 then '严重失信主体名单' end",
		"severity":     fmt.Sprintf("case when k = 1 and %s then '严重' when k < 2 then (['轻微', '一般', '一般', '一般', '严重'])[cast(1 + hash(i, k, 5) %% 5 as bigint)] end", changes),
		"field":        "case when k < 8 and hash(i, k, 6) % 4 = 0 then '食品安全' end",
		"kind":         "'罚款'", "detail": "'违反规定第' || hash(i, k, 7) % 500 || '条'",
		"document_no":    "'榕监罚〔' || 2022 + k % 5 || '〕' || hash(i, k, 8) % 100000 || '号'",
		"authority_name": "'福州市第' || hash(i, k, 9) % 60 || '分局'",
		"event_on":       "cast(date '2022-01-15' + to_months(cast(hash(i, k, 10) % 52 as integer)) as date)",
		"fine_amount":    "case when k < 2 then hash(i, k, 11) % 5000000 end",
	}
	every := fmt.Sprintf("range(%d) as s(i), range(%d) as r(k)", n, recordsEach)
	if changed {
		every = fmt.Sprintf("range(%d) as s(i), range(%d + 1) as r(k) where not (%[3]s and k = 0) and (%[3]s or k < %[2]d)", n, recordsEach, changes)
	}
	tables := []factTable{
		{"intermediate.subjects", fmt.Sprintf("range(%d) as s(i)", n), map[string]string{"subject_id": subject,
			"subject_id_status": "'valid'", "subject_name": "'榕城第' || i || '号商贸有限公司'", "division_code": pick(20, "['350102', '350103', '350104', '350105', '350111']"),
			"industry_code": "'5110'", "registration_status": "case when hash(i, 21) % 50 = 0 then '吊销' else '存续' end",
			"names_seen": "1", "dataset": "'samr/registrations'", "record_id": "'s' || i"}},
		{"marts.records_in_force", every, records},
		{"marts.food_businesses", some(20, 22), map[string]string{"subject_id": subject, "permits": "1"}},
		{"marts.food_permits", some(20, 22), map[string]string{"subject_id": subject, "record_id": "'p' || i",
			"activity": pick(23, "['食品生产', '食品经营']"), "event_on": "date '2024-02-15'", "document_no": "'许可' || i"}},
		{"marts.public_results_in_force", some(90, 24), map[string]string{"subject_id": subject, "record_id": "'n' || i",
			"grade": pick(25, "['A', 'B', 'B', 'C', 'C', 'D']"), "event_on": "date '2025-12-15'", "valid_until": "date '2026-12-14'", "result_batch": "'202512'"}},
		{"marts.industry_results_in_force", fmt.Sprintf("range(%d) as s(i), (values ('tax', 80, 'B', 2), ('labour', 40, 'A', 1), ('ecology', 5, '红', 4)) as g(scheme, share, grade, level) where hash(i, scheme) %% 100 < share", n),
			map[string]string{"subject_id": subject, "record_id": "scheme || i", "scheme": "scheme", "grade": "grade", "industry_level": "level",
				"event_on": "date '2026-04-15'", "valid_until": "date '2028-04-14'"}},
		{"staging.credit__manual_overrides", fmt.Sprintf("range(%d) as s(i) where hash(i, 26) %% 1000 = 0", n), map[string]string{"subject_id": subject,
			"record_id": "'m' || i", "document_no": "'榕信调' || i", "supervision_class": "2", "reason": "'联席会议'",
			"approver": "'联席会议'", "approved_on": "date '2026-05-15'", "expires_on": "date '2026-11-15'"}},
	}
	cited := maps.Clone(records) // what records of conduct are cited by; the rows that evidence joins
	maps.Copy(cited, map[string]string{"state": "'in_force'", "dataset": "'samr/penalties'", "department": "'市市场监督管理局'",
		"record_id": "case when k < 0 then 'p' || i else " + records["record_id"] + " end",
		"batch_id":  "'b' || k % 7", "extract_name": "'xzcf-' || k % 7 || '.csv'", "line": "i"})
	delete(cited, "field")
	tables = append(tables, factTable{"marts.subject_records",
		"(select i, k from " + every + " union all select i, -1 as k from " + some(20, 22) + ")", cited})
	return tables
}

// query has the columns that the warehouse gives the table.
func (t factTable) query(columns []landing.Column) (string, error) {
	exprs := make([]string, len(columns))
	told := 0
	for i, c := range columns {
		expr, ok := t.columns[c.Name]
		if ok {
			told++
		} else {
			expr = "null"
		}
		exprs[i] = fmt.Sprintf("cast(%s as %s) as %s", expr, c.Type, engine.Ident(c.Name))
	}
	if told < len(t.columns) {
		return "", fmt.Errorf("%s has %d of the %d columns that are made", t.name, told, len(t.columns))
	}
	return "select " + strings.Join(exprs, ", ") + " from " + t.from, nil
}

// A judgement is what a run of judgement alone depends on: the rules of this
// version, and the facts as tables that stand already.
type judgement struct {
	rules  []run.Seed
	models []model.Model // of the evaluate stage
	facts  []model.Model // each reads one file
	schema map[string][]landing.Column
}

func newJudgement(ctx context.Context, j job) (judgement, error) {
	library, err := evaluators.Builtin()
	if err != nil {
		return judgement{}, err
	}
	set, err := library.On(factsDay)
	if err != nil {
		return judgement{}, err
	}
	all, err := set.Models()
	if err != nil {
		return judgement{}, err
	}
	jd := judgement{rules: set.Seeds(), schema: map[string][]landing.Column{}}
	made := map[string]bool{}
	for _, m := range all {
		if m.Stage == model.Evaluate {
			jd.models = append(jd.models, m)
			made[m.Name] = true
		}
	}
	for _, m := range jd.models {
		for _, in := range m.Inputs {
			if !made[in] && !model.IsShared(in) {
				made[in] = true
				jd.facts = append(jd.facts, model.Model{Name: in})
			}
		}
	}
	return jd, jd.recall(ctx, j, all)
}

// recall reads the columns that an earlier process of the contest has described.
func (jd *judgement) recall(ctx context.Context, j job, all []model.Model) error {
	known := struct {
		Facts  []model.Model
		Schema map[string][]landing.Column
	}{}
	data, err := os.ReadFile(j.path("schema.json"))
	if err == nil {
		err = json.Unmarshal(data, &known)
		jd.facts, jd.schema = known.Facts, known.Schema
		return err
	}
	if err := jd.describe(ctx, j, all); err != nil {
		return err
	}
	known.Facts, known.Schema = jd.facts, jd.schema
	if data, err = json.Marshal(known); err != nil {
		return err
	}
	return os.WriteFile(j.path("schema.json"), data, 0o644)
}

// describe takes the columns and the order of the facts from the models that make
// them of what lands, here of nothing.
func (jd *judgement) describe(ctx context.Context, j job, judgements []model.Model) error {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		return err
	}
	models, err := transforms.Models()
	if err != nil {
		return err
	}
	references, err := transforms.References(nil, nil)
	if err != nil {
		return err
	}
	var datasets []landing.Dataset
	for _, c := range catalog.All() {
		datasets = append(datasets, catalog.Landing(c.Dataset))
	}
	models = append(append(models, transforms.Staging(datasets)...), judgements...)
	names := make([]string, len(jd.facts))
	for i, f := range jd.facts {
		names[i] = f.Name
	}
	// With nothing landed every table is empty, so each is made for its columns alone.
	db, err := run.Preview(ctx, run.Config{Home: j.dir, Engine: j.engine()}, run.Plan{AsOf: factsDay, Datasets: datasets, Seeds: append(references, jd.rules...)})
	if err != nil {
		return err
	}
	defer db.Close()
	grains := map[string][]string{}
	for _, m := range models {
		grains[m.Name] = m.Grain
	}
	ordered, err := model.Order(models, func(table string) bool { return grains[table] == nil })
	if err != nil {
		return err
	}
	for _, m := range ordered {
		query := m.SQL
		if m.Step != nil {
			query = engine.Empty(m.Step.Columns)
		}
		schema, _, _ := strings.Cut(m.Name, ".")
		if err := db.Exec(ctx, fmt.Sprintf("create schema if not exists %s; create table %s as select * from (%s) limit 0", schema, m.Name, query)); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	for i, f := range jd.facts {
		jd.facts[i].Grain = grains[f.Name]
		if jd.schema[f.Name], err = db.Columns(ctx, "select * from "+f.Name); err != nil {
			return err
		}
	}
	return nil
}

func (j job) engine() engine.Config {
	return engine.Config{Threads: 2, Memory: judgeMemory, TempDir: j.path("spill")}
}

// makeFacts writes the facts of n enterprises below dir; those that no table of
// the program makes are empty.
func (jd judgement) makeFacts(ctx context.Context, j job, dir string, n int, changed bool) error {
	cfg := j.engine()
	cfg.Memory = "8GB" // rows in order wait for those before them; not what is measured
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	made := map[string]factTable{}
	for _, t := range factTables(n, changed) {
		made[t.name] = t
	}
	for _, f := range jd.facts {
		query := engine.Empty(jd.schema[f.Name])
		if t, ok := made[f.Name]; ok {
			if query, err = t.query(jd.schema[f.Name]); err != nil {
				return err
			}
		}
		delete(made, f.Name)
		file := factFile(dir, f.Name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), db.CopyTo(ctx, query, file)); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	for name := range made {
		return fmt.Errorf("%s is made and no model of judgement reads it", name)
	}
	return nil
}

func factFile(dir, name string) string { return run.TablePath(dir, name) }

// plan is a run of judgement on the facts below dir.
func (jd judgement) plan(dir string, day credit.Date, previous *run.Run) run.Plan {
	models := slices.Clone(jd.models)
	for _, f := range jd.facts {
		f.File, f.Stage = "cmd/bench/facts.go", model.Transform
		f.SQL = "select * from read_parquet(" + engine.Quote(factFile(dir, f.Name)) + ")"
		models = append(models, f)
	}
	return run.Plan{AsOf: day, RuleSet: "bench", Seeds: jd.rules, Models: models, Previous: previous}
}
