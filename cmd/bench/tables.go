package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/database"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/ops"
)

// A server is one of those that scripts/servers.sh starts.
type server struct{ driver, sqlDriver, variable string }

var (
	postgres = server{"postgres", "pgx", "TEST_POSTGRES_DSN"}
	mysql    = server{"mysql", "mysql", "TEST_MYSQL_DSN"}
)

var tables = []contest{postgres.contest(), mysql.contest()}

// contest lets pulling and landing a table stand beside what the driver needs to
// read it in one SELECT and throw it away.
func (s server) contest() contest {
	return contest{
		name: s.driver, title: "a table of 11 columns, pulled and landed, against a bare SELECT of its rows",
		prepare: s.fill,
		contenders: []contender{
			{name: "scan", title: "SELECT, every value read, nothing kept", run: s.scan},
			{name: "pull", title: "rongxin land --database, all checks", run: s.pull},
		},
		goals: []goal{{id: "T1", title: "speed of pulling and landing against the bare SELECT", gate: 0.1, aim: 0.25,
			figures: func(r results) []figure { return faster("scan", "pull")(r)[:1] }}},
	}
}

func (s server) open() (*sql.DB, string, error) {
	dsn := os.Getenv(s.variable)
	if dsn == "" {
		return nil, "", fmt.Errorf("%s is not set: run scripts/servers.sh go run ./cmd/bench, which starts the servers", s.variable)
	}
	db, err := sql.Open(s.sqlDriver, dsn)
	return db, dsn, err
}

// schemaOf is where the table of a contest stands.
func schemaOf(j job) string { return strings.ReplaceAll(filepath.Base(j.dir), "-", "_") }

// fill makes the table in the server itself.
func (s server) fill(ctx context.Context, j job) error {
	db, _, err := s.open()
	if err != nil {
		return err
	}
	defer db.Close()
	var codes []string
	for i := range 97 {
		code, _ := credit.NewCode("91350100", fmt.Sprintf("MA%06d", i))
		codes = append(codes, fmt.Sprintf("(%d, '%s')", i, code))
	}
	numbers, at, day := fmt.Sprintf("generate_series(1, %d) as s (seq)", j.rows), "timestamp '2026-01-01 00:00:00' + seq * interval '1 second'", "date '2026-01-01' + seq % 150"
	if s == mysql {
		numbers, at, day = fmt.Sprintf("seq_1_to_%d as s", j.rows), "timestamp '2026-01-01 00:00:00' + interval seq second", "date '2026-01-01' + interval seq % 150 day"
	}
	for _, statement := range []string{
		"create schema @",
		"create table @.codes (n int primary key, code char(18))",
		"insert into @.codes values " + strings.Join(codes, ", "),
		`create table @.cases (id bigint primary key, code char(18), name varchar(200), document varchar(100), kind varchar(20),
			facts text, basis text, amount decimal(18,6), decided date, office varchar(100), changed timestamp not null)`,
		`insert into @.cases select seq, code, concat('福州市鼓楼区第', seq, '贸易有限公司'), concat('榕市监罚决〔2026〕', seq, '号'), '罚款',
			'当事人未在规定期限内通过国家企业信用信息公示系统报送并公示年度报告，经责令改正后仍未补报', '《企业信息公示暂行条例》第八条、第十七条第一款',
			seq % 100000 / 10000.0, ` + day + `, '福州市市场监督管理局', ` + at + ` from ` + numbers + ` join @.codes on n = seq % 97`,
		"create index cases_changed on @.cases (changed, id)",
		s.analyse(),
	} {
		if _, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "@", schemaOf(j))); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}

func (s server) analyse() string {
	if s == mysql {
		return "analyze table @.cases"
	}
	return "analyze @.cases"
}

func (s server) scan(ctx context.Context, j job) (string, error) {
	db, _, err := s.open()
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "select id, code, name, document, kind, facts, basis, amount, decided, office, changed from "+schemaOf(j)+".cases")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	raw := make([]sql.RawBytes, 11)
	targets := make([]any, len(raw))
	for i := range raw {
		targets[i] = &raw[i]
	}
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
	}
	if n != j.rows {
		err = fmt.Errorf("%d rows", n)
	}
	return "", errors.Join(err, rows.Err())
}

const casesContract = `dataset: samr/cases
version: 1
effective_from: 2026-01-01
title: 测速
department: 测速
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测速
range: public
source: {format: table, delivery: delta, database: samr, table: %s.cases, cursor: changed, tie: [id]}
key: [id]
fields:
  - {name: id, as: no, type: integer, required: true}
  - {name: code, as: subject_id, type: uscc, required: true}
  - {name: name, as: subject_name, type: text, required: true, max_length: 200}
  - {name: document, as: document_no, type: text, required: true}
  - {name: kind, as: kind, type: code, codes: [罚款, 警告]}
  - {name: facts, as: facts, type: text}
  - {name: basis, as: basis, type: text}
  - {name: amount, as: fine_amount, type: money, unit: 万元, min: 0}
  - {name: decided, as: decided_on, type: date, required: true}
  - {name: office, as: office, type: text}
`

func (s server) pull(ctx context.Context, j job) (_ string, err error) {
	c, err := contract.Parse("cases.yml", fmt.Appendf(nil, casesContract, schemaOf(j)))
	if err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	lander, err := ingest.New(ingest.Config{Home: j.out, Catalog: &contract.Catalog{}, Workers: 2, Child: []string{self, "-run", judgeRun}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(j.out, "dsn")
	if err := os.WriteFile(file, []byte(os.Getenv(s.variable)), 0o600); err != nil {
		return "", err
	}
	db, err := database.Open(database.Connection{Name: "samr", Driver: s.driver, DSNFile: file, PageRows: 10_000, BatchRows: 1_000_000, Timeout: time.Minute})
	if err != nil {
		return "", err
	}
	defer db.Close()
	store, err := ops.Open(ctx, filepath.Join(j.out, "ops.db"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	puller := &database.Puller{Home: j.out, Store: store, Lander: lander, Database: db, Log: slog.New(slog.DiscardHandler)}
	results, err := puller.Pull(ctx, database.Request{Contract: c, ReceivedAt: received})
	if err != nil {
		return "", err
	}
	var rows int64
	for _, r := range results {
		rows += r.Batch.Rows.Accepted
	}
	if rows != int64(j.rows) {
		err = fmt.Errorf("%d rows accepted", rows)
	}
	return "", err
}
