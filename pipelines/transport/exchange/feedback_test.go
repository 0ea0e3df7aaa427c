package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
	"rongxin/warehouse/ops"
)

// say writes verdicts as the platform does: batch, record or NULL, verdict, code.
func (s *server) say(t *testing.T, verdicts ...[4]string) {
	t.Helper()
	for _, v := range verdicts {
		key := "null"
		if v[1] != "" {
			key = "'" + v[1] + "'"
		}
		s.exec(t, fmt.Sprintf("insert into @.cd_feedback (cd_source, cd_batch, cd_id, verdict, code, message) values ('350100', '%s', %s, '%s', '%s', '原因')", v[0], key, v[2], v[3]))
	}
}

// collect reads on from a cursor to the end, and words each notice in one line.
func collect(t *testing.T, transport *exchange.Transport, since string) (lines []string, next string) {
	t.Helper()
	for {
		notices, after, more, err := transport.Collect(context.Background(), since)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notices {
			line := n.Number[8:] + " " + string(n.Outcome)
			for _, r := range n.Rejected {
				line += " " + r.Key + ":" + r.Code + ":" + r.Message
			}
			if n.Code != "" {
				line += " code " + n.Code + ":" + n.Text
			}
			if n.ReceiptID == "" || !strings.Contains(string(n.Receipt), n.Number) {
				t.Errorf("%s: receipt %q %s", line, n.ReceiptID, n.Receipt)
			}
			lines = append(lines, line)
		}
		if since = after; !more {
			return lines, since
		}
	}
}

func TestVerdictsOfBatchesAndRecords(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		transport := s.transport(t, nil)
		for n := range 5 {
			send(t, transport, batch(n+1, row(ops.Insert, "a"), row(ops.Insert, "b")), publish.Handed)
		}
		if lines, _ := collect(t, transport, ""); len(lines) != 0 {
			t.Errorf("before any verdict: %q", lines)
		}
		const one, two, three, four, five = "2026063000001", "2026063000002", "2026063000003", "2026063000004", "2026063000005"
		s.say(t,
			[4]string{one, "", "accepted", ""},
			[4]string{two, "b", "refused", "LENGTH"}, [4]string{two, "", "processed", ""},
			[4]string{three, "", "refused", "ORDER"},
			[4]string{four, "a", "processed", ""}, [4]string{four, "b", "refused", "CODE"}, // no word on the batch, but on each record
			[4]string{five, "a", "processed", ""})
		lines, at := collect(t, transport, "")
		same(t, "first", lines, []string{"00001 accepted", "00002 processed b:LENGTH:原因", "00003 refused code ORDER:原因",
			"00004 processed b:CODE:原因", "00005 accepted"})
		if lines, again := collect(t, transport, at); len(lines) != 0 || again != at {
			t.Errorf("nothing new, and %q up to %q", lines, again)
		}

		// Late, twice and contradicting: what was said last counts.
		s.say(t,
			[4]string{one, "", "processed", ""}, [4]string{one, "", "processed", ""},
			[4]string{two, "a", "refused", "LATER"}, // after the last word on its batch
			[4]string{four, "b", "processed", ""},
			[4]string{five, "b", "processed", ""})
		lines, _ = collect(t, transport, at)
		same(t, "then", lines, []string{"00001 processed", "00002 processed a:LATER:原因 b:LENGTH:原因", "00004 processed", "00005 processed"})

		// Another process that begins again is told the sum of it.
		lines, _ = collect(t, s.transport(t, nil), "")
		same(t, "all", lines, []string{"00001 processed", "00002 processed a:LATER:原因 b:LENGTH:原因", "00003 refused code ORDER:原因", "00004 processed", "00005 processed"})
	})
}

func TestAVerdictOfAnotherSenderOrOfNoBatch(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		s.exec(t, "insert into @.cd_feedback (cd_source, cd_batch, verdict) values ('999999', '2026063000001', 'processed')")
		s.say(t, [4]string{"2026063000009", "", "processed", ""})
		lines, _ := collect(t, s.transport(t, nil), "")
		same(t, "notices", lines, []string{"00009 processed"}) // which the publisher does not know, and says so
		s.exec(t, "insert into @.cd_feedback (cd_source, cd_batch, verdict) values ('350100', '2026063000001', 'fine')")
		_, _, _, err := s.transport(t, nil).Collect(context.Background(), "")
		if err == nil || !strings.Contains(err.Error(), `fb_no 3: verdict "fine" is none of accepted, processed, refused`) {
			t.Errorf("an unknown verdict: %v", err)
		}
	})
}

