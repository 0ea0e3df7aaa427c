package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
	"rongxin/warehouse/ops"
)

const recordsQuery = "select cd_operation, cd_batch, cd_id, cd_time, cd_source, subject_name, basis, number, points, note from @.penalties order by cd_batch, cd_id"

func TestABatchIsWrittenWithItsRows(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		wild := "他说\"好\"\\t\t换\n行\r\\N 'a' 𬱖\u2028" // what formats trip over
		m := batch(1,
			row(ops.Insert, "a/1", "basis", "第一条", "note", wild, "number", "", "points", -80, "subject_name", "福州甲"),
			row(ops.Update, "A/1", "note", `\N`, "points", "", "subject_name", "福州乙"),
			row(ops.Delete, "b/2"))
		transport := s.transport(t, nil)
		send(t, transport, m, publish.Handed)
		day := map[string]string{"postgres": "2026-06-30T00:00:00Z", "mysql": "2026-06-30 00:00:00"}[s.driver]
		want := []string{
			"U|2026063000001|A/1|" + day + "|350100|福州乙|-|-|-|\\N",
			"I|2026063000001|a/1|" + day + "|350100|福州甲|第一条||-80|" + wild,
			"D|2026063000001|b/2|" + day + "|350100|-|-|-|-|-",
		}
		same(t, "rows", s.list(t, recordsQuery), want)

		// The digest, as its definition reads.
		var sum publish.State
		for _, r := range m.Rows {
			sum.Add(string(r.Operation)+"\n"+r.Key, r.Digest)
		}
		same(t, "batches", s.list(t, "select cd_key, cd_source, cd_batch, cd_table, cd_lane, cd_epoch, cd_rows, cd_digest, run_id, target_count from @.cd_batches"),
			[]string{m.Key + "|350100|2026063000001|penalties|0|1|3|" + sum.Digest() + "|run-1|7"})
		handed := s.list(t, map[string]string{
			"postgres": "select abs(extract(epoch from handed_at - (now() at time zone 'Asia/Shanghai'))) < 60 from @.cd_batches",
			"mysql":    "select abs(timestampdiff(second, handed_at, utc_timestamp() + interval 8 hour)) < 60 from @.cd_batches"}[s.driver])
		if handed[0] != "true" && handed[0] != "1" {
			t.Errorf("handed_at is not the time in China: %v", s.list(t, "select handed_at from @.cd_batches"))
		}

		// Again, by this process and another one, it has no effect.
		send(t, transport, m, publish.Handed)
		send(t, s.transport(t, nil), m, publish.Handed)
		same(t, "rows after repeats", s.list(t, recordsQuery), want)
	})
}

func TestWhatCannotBeTakenIsRefusedWhole(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		transport := s.transport(t, nil)
		good := row(ops.Insert, "a/1", "subject_name", "福州甲")
		for _, tt := range []struct {
			name string
			row  publish.MessageRow
			code string
		}{
			{"too long", row(ops.Insert, "b", "subject_name", strings.Repeat("长", 101)), "SQLSTATE_22001 MYSQL_1406"},
			{"a number that is none", row(ops.Insert, "b", "points", "12a"), "CONTENT"},
			{"a text that is a number", row(ops.Insert, "b", "number", 12), "CONTENT"},
			{"an unknown member", row(ops.Insert, "b", "colour", "red"), "CONTENT"},
			{"a list", row(ops.Insert, "b", "note", []string{"x"}), "CONTENT"},
			{"one key twice", row(ops.Insert, "a/1", "subject_name", "福州乙"), "SQLSTATE_23505 MYSQL_1062"},
		} {
			a := send(t, transport, batch(2, good, tt.row), publish.Refused)
			if a.Code == "" || !strings.Contains(tt.code, a.Code) {
				t.Errorf("%s: code %q, want %s", tt.name, a.Code, tt.code)
			}
			if text := a.Text + a.Err.Error(); strings.Contains(text, "长长") || tt.code != "CONTENT" && strings.Contains(text, "a/1") {
				t.Errorf("%s: a value of the row shows: %s", tt.name, text)
			}
		}
		same(t, "rows", s.list(t, recordsQuery), nil)
		same(t, "batches", s.list(t, "select cd_key from @.cd_batches"), nil)

		send(t, transport, batch(2, good), publish.Handed)
		if a := send(t, transport, batch(2, row(ops.Insert, "c")), publish.Refused); a.Code != "NUMBER" {
			t.Errorf("the number of another batch: %s", a.Code)
		}
		other := batch(3, good)
		other.Table = "measures"
		send(t, transport, other, publish.Misconfigured)
	})
}

