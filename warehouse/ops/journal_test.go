package ops_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// fill appends n entries and returns them as records.
func fill(t *testing.T, s *ops.Store, n int) (records []ops.Record) {
	t.Helper()
	for i := range n {
		r, err := s.Append(t.Context(), ops.Entry{
			At: noon.Add(time.Duration(i) * time.Second), Actor: fmt.Sprintf("analyst-%d", i%2),
			Action: []string{"sql", "explain"}[i%2], Subject: "91350100M000100Y43", Purpose: "双随机检查",
			Run: "r1", Detail: json.RawMessage(fmt.Sprintf(`{"rows": %d}`, i)),
		})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func TestDigestIsTheDocumentedOne(t *testing.T) { opstest.Each(t, digestIsTheDocumentedOne) }

func digestIsTheDocumentedOne(t *testing.T, place string) {
	s := opstest.Open(t, place)
	r, err := s.Append(t.Context(), ops.Entry{At: noon, Actor: "a", Action: "sql", Subject: "企业", Detail: json.RawMessage(` [1, 2] `)})
	if err != nil {
		t.Fatal(err)
	}
	// printf '64:%064d,1:1,20:2026-04-01T12:00:00Z,1:a,3:sql,6:企业,0:,0:,5:[1,2],' 0 | sha256sum
	const want = "06f1cd9f87a39b1976faeef1966c77bb7d0f15c548cdc45985d55a37a10beed0"
	if r.Seq != 1 || r.Prev != ops.ChainStart || r.Digest != want {
		t.Errorf("got %d %s %s, want 1, the chain's start and %s", r.Seq, r.Prev, r.Digest, want)
	}
}

func TestEntriesFilter(t *testing.T) { opstest.Each(t, entriesFilter) }

func entriesFilter(t *testing.T, place string) {
	records := fill(t, opstest.Open(t, place), 6)
	s := opstest.Open(t, place) // read back by another connection
	for name, c := range map[string]struct {
		filter ops.EntryFilter
		want   []ops.Record
	}{
		"all":            {ops.EntryFilter{}, records},
		"actor":          {ops.EntryFilter{Actor: "analyst-1"}, []ops.Record{records[1], records[3], records[5]}},
		"action, limit":  {ops.EntryFilter{Action: "sql", Limit: 2}, []ops.Record{records[0], records[2]}},
		"time":           {ops.EntryFilter{From: noon.Add(2 * time.Second), Until: noon.Add(4 * time.Second)}, records[2:4]},
		"after":          {ops.EntryFilter{After: 4}, records[4:]},
		"subject, none":  {ops.EntryFilter{Subject: "x"}, nil},
		"run and action": {ops.EntryFilter{Run: "r1", Action: "explain", After: 2}, []ops.Record{records[3], records[5]}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []ops.Record
			for r, err := range s.Entries(t.Context(), c.filter) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAppendRefusesWhatCannotBeRegistered(t *testing.T) {
	opstest.Each(t, appendRefusesWhatCannotBeRegistered)
}

func appendRefusesWhatCannotBeRegistered(t *testing.T, place string) {
	s := opstest.Open(t, place)
	for name, e := range map[string]ops.Entry{
		"no time":    {Actor: "a", Action: "sql"},
		"no actor":   {At: noon, Action: "sql"},
		"no action":  {At: noon, Actor: "a"},
		"not UTF-8":  {At: noon, Actor: "a\xff", Action: "sql"},
		"bad detail": {At: noon, Actor: "a", Action: "sql", Detail: json.RawMessage(`{`)},
	} {
		if _, err := s.Append(t.Context(), e); err == nil {
			t.Errorf("%s: was registered", name)
		}
	}
	if seq, digest, err := s.Head(t.Context()); seq != 0 || digest != ops.ChainStart || err != nil {
		t.Errorf("head %d %s %v, want an empty chain", seq, digest, err)
	}
}

func TestVerifyFindsTheFirstBrokenRecord(t *testing.T) {
	for name, c := range map[string]struct {
		damage string
		seq    int64 // 0: not broken
	}{
		"untouched":         {``, 0},
		"actor":             {`update journal set actor = 'someone' where seq = 4`, 4},
		"field moved":       {`update journal set subject = '', purpose = subject || purpose where seq = 4`, 4},
		"detail":            {`update journal set detail = '{"rows":9}' where seq = 7`, 7},
		"time":              {`update journal set at = '2026-04-01T12:00:00Z' where seq = 2`, 2},
		"same time, spelt":  {`update journal set at = '2026-04-01T12:00:01.0Z' where seq = 2`, 2},
		"unreadable time":   {`update journal set at = 'then' where seq = 5`, 5},
		"digest":            {`update journal set digest = 'x' where seq = 5`, 5},
		"link":              {`update journal set prev = 'x' where seq = 5`, 5},
		"removed":           {`delete from journal where seq = 3`, 3},
		"removed, closed":   {`delete from journal where seq = 3; update journal set seq = seq - 1 where seq > 3`, 3},
		"swapped":           {`update journal set seq = 99 where seq = 3; update journal set seq = 3 where seq = 4; update journal set seq = 4 where seq = 99`, 3},
		"first removed":     {`delete from journal where seq = 1`, 1},
		"last removed":      {`delete from journal where seq = 8`, 8},
		"last two removed":  {`delete from journal where seq > 6`, 7},
		"all removed":       {`delete from journal`, 1},
		"inserted in front": {`insert into journal select 0, at, actor, action, subject, purpose, run, detail, prev, 'x' from journal where seq = 1`, 1},
		"appended":          {`insert into journal select 9, at, actor, action, subject, purpose, run, detail, digest, 'x' from journal where seq = 8`, 9},
	} {
		t.Run(name, func(t *testing.T) {
			opstest.Each(t, func(t *testing.T, place string) {
				s := opstest.Open(t, place)
				fill(t, s, 8)
				unlock := `drop trigger journal_no_update; drop trigger journal_no_delete`
				if opstest.IsPostgres(place) {
					unlock = `alter table journal disable trigger user`
				}
				raw(t, place, unlock, c.damage)
				err := s.VerifyJournal(t.Context())
				var broken *ops.BrokenChain
				switch {
				case c.seq == 0 && err != nil:
					t.Error(err)
				case c.seq != 0 && (!errors.As(err, &broken) || broken.Seq != c.seq):
					t.Errorf("got %v, want broken at %d", err, c.seq)
				}
			})
		})
	}
}

func TestJournalIsAppendOnly(t *testing.T) { opstest.Each(t, journalIsAppendOnly) }

func journalIsAppendOnly(t *testing.T, place string) {
	fill(t, opstest.Open(t, place), 2)
	db := opstest.Raw(t, place)
	for _, statement := range []string{`update journal set actor = 'x'`, `delete from journal`} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s: went through", statement)
		}
	}
}

// Whatever is registered, the chain holds, and the entry is read back as it
// was, but for the form of time and detail.
func TestAnyEntryKeepsTheChain(t *testing.T) { opstest.Each(t, anyEntryKeepsTheChain) }

func anyEntryKeepsTheChain(t *testing.T, place string) {
	s := opstest.Open(t, place)
	text := rapid.StringMatching(`[^\x00]{0,20}`)
	rapid.Check(t, func(rt *rapid.T) {
		e := ops.Entry{
			At:    time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(rt, "at")).UTC(),
			Actor: "a" + text.Draw(rt, "actor"), Action: "b" + text.Draw(rt, "action"),
			Subject: text.Draw(rt, "subject"), Purpose: text.Draw(rt, "purpose"), Run: text.Draw(rt, "run"),
		}
		var err error
		if e.Detail, err = json.Marshal(text.Draw(rt, "detail")); err != nil {
			rt.Fatal(err)
		}
		r, err := s.Append(t.Context(), e)
		if err != nil {
			rt.Fatal(err)
		}
		for got, err := range s.Entries(t.Context(), ops.EntryFilter{After: r.Seq - 1}) {
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(e, got.Entry); diff != "" {
				rt.Fatal(diff)
			}
		}
	})
	if err := s.VerifyJournal(t.Context()); err != nil {
		t.Error(err)
	}
}
