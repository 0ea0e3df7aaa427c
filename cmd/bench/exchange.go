package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
	"rongxin/warehouse/ops"
)

// exchanging writes a table of ten columns into a front-end exchange database:
// batch by batch, each a transaction with its fence and its announcement, against
// one COPY of the same rows that a file has ready in the server's own format.
var exchanging = contest{
	name: "exchange", title: "10 columns of text into PostgreSQL, batch by batch, against one COPY of the same rows",
	prepare: prepareExchange,
	contenders: []contender{
		{name: "copy", title: "COPY from a file that is ready", run: copyRows},
		exchangeOf("batches", 10_000),
		exchangeOf("small", 500),
	},
	goals: []goal{
		{id: "P15", title: "batches of 10,000 rows, speed against COPY", gate: 0.6, aim: 0.9, figures: elapsed("copy", "batches")},
		{id: "P15", title: "batches of 500 rows, no goal set", figures: elapsed("copy", "small")},
	},
}

// elapsed is faster without the processor time, which is the server's here.
func elapsed(yardstick, contender string) func(results) []figure {
	return func(r results) []figure { return faster(yardstick, contender)(r)[:1] }
}

var acts = exchange.Table{Name: "acts", Title: "行为", Columns: []exchange.Column{
	{Name: "act_code", Length: 50}, {Name: "act_date", Length: 10}, {Name: "act_name", Length: 500}, {Name: "area_number", Length: 6},
	{Name: "basis", Length: 500}, {Name: "fact", Length: 500}, {Name: "fine", Length: 20}, {Name: "institution", Length: 100},
	{Name: "subject_id", Length: 18}, {Name: "subject_name", Length: 200},
}}

const exchangeDay = "2026-06-30"

// actContent is the content of an act as canonical JSON.
func actContent(i int) string {
	return fmt.Sprintf(`{"act_code":"榕市监罚〔2026〕%d号","act_date":"2026-0%d-1%d","act_name":"未按规定公示年度报告案","area_number":"350102",`+
		`"basis":"《企业信息公示暂行条例》第八条、第十七条第一款","fact":"当事人未在规定期限内报送并公示年度报告，经责令改正后仍未补报","fine":"%d.%02d",`+
		`"institution":"福州市鼓楼区市场监督管理局","subject_id":"%s","subject_name":"福州市鼓楼区第%d贸易有限公司"}`,
		i, i%6+1, i%10, i%100, i%97, actSubject(i), i/3)
}

func actKey(i int) string { return fmt.Sprintf("A%08d", i) }

func actSubject(i int) string { return fmt.Sprintf("91350100M%09d", i/3) } // three acts an enterprise

// prepareExchange makes the tables, the messages and the file that is ready.
func prepareExchange(ctx context.Context, j job) error {
	settings, err := exchangeSettings(j)
	if err != nil {
		return err
	}
	statements, err := exchange.DDL(exchange.Config{Settings: settings, Source: "350100", Tables: []exchange.Table{acts}})
	if err != nil {
		return err
	}
	db, _, err := postgres.open()
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range append([]string{"create schema " + schemaOf(j)}, strings.Split(strings.TrimSpace(statements), ";\n")...) {
		if _, err := db.ExecContext(ctx, strings.TrimSuffix(statement, ";")); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return errors.Join(writeLines(j.path("rows.copy"), j.rows, copyLine), writeLines(j.path("messages"), j.rows, func(i int) string {
		content := actContent(i)
		return fmt.Sprintf("%x\t%s", sha256.Sum256([]byte(content)), content)
	}))
}

// copyLine is an act as COPY reads it.
func copyLine(i int) string {
	cells := strings.Split(strings.Trim(actContent(i), `{}`), `","`)
	for c, cell := range cells {
		_, cells[c], _ = strings.Cut(strings.Trim(cell, `"`), `":"`)
	}
	return fmt.Sprintf("I\t%s%05d\t%s\t%s 00:00:00\t350100\t%s", "20260630", i/10_000+1, actKey(i), exchangeDay, strings.Join(cells, "\t"))
}

func writeLines(file string, n int, line func(i int) string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	for i := range n {
		out.WriteString(line(i)) // the error stays in out
		out.WriteByte('\n')
	}
	return errors.Join(out.Flush(), f.Close())
}

func exchangeSettings(j job) (exchange.Settings, error) {
	file := filepath.Join(j.dir, "dsn")
	err := os.WriteFile(file, []byte(os.Getenv(postgres.variable)), 0o600)
	return exchange.Settings{Driver: "postgres", DSNFile: file, Schema: schemaOf(j), Timeout: 10 * time.Minute}, err
}

// emptied opens the database with nothing in its tables.
func emptied(ctx context.Context, j job) (*sql.DB, error) {
	db, _, err := postgres.open()
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, strings.ReplaceAll("truncate @.acts, @.cd_batches, @.cd_fence", "@", schemaOf(j)))
	return db, err
}