func TestAnEarlierPublisherIsFenced(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		stale, later := s.transport(t, nil), s.transport(t, nil)
		first, second, third := batch(1, row(ops.Insert, "a")), batch(2, row(ops.Insert, "b")), batch(3, row(ops.Insert, "c"))
		send(t, stale, first, publish.Handed)
		second.Epoch = 7
		send(t, later, second, publish.Handed)
		send(t, stale, third, publish.Fenced)
		send(t, stale, second, publish.Handed) // with the later token
		send(t, s.transport(t, nil), third, publish.Fenced)
		same(t, "rows", s.list(t, "select cd_batch, cd_id from @.penalties order by 1"), []string{"2026063000001|a", "2026063000002|b"})
		same(t, "fence", s.list(t, "select cd_source, cd_epoch from @.cd_fence"), []string{"350100|7"})
	})
}

// A later publisher that begins while batches are under way waits for them, and
// none of the earlier one comes after it.
func TestTheFenceHoldsBetweenLanes(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		var group sync.WaitGroup
		var mu sync.Mutex
		handed := map[string]int64{}
		for epoch := range int64(3) {
			transport := s.transport(t, nil)
			for lane := range 4 {
				group.Go(func() {
					for n := range 8 {
						m := batch(int(epoch)*1000+lane*100+n+1, row(ops.Insert, "a"), row(ops.Insert, "b"))
						m.Epoch, m.Lane = epoch+1, lane
						a := transport.Send(context.Background(), m)
						switch a.Outcome {
						case publish.Handed:
							mu.Lock()
							handed[m.Number] = m.Epoch
							mu.Unlock()
						case publish.Fenced, publish.Unavailable:
						default:
							t.Errorf("%s: %v", a.Outcome, a.Err)
						}
					}
				})
			}
			time.Sleep(10 * time.Millisecond)
		}
		group.Wait()
		last := "0"
		written := s.list(t, "select cd_epoch, cd_batch from @.cd_batches order by cd_no")
		for _, line := range written {
			epoch, number, _ := strings.Cut(line, "|")
			if epoch < last {
				t.Errorf("batch %s of the token %s came after one of %s", number, epoch, last)
			}
			last = epoch
		}
		if len(written) != len(handed) || last != "3" {
			t.Errorf("%d batches are there, %d were handed over, the last of token %s", len(written), len(handed), last)
		}
		if rows := s.list(t, "select count(*) from @.penalties"); rows[0] != fmt.Sprint(2*len(handed)) {
			t.Errorf("%s rows of %d batches", rows[0], len(handed))
		}
	})
}

func TestACallCalledOffIsInterruptedAndLeavesNothing(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		transport := s.transport(t, nil)
		send(t, transport, batch(1, row(ops.Insert, "a")), publish.Handed)
		lock, err := s.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lock.Exec("update " + s.schema + ".cd_fence set cd_epoch = cd_epoch"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		reason := errors.New("the operator called it off")
		time.AfterFunc(200*time.Millisecond, func() { cancel(reason) })
		a := transport.Send(ctx, batch(2, row(ops.Insert, "b")))
		if a.Outcome != publish.Interrupted || !errors.Is(a.Err, reason) {
			t.Errorf("%s: %v", a.Outcome, a.Err)
		}
		if err := lock.Rollback(); err != nil {
			t.Fatal(err)
		}
		same(t, "batches", s.list(t, "select cd_batch from @.cd_batches"), []string{"2026063000001"})
		send(t, transport, batch(2, row(ops.Insert, "b")), publish.Handed)
	})
}

func TestATransactionThatWaitsTooLongIsLeftForLater(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		transport := s.transport(t, func(c *exchange.Config) { c.Settings.Timeout = time.Second })
		send(t, transport, batch(1, row(ops.Insert, "a")), publish.Handed)
		lock, err := s.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Rollback()
		if _, err := lock.Exec("update " + s.schema + ".cd_fence set cd_epoch = cd_epoch"); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		send(t, transport, batch(2, row(ops.Insert, "b")), publish.Unavailable)
		if waited := time.Since(begun); waited > 5*time.Second {
			t.Errorf("it waited %v", waited)
		}
	})
}

func TestAServerThatIsNotThereIsACutConnection(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		nowhere := *s
		nowhere.dsn = map[string]string{"postgres": "postgres://exchange:hunter2@127.0.0.1:1/exchange", "mysql": "exchange:hunter2@tcp(127.0.0.1:1)/exchange"}[s.driver]
		transport := nowhere.transport(t, nil)
		a := transport.Send(context.Background(), batch(1, row(ops.Insert, "a")))
		if a.Outcome != publish.Unavailable && a.Outcome != publish.Cut {
			t.Errorf("%s: %v", a.Outcome, a.Err)
		}
		_, _, _, collected := transport.Collect(context.Background(), "")
		for _, err := range []error{a.Err, collected, transport.Check(context.Background())} {
			if !errors.Is(err, publish.ErrTemporary) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
		}
	})
}
