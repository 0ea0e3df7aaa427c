package database_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/database"
	"rongxin/pipelines/ingest"
)

// note is one more field.
const note = "  - {name: 备注, as: note, type: text}\n"

// numbers are 1 to n as text.
func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i + 1)
	}
	return list
}

// Pages end inside runs of equal cursors, batches inside pages: every row lands
// once, in order, and the same pull again lands nothing.
func TestPagesAndBatches(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key, 更新 timestamp not null, 备注 varchar(20))")
		var values []string
		for i := range 100 {
			values = append(values, fmt.Sprintf("(%d, '2026-06-30 08:00:%02d', 'n%d')", i+1, i/25, i))
		}
		s.exec(t, "insert into @.t values "+strings.Join(values, ", "))
		c := s.contractOf(t, "t", "delivery: delta; cursor: 更新; tie: [编号]", note)
		for _, size := range []struct{ page, batch int }{{1, 100}, {7, 1000}, {10, 25}, {25, 30}, {24, 50}, {100, 100}, {1000, 7}} {
			p := s.puller(t, func(c *database.Connection) { c.PageRows, c.BatchRows = size.page, size.batch })
			rows := p.must(t, c)
			want := slices.Repeat([]int64{int64(size.batch)}, 100/size.batch)
			if rest := 100 % size.batch; rest > 0 {
				want = append(want, int64(rest))
			}
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Errorf("%v: batches\n%s", size, diff)
			}
			if diff := cmp.Diff(numbers(100), p.landed(t, records, "no")); diff != "" {
				t.Errorf("%v: rows\n%s", size, diff)
			}
			if again := p.must(t, c); again != nil {
				t.Errorf("%v: the same pull again landed %v", size, again)
			}
		}
	})
}

// A whole number alone can order a table too.
func TestNumberCursor(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 bigint primary key)", "insert into @.t values (1), (2), (3), (5)")
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号; overlap: 3", "")
		p := s.puller(t, nil)
		p.must(t, c)
		s.exec(t, "insert into @.t values (4), (6), (9223372036854775807)") // 4 comes late
		p.must(t, c)
		if diff := cmp.Diff([]string{"1", "2", "3", "5", "4", "6", "9223372036854775807"}, p.landed(t, records, "no")); diff != "" {
			t.Error(diff)
		}
		s.exec(t, "delete from @.t where 编号 > 6")
		var refusal *ingest.Refusal
		if _, err := p.pull(t, c); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "the highest 编号 is 6, and rows up to 9223372036854775807 were read before") {
			t.Error("a table that was numbered anew is not told:", err)
		}
		s.exec(t, "delete from @.t")
		if rows := p.must(t, c); rows != nil {
			t.Error("an emptied table gave", rows)
		}
	})
}

// A row that was written early and committed late is found by looking back, one
// outside the overlap is not; nothing that was read before lands again.
func TestLateRows(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key, 更新 timestamp not null, 备注 text)",
			"insert into @.t values (1, '2026-06-30 08:00:00', 'a'), (2, '2026-06-30 08:20:00', 'b'), (3, '2026-06-30 08:30:00', 'c')")
		c := s.contractOf(t, "t", "delivery: delta; cursor: 更新; tie: [编号]; overlap: 15 minutes", note)
		p := s.puller(t, func(c *database.Connection) { c.PageRows = 2 })
		p.must(t, c)
		late, err := s.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer late.Rollback()
		if _, err := late.Exec("insert into " + s.schema + ".t values (4, '2026-06-30 08:31:00', 'late')"); err != nil {
			t.Fatal(err)
		}
		s.exec(t, "insert into @.t values (5, '2026-06-30 08:32:00', 'd')")
		p.must(t, c)
		if err := late.Commit(); err != nil {
			t.Fatal(err)
		}
		s.exec(t, "update @.t set 备注 = 'changed in silence' where 编号 = 2",
			"insert into @.t values (6, '2026-06-30 08:10:00', 'too late')")
		if rows := p.must(t, c); !slices.Equal(rows, []int64{2}) {
			t.Errorf("looking back found %v", rows)
		}
		if rows := p.must(t, c); rows != nil {
			t.Errorf("the same pull again landed %v", rows)
		}
		want := []string{"1a", "2b", "3c", "5d", "2changed in silence", "4late"}
		if diff := cmp.Diff(want, p.landed(t, records, "no || note")); diff != "" {
			t.Error(diff)
		}
	})
}

