package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
)

// encoding turns rows of a run into the records that are sent: by a mapping that
// checks every field, and by hand for just these columns, without a check. Both
// add up the digests of what they wrote, which must be equal.
var encoding = contest{
	name: "encode", title: "ten columns of a run as canonical JSON, in the order of their keys, against an encoder written by hand",
	prepare: prepareEncoding,
	contenders: []contender{
		{name: "hand", title: "by hand, no checks", run: encodeByHand},
		{name: "mapping", title: "by a mapping, all checks", run: encodeByMapping},
	},
	goals: []goal{
		{id: "P15", title: "speed against the encoder written by hand", gate: 0.7, aim: 0.9, figures: faster("hand", "mapping")},
		{id: "—", title: "the same bytes", gate: 1, aim: 1, figures: same("hand", "mapping")},
	},
}

const encodedMapping = `table: acts
version: 1
effective_from: 2026-01-01
title: 测速
basis: 测速
trust: memory
source: {relation: bench.acts, key: [id], subject: subject_id, range_column: publication_range, leaving: [public, government]}
fields:
  - {name: act_code, title: 编号, from: document_no, max_length: 50, required: true}
  - {name: act_date, title: 日期, from: decided_on, type: date, required: true}
  - {name: act_name, title: 名称, from: act_name, max_length: 500, required: true}
  - {name: area_number, title: 区划, from: division_code, length: 6, pattern: "[0-9]{6}", required: true}
  - {name: basis, title: 依据, from: legal_basis, max_length: 500, required: true}
  - {name: fact, title: 事实, from: facts, max_length: 500, required: true}
  - {name: fine, title: 金额, from: fine_amount, type: amount, unit: 万元}
  - {name: institution, title: 机构, from: authority_name, max_length: 100, required: true}
  - {name: subject_id, title: 代码, from: subject_id, length: 18, required: true}
  - {name: subject_name, title: 名称, from: subject_name, max_length: 200, required: true}
`

func prepareEncoding(ctx context.Context, j job) error {
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: j.dir})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Exec(ctx, fmt.Sprintf(`copy (select substr(md5(cast(i as varchar)), 1, 24) as id, '榕市监罚〔2026〕' || i || '号' as document_no,
			date '2026-01-01' + cast(i %% 150 as integer) as decided_on, '未按规定公示年度报告案' as act_name, '350102' as division_code,
			'《企业信息公示暂行条例》第八条、第十七条第一款' as legal_basis, '当事人未在规定期限内报送并公示年度报告，经责令改正后仍未补报' as facts,
			cast(i %% 5000000 as bigint) as fine_amount, '福州市鼓楼区市场监督管理局' as authority_name,
			'91350100M' || lpad(cast(i as varchar), 9, '0') as subject_id, '福州市鼓楼区第' || i || '贸易有限公司' as subject_name, 'public' as publication_range
		from range(%d) as s(i)) to %s (format parquet, compression zstd)`, j.rows, engine.Quote(j.path("acts.parquet"))))
}

// acts of the contest are a view, as tables of a run are.
func openActs(ctx context.Context, j job) (*engine.DB, error) {
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: filepath.Join(j.out, "spill")})
	if err != nil {
		return nil, err
	}
	if err := db.View(ctx, "bench.acts", "select * from read_parquet("+engine.Quote(j.path("acts.parquet"))+")"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func encodeByMapping(ctx context.Context, j job) (string, error) {
	db, err := openActs(ctx, j)
	if err != nil {
		return "", err
	}
	defer db.Close()
	mapping, err := payload.Parse("acts.yml", []byte(encodedMapping))
	if err != nil {
		return "", err
	}
	var sum publish.State
	err = payload.NewSource(db, []*payload.Mapping{mapping}).Records(ctx, func(r publish.Record) error {
		if r.HeldBack != "" {
			return fmt.Errorf("%s: held back: %s", r.Key, r.HeldBack)
		}
		sum.Add(r.Key, fmt.Sprintf("%x", sha256.Sum256(r.Payload)))
		return nil
	})
	return summed(j, sum), err
}

// summed says what was written.
func summed(j job, sum publish.State) string {
	said, err := json.Marshal(sum)
	if err != nil || sum.Count != j.rows {
		return fmt.Sprintf("%d of %d records: %v", sum.Count, j.rows, err)
	}
	return string(said)
}

func encodeByHand(ctx context.Context, j job) (string, error) {
	db, err := openActs(ctx, j)
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `select id, document_no, cast(decided_on as varchar), act_name, division_code, legal_basis, facts, cast(fine_amount as varchar),
		authority_name, subject_id, subject_name from bench.acts order by id`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names := []string{"act_code", "act_date", "act_name", "area_number", "basis", "fact", "fine", "institution", "subject_id", "subject_name"}
	cells := make([]sql.RawBytes, len(names)+1)
	targets := make([]any, len(cells))
	for i := range cells {
		targets[i] = &cells[i]
	}
	var sum publish.State
	var text []byte
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		text = text[:0]
		for i, name := range names {
			text = append(text, `{,`[min(i, 1)], '"')
			text = append(append(text, name...), `":"`...)
			if name == "fine" {
				text = appendAmount(text, cells[i+1])
			} else {
				text = appendText(text, cells[i+1])
			}
			text = append(text, '"')
		}
		text = append(text, '}')
		sum.Add(string(cells[0]), fmt.Sprintf("%x", sha256.Sum256(text)))
	}
	return summed(j, sum), rows.Err()
}

// appendText escapes as canonical JSON does what occurs in these columns.
func appendText(b []byte, text []byte) []byte {
	for _, c := range text {
		if c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return b
}

// appendAmount writes fen as 万元 with six decimals.
func appendAmount(b []byte, fen []byte) []byte {
	const places = 6
	for range max(places+1-len(fen), 0) {
		fen = append([]byte("0"), fen...)
	}
	b = append(b, fen[:len(fen)-places]...)
	return append(append(b, '.'), fen[len(fen)-places:]...)
}