func copyRows(ctx context.Context, j job) (string, error) {
	db, err := emptied(ctx, j)
	if err != nil {
		return "", err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	file, err := os.Open(j.path("rows.copy"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	return "", conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, bufio.NewReaderSize(file, 1<<20), "copy "+schemaOf(j)+".acts from stdin")
		return errors.Join(err, counted(ctx, db, j))
	})
}

// counted makes sure that all rows are there.
func counted(ctx context.Context, db *sql.DB, j job) error {
	var n int
	err := db.QueryRowContext(ctx, "select count(*) from "+schemaOf(j)+".acts").Scan(&n)
	if err == nil && n != j.rows {
		err = fmt.Errorf("%d rows of %d are there", n, j.rows)
	}
	return err
}

func exchangeOf(name string, size int) contender {
	return contender{name: name, title: fmt.Sprintf("exchange, batches of %d rows", size), run: func(ctx context.Context, j job) (string, error) {
		db, err := emptied(ctx, j)
		if err != nil {
			return "", err
		}
		defer db.Close()
		settings, err := exchangeSettings(j)
		if err != nil {
			return "", err
		}
		transport, err := exchange.New(exchange.Config{Settings: settings, Source: "350100", Tables: []exchange.Table{acts}})
		if err != nil {
			return "", err
		}
		err = sendActs(ctx, transport, j, size)
		return "", errors.Join(err, transport.Close(ctx), counted(ctx, db, j))
	}}
}

// sendActs hands over the messages in batches of a size.
func sendActs(ctx context.Context, transport publish.Transport, j job, size int) error {
	file, err := os.Open(j.path("messages"))
	if err != nil {
		return err
	}
	defer file.Close()
	day, err := time.Parse(time.DateOnly, exchangeDay)
	if err != nil {
		return err
	}
	in := bufio.NewScanner(file)
	m := publish.Message{Receiver: "city", Source: "350100", Table: acts.Name, Run: "bench", AsOf: day, Epoch: 1, Target: publish.Holdings{Digest: strings.Repeat("0", 64)}}
	for i := range j.rows {
		if !in.Scan() {
			return errors.Join(in.Err(), fmt.Errorf("%d messages of %d", i, j.rows))
		}
		digest, content, _ := bytes.Cut(bytes.Clone(in.Bytes()), []byte("\t"))
		m.Rows = append(m.Rows, publish.MessageRow{Operation: ops.Insert, Key: actKey(i), Subject: actSubject(i), Digest: string(digest), Content: content})
		if len(m.Rows) < size && i < j.rows-1 {
			continue
		}
		m.Number = fmt.Sprintf("20260630%05d", i/size+1)
		m.Key = fmt.Sprintf("%x", sha256.Sum256([]byte(m.Number)))
		if a := transport.Send(ctx, m); a.Outcome != publish.Handed {
			return fmt.Errorf("batch %s: %s: %w", m.Number, a.Outcome, a.Err)
		}
		m.Rows = m.Rows[:0]
	}
	return nil
}
