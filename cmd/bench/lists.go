package main

import (
	"context"
	"errors"
	"fmt"

	"rongxin/pipelines/workbook"
	"rongxin/warehouse/engine"
)

// lists writes supervision lists for people: workbook, CSV and Parquet file of each.
var lists = contest{
	name: "lists", title: "supervision lists as workbooks to fill in, CSV and Parquet files",
	prepare: prepareLists,
	contenders: []contender{
		{name: "one", title: "one list of all rows", run: exportLists(1)},
		{name: "many", title: "forty lists, two at a time", run: exportLists(40)},
	},
	goals: []goal{
		{id: "L1", title: "peak memory", gate: 1024, aim: 512, unit: " MiB", atMost: true, figures: peak("one", "many")},
	},
}

// listRow is a row of lists.supervision with texts of usual length.
const listRow = `select '2026-Q2' as period, '部门' as department, 'tax' as scheme, '纳税（缴费）信用' as scheme_title, 'uscc' as subject_id_type,
	'91350102MA' || lpad(cast(i as varchar), 8, '0') as subject_id, '福州榕木家具' || i || '有限公司' as subject_name,
	'350102' as division_code, '鼓楼区' as division_name, '5211' as industry_code, '百货零售' as industry_name, 'F' as industry_section,
	'B' as public_grade, date '2026-03-31' as public_evaluated_on, '2026-1' as public_batch, 'tax' as industry_scheme,
	'纳税（缴费）信用' as industry_scheme_title, 'B' as industry_grade, date '2026-04-20' as industry_evaluated_on,
	'B' as risk_class, date '2026-05-31' as risk_classified_on, cast(2 as bigint) as matrix_class, cast(1 + i % 4 as bigint) as supervision_class,
	(1 + i % 4) || '类' as class_title, cast(null as varchar) as override_code, cast(null as varchar) as class_codes,
	false as is_marked, false as is_conflict, 'city' as plan, 'IQ-2' as quota_id, cast(1500 as bigint) as check_ratio_bp,
	cast(1 as bigint) as max_checks, '每年1次' as frequency, '公共信用综合评价等级 B（2026-03-31）' as reason_1,
	'纳税（缴费）信用等级 B（2026-04-20）' as reason_2, '行政处罚（一般）：榕市监罚〔2025〕' || i || '号，市市场监督管理局 2025-05-01' as reason_3,
	cast(null as varchar) as reason_4, cast(1 as bigint) as evidence_count, cast(2 as bigint) as previous_class, 'same' as change,
	'government' as publication_range, date '2026-06-30' as as_of, 'rules' as rule_set, 'run' as run_id, fx_sha256(cast(i as varchar)) as row_hash`

func prepareLists(ctx context.Context, j job) error {
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: j.out})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.CopyTo(ctx, fmt.Sprintf("%s from range(%d) as n (i)", listRow, j.rows), j.path("supervision.parquet"))
}

// exportLists writes the rows as so many lists.
func exportLists(places int) func(context.Context, job) (string, error) {
	return func(ctx context.Context, j job) (string, error) {
		db, err := engine.Open(ctx, engine.Config{Threads: 2, Memory: "512MB", TempDir: j.out})
		if err != nil {
			return "", err
		}
		defer db.Close()
		source := fmt.Sprintf("select * replace ('部门' || cast(substr(subject_id, 11) as bigint) %% %d as department) from read_parquet(%s)",
			places, engine.Quote(j.path("supervision.parquet")))
		err = errors.Join(db.Exec(ctx, listRules), db.View(ctx, "lists.supervision", source))
		if err != nil {
			return "", err
		}
		return "", workbook.ExportLists(ctx, db, j.out)
	}
}

const listRules = `create schema run; create schema rules; create schema lists;
create table run.parameters as select date '2026-06-30' as as_of, 'run' as run_id, 'rules' as rule_set, 'run before' as previous_run_id;
create table rules.tiers as select cast(1 + i as bigint) as supervision_class, (1 + i) || '类' as class_title, '办法' as basis from range(4) as n (i);
create table rules.schemes as select '信用中心' as department, true as is_overall;
create table rules.inspection_quotas as select 'city' as plan, cast(1 as bigint) as position, 'IQ-2' as quota_id,
	cast(1500 as bigint) as check_ratio_bp, cast(1 as bigint) as max_checks, '每年1次' as frequency, '办法' as basis;
create table rules.inspection_results as select '1' as result_code, '未发现问题' as meaning, false as is_problem;`