// A time in the future does not carry the mark with it: rows of today are read
// although one of the year 2099 was.
func TestFutureRow(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key, 更新 date not null)", "insert into @.t values (1, '2099-12-31'), (2, '2026-01-01')")
		c := s.contractOf(t, "t", "delivery: delta; cursor: 更新; tie: [编号]", "")
		p := s.puller(t, nil)
		p.must(t, c)
		today := time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
		s.exec(t, "insert into @.t values (3, '"+today+"')")
		if rows := p.must(t, c); !slices.Equal(rows, []int64{1}) {
			t.Error("the second pull landed", rows)
		}
		if diff := cmp.Diff([]string{"2", "1", "3"}, p.landed(t, records, "no")); diff != "" {
			t.Error(diff)
		}
	})
}

// Begun again, everything from there on is read anew; what is the same as a
// batch before is that batch.
func TestReset(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key)", "insert into @.t values (1), (2), (3)")
		c := s.contractOf(t, "t", "delivery: delta; cursor: 编号; overlap: 0", "")
		p := s.puller(t, nil)
		p.must(t, c)
		if err := p.Reset(context.Background(), c, 2, p.at); err != nil {
			t.Fatal(err)
		}
		if rows := p.must(t, c); !slices.Equal(rows, []int64{2}) {
			t.Error("from 2 on there are", rows)
		}
		if err := p.Reset(context.Background(), c, 0, p.at); err != nil {
			t.Fatal(err)
		}
		results, err := p.pull(t, c)
		if err != nil || len(results) != 1 || !results[0].AlreadyLanded {
			t.Error("reading all again is not the first batch:", results, err)
		}
		other := s.contractOf(t, "t", "delivery: delta; cursor: 编号; tie: [编号2]", "")
		if _, err := p.pull(t, other); !errors.Is(err, database.ErrSetup) || !strings.Contains(err.Error(), "--from") {
			t.Error("a mark of another order is used:", err)
		}
	})
}

// A snapshot is read whole, in one view, as one batch.
func TestSnapshot(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key, 备注 varchar(10))", "insert into @.t values (1, 'a'), (2, 'b'), (3, 'c')")
		c := s.contractOf(t, "t", "delivery: snapshot; tie: [编号]", note)
		p := s.puller(t, func(c *database.Connection) { c.PageRows, c.BatchRows = 2, 2 })
		if rows := p.must(t, c); !slices.Equal(rows, []int64{3}) {
			t.Error("the whole has", rows)
		}
		if results, err := p.pull(t, c); err != nil || len(results) != 1 || !results[0].AlreadyLanded {
			t.Error("the same whole again:", results, err)
		}
		s.exec(t, "delete from @.t where 编号 = 2")
		if rows := p.must(t, c); !slices.Equal(rows, []int64{2}) {
			t.Error("the next whole has", rows)
		}
	})
}

// A row that is marked as deleted takes its record back, as in a file.
func TestWithdrawal(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int primary key, cd_operation char(1), cd_time timestamp not null)",
			"insert into @.t values (1, 'I', '2026-06-30 08:00:00'), (2, 'I', '2026-06-30 08:00:00')")
		c := s.contractOf(t, "t", "delivery: delta; cursor: cd_time; tie: [编号]; withdrawal: {field: cd_operation, values: [D]}", "")
		p := s.puller(t, nil)
		p.must(t, c)
		s.exec(t, "update @.t set cd_operation = 'D', cd_time = '2026-06-30 09:00:00' where 编号 = 1")
		p.must(t, c)
		if diff := cmp.Diff([]string{"1 false", "2 false", "1 true"}, p.landed(t, records, "no || ' ' || is_withdrawal")); diff != "" {
			t.Error(diff)
		}
	})
}

// A refused batch leaves the mark where it was: the rows are read again once
// they are right, or let in with a reason.
func TestRefusedBatch(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "create table @.t (编号 int, id int primary key)", "insert into @.t values (1, 1), (null, 2)")
		c := s.contractOf(t, "t", "delivery: delta; cursor: id", "")
		c.Expect.MaxRejectPPM = 10_000
		p := s.puller(t, nil)
		var refusal *ingest.Refusal
		for range 2 {
			if _, err := p.pull(t, c); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "1 of 2 rows rejected") {
				t.Fatal(err)
			}
		}
		s.exec(t, "update @.t set 编号 = 2 where id = 2")
		p.must(t, c)
		if diff := cmp.Diff([]string{"1", "2"}, p.landed(t, records, "no")); diff != "" {
			t.Error(diff)
		}
		s.exec(t, "insert into @.t values (null, 3)")
		results, err := p.Pull(context.Background(), database.Request{Contract: c, ReceivedAt: p.at, Override: "已与部门核实"})
		if err != nil || len(results) != 1 || results[0].Batch.Override == "" {
			t.Error(results, err)
		}
	})
}