// A row is given its number before it can be seen: one that shows below a number
// that was read is not passed over.
func TestFeedbackThatShowsLate(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		transport := s.transport(t, nil)
		s.say(t, [4]string{"2026063000001", "", "processed", ""})
		late, err := s.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := late.Exec("insert into " + s.schema + ".cd_feedback (cd_source, cd_batch, verdict) values ('350100', '2026063000002', 'processed')"); err != nil {
			t.Fatal(err)
		}
		s.say(t, [4]string{"2026063000003", "", "processed", ""})
		lines, at := collect(t, transport, "")
		same(t, "before it shows", lines, []string{"00001 processed", "00003 processed"})
		if err := late.Commit(); err != nil {
			t.Fatal(err)
		}
		lines, at = collect(t, s.transport(t, nil), at)
		same(t, "after", lines, []string{"00002 processed"})
		lines, _ = collect(t, transport, at)
		same(t, "once", lines, nil)
	})
}

func TestManyVerdictsAreReadInPages(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		var values []string
		for n := range 1001 {
			values = append(values, fmt.Sprintf("('350100', '20260630%05d', 'processed')", n+1))
		}
		s.exec(t, "insert into @.cd_feedback (cd_source, cd_batch, verdict) values "+strings.Join(values, ", "))
		lines, at := collect(t, s.transport(t, nil), "")
		if len(lines) != 1001 || !slices.IsSorted(lines) || at != "1001" {
			t.Errorf("%d notices up to %s", len(lines), at)
		}
	})
}

func TestWhatThePlatformHolds(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		transport := s.transport(t, nil)
		var want publish.State
		keys := []string{"A/1", "a", "a/1", "a/10", "a/2", "b", "é", "福", "𬱖"} // in the order of their bytes
		for i, key := range keys {
			digest := digestOf(key)
			want.Add(key, digest)
			s.exec(t, fmt.Sprintf("insert into @.cd_state (cd_source, cd_table, cd_id, cd_digest) values ('350100', 'penalties', '%s', '%s')", keys[len(keys)-1-i], digestOf(keys[len(keys)-1-i])))
		}
		s.exec(t, "insert into @.cd_state (cd_source, cd_table, cd_id, cd_digest) values ('350100', 'measures', 'x', '"+digestOf("x")+"'), ('999999', 'penalties', 'y', '"+digestOf("y")+"')")
		h, err := transport.Holdings(context.Background(), "penalties")
		if err != nil || h.Count != len(keys) || h.Digest != want.Digest() {
			t.Errorf("%+v, %v", h, err)
		}
		var got []string
		for after, more := "", true; more; {
			var page []publish.HeldRecord
			if page, more, err = transport.Held(context.Background(), "penalties", after, 2); err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				if r.Digest != digestOf(r.Key) {
					t.Errorf("%s: digest %s", r.Key, r.Digest)
				}
				got = append(got, r.Key)
				after = r.Key
			}
		}
		same(t, "keys", got, keys)
		for _, of := range [][2]int{{0, 3}, {2, 7}, {4, len(keys)}, {0, len(keys)}} { // keys behind the first up to the second
			after, upTo, part := "", "", publish.State{}
			if of[0] > 0 {
				after = keys[of[0]-1]
			}
			if of[1] < len(keys) {
				upTo = keys[of[1]-1]
			}
			for _, key := range keys[of[0]:of[1]] {
				part.Add(key, digestOf(key))
			}
			h, err := transport.HeldBetween(context.Background(), "penalties", after, upTo)
			if err != nil || h.Count != part.Count || h.Digest != part.Digest() {
				t.Errorf("%q to %q: %+v, %v", after, upTo, h, err)
			}
		}

		mute := s.transport(t, func(c *exchange.Config) { c.Settings.State = "" })
		if _, err := mute.Holdings(context.Background(), "penalties"); !errors.Is(err, publish.ErrCannotAsk) {
			t.Errorf("without a view: %v", err)
		}
		if _, _, err := mute.Held(context.Background(), "penalties", "", 10); !errors.Is(err, publish.ErrCannotAsk) {
			t.Errorf("without a view: %v", err)
		}
	})
}
