package database_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Values keep every digit and sign on their way from the table to Parquet, and
// become what the contract says they are.
func TestTypes(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, s.pick(
			`create table @.t (编号 bigint primary key, 罚款 numeric(30,6), 得分 numeric, 决定日期 date, 报送时间 timestamptz, 备注 text,
				标志 boolean, 比率 double precision, 短 char(6), 标识 uuid)`,
			"create table @.t (编号 bigint unsigned primary key, 罚款 decimal(30,6), 得分 decimal(10,2), 决定日期 date, 报送时间 timestamp(6) null, 备注 text,"+
				" 标志 boolean, 比率 double, 短 char(6), 标识 uuid) character set utf8mb4"))
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号; overlap: 0", `
  - {name: 罚款, as: fine, type: money, unit: 万元}
  - {name: 得分, as: score, type: "decimal(10,2)"}
  - {name: 决定日期, as: decided_on, type: date}
  - {name: 报送时间, as: sent_on, type: date}
  - {name: 备注, as: note, type: text}
  - {name: 标志, as: mark, type: code, codes: {"true": 是, "1": 是, "false": 否, "0": 否}}
  - {name: 比率, as: ratio, type: "decimal(18,17)"}
  - {name: 短, as: short, type: text}
  - {name: 标识, as: uid, type: text}
`)
		const id = "6f1c0d5a-3b7e-4d55-9f5e-0c7d3f9f2a11"
		insert := func(n, fine, score, day, at, text, rest string) {
			s.exec(t, "insert into @.t (编号, 罚款, 得分, 决定日期, 报送时间, 备注, 标志, 比率, 短, 标识) values ("+
				strings.Join([]string{n, fine, score, day, at, text, rest}, ", ")+")")
		}
		at := s.pick("'2026-06-30 23:30:00.123456+00'", "'2026-07-01 07:30:00.123456'") // half past seven in China
		if s.driver == "mysql" {
			s.db.SetMaxOpenConns(1)
			s.exec(t, "set time_zone = '+08:00'")
		}
		insert("1", "1234567.123456", "-95.50", "'2026-06-30'", at, `'他说"好",\n新行'`, "true, 0.1, 'ab', '"+id+"'")
		insert("9007199254740993", "0.000001", "0.1", "'2026-02-28'", "null", "'福州𬱖市	\\\\'", "false, 0.30000000000000004, null, null")
		insert("3", "null", "null", "null", "null", "''", "null, null, '  x ', null")
		insert("4", "0.0000001 * 10", "1", "'2026-06-30'", "null", "'"+strings.Repeat("长", 10000)+"'", "null, null, null, null")
		p := s.puller(t, nil)
		p.must(t, c)
		got := p.landed(t, records, "concat_ws('|', no, fine, score, decided_on, sent_on, case when length(note) > 1000 then 'long' else note end, mark, ratio, short, uid)")
		escape := s.pick(`\`, "") // MySQL reads it away
		line := s.pick(`\n`, "\n")
		want := []string{
			`1|1234567123456|-95.50|2026-06-30|2026-07-01|他说"好",` + line + `新行|是|0.10000000000000000|ab|` + id,
			"3|x",
			"4|1|1.00|2026-06-30|long",
			`9007199254740993|1|0.10|2026-02-28|福州𬱖市	\` + escape + `|否|0.30000000000000004`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Text lands whatever the character set of its column. A column that cannot
// hold Chinese and does makes its row a reject that keeps the bytes.
func TestCharacterSets(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		gbk, latin := s.pick("text", "varchar(40) character set gbk"), s.pick("text", "varchar(40) character set latin1")
		s.exec(t, "create table @.t (编号 int primary key, 备注 "+gbk+", 旧 "+latin+")",
			"insert into @.t values (1, '福州市', 'AB12')", "insert into @.t values (2, '厦门', "+s.pick("'福州'", "unhex('B8A3D6DD')")+")")
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号", note+"  - {name: 旧, as: old, type: text}\n")
		p := s.puller(t, nil)
		p.must(t, c)
		wantRecords, wantRejects := []string{"福州市AB12", "厦门福州"}, []string(nil)
		if s.driver == "mysql" {
			wantRecords, wantRejects = wantRecords[:1], []string{"2 UNDECODABLE true"}
		}
		if diff := cmp.Diff(wantRecords, p.landed(t, records, "note || old")); diff != "" {
			t.Error(diff)
		}
		got := p.landed(t, rejects, `line || ' ' || reason || ' ' || contains(original, '\xB8\xA3\xD6\xDD')`)
		if diff := cmp.Diff(wantRejects, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Values that no contract takes are rejects of their row.
func TestOddValues(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key, 日期 "+s.pick("date", "varchar(20)")+", 金额 "+s.pick("numeric", "varchar(20)")+", 备注 text)",
			s.pick("insert into @.t values (1, 'infinity', 'NaN', null)", "insert into @.t values (1, '0000-00-00', 'NaN', null)"),
			s.pick(`insert into @.t values (2, '0044-03-15 BC', 1, null)`, "insert into @.t values (2, '0044-02-30', '1', null)"),
			s.pick(`insert into @.t values (3, null, 1, '')`, "insert into @.t values (3, null, '1', char(0))"))
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号", note+`
  - {name: 日期, as: day_on, type: date}
  - {name: 金额, as: amount, type: money, unit: 元}
`)
		p := s.puller(t, nil)
		p.must(t, c)
		want := []string{"1 DATE_IMPOSSIBLE", "2 DATE_IMPOSSIBLE"}
		if s.driver == "mysql" {
			want = append(want, "3 NUL_BYTE")
		}
		if diff := cmp.Diff(want, p.landed(t, rejects, "line || ' ' || reason")); diff != "" {
			t.Error(diff)
		}
	})
}
