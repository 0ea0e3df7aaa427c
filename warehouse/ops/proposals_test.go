package ops_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

type desk struct {
	*testing.T
	*ops.Store
	place string
}

func onDesks(t *testing.T, test func(d desk)) {
	opstest.Each(t, func(t *testing.T, place string) { test(desk{t, opstest.Open(t, place), place}) })
}

func entry(actor, action string) ops.Entry {
	return ops.Entry{At: time.Date(2026, 6, 20, 2, 0, 0, 0, time.UTC), Actor: actor, Action: action}
}

func proposal() ops.Proposal {
	return ops.Proposal{Content: strings.Repeat("a", 64), Base: "2026-04-01-00000000", PlannedFor: "2026-06-15", EffectiveOn: "2026-07-01",
		Figures: json.RawMessage(`{"moved":3}`), Reason: "城市评分修订"}
}

func (d desk) propose(p ops.Proposal) ops.Proposal {
	d.Helper()
	made, err := d.Propose(context.Background(), p, entry("lin", "plan.propose"))
	if err != nil {
		d.Fatal(err)
	}
	return made
}

// vote tries one and wants it to end as said: empty for done.
func (d desk) vote(id, who string, approve bool, day, want string) ops.Proposal {
	d.Helper()
	p, err := d.Vote(context.Background(), id, approve, "同意", day, entry(who, "plan.vote"))
	switch {
	case want == "" && err != nil:
		d.Errorf("%s votes: %v", who, err)
	case want != "" && (!errors.Is(err, ops.ErrConsent) || !strings.Contains(err.Error(), want)):
		d.Errorf("%s votes: got %v, want %s", who, err, want)
	}
	return p
}

const today = "2026-06-20"

// Two others approve; nobody twice, never the proposer, whatever the letters of
// the name.
func TestApprovalTakesTwoOthers(t *testing.T) { onDesks(t, approvalTakesTwoOthers) }

func approvalTakesTwoOthers(d desk) {
	t, ctx := d.T, d.Context()
	p := d.propose(proposal())
	if p.State != ops.StateOpen || p.Proposer != "lin" || len(p.ID) != 11 {
		t.Errorf("proposed as %+v", p)
	}
	d.vote(p.ID, "lin", true, today, "lin proposed it; two others approve")
	d.vote(p.ID, " LIN ", true, today, "lin proposed it; two others approve")
	if got := d.vote(p.ID, "chen", true, today, ""); got.State != ops.StateOpen {
		t.Errorf("one approval makes it %s", got.State)
	}
	if held, err := d.InForce(ctx, "2026-07-01"); held != nil || err != nil {
		t.Errorf("in force after one approval: %v, %v", held, err)
	}
	d.vote(p.ID, "chen", true, today, "chen has voted already")
	d.vote(p.ID, "Chen", true, today, "chen has voted already")
	if got := d.vote(p.ID, "wu", true, today, ""); got.State != ops.StateApproved || len(got.Votes) != 2 {
		t.Errorf("two approvals make it %+v", got)
	}
	d.vote(p.ID, "zhou", false, today, "it is approved already")
	for day, want := range map[string]bool{"2026-06-30": false, "2026-07-01": true, "2030-01-01": true} {
		if held, err := d.InForce(ctx, day); err != nil || (held != nil) != want {
			t.Errorf("in force on %s: %v, %v, want %t", day, held, err, want)
		}
	}
	if err := d.VerifyJournal(ctx); err != nil {
		t.Error(err)
	}
	if seq, _, err := d.Head(ctx); seq != 3 || err != nil {
		t.Errorf("%d journal entries, want those of the proposal and two votes; %v", seq, err)
	}
}

func TestRejectionEnds(t *testing.T) { onDesks(t, rejectionEnds) }

func rejectionEnds(d desk) {
	p := d.propose(proposal())
	d.vote(p.ID, "chen", true, today, "")
	if got := d.vote(p.ID, "wu", false, today, ""); got.State != ops.StateRejected {
		d.Errorf("rejected makes it %s", got.State)
	}
	d.vote(p.ID, "zhou", true, today, "it is rejected already")
	second := d.propose(proposal()) // the same content may come again
	if got := d.vote(second.ID, "lin", false, today, ""); got.State != ops.StateRejected {
		d.Errorf("taken back by the proposer it is %s", got.State)
	}
	d.vote("P0000000000", "wu", true, today, "no such proposal")
}

func TestNothingFromThePast(t *testing.T) { onDesks(t, nothingFromThePast) }

func nothingFromThePast(d desk) {
	p := d.propose(proposal())
	d.vote(p.ID, "chen", true, "2026-07-02", "past on 2026-07-02")
	d.vote(p.ID, "chen", true, "2026-07-01", "")
}

func TestLimitsNeedAnAnswer(t *testing.T) { onDesks(t, limitsNeedAnAnswer) }

func limitsNeedAnAnswer(d desk) {
	t, ctx := d.T, d.Context()
	p := proposal()
	p.Stopped = 2
	if _, err := d.Propose(ctx, p, entry("lin", "plan.propose")); !errors.Is(err, ops.ErrConsent) || !strings.Contains(err.Error(), "passes 2 limits") {
		t.Errorf("got %v", err)
	}
	p.Overridden = true
	made := d.propose(p)
	if _, err := d.Propose(ctx, p, entry("wu", "plan.propose")); !errors.Is(err, ops.ErrConsent) || !strings.Contains(err.Error(), made.ID) {
		t.Errorf("the same content twice: %v", err)
	}
	if seq, _, _ := d.Head(ctx); seq != 1 {
		t.Errorf("%d journal entries: what is refused leaves none", seq)
	}
}

// The latest effective day holds; of one day, the last decision.
func TestInForceIsTheLatest(t *testing.T) { onDesks(t, inForceIsTheLatest) }

func inForceIsTheLatest(d desk) {
	t, ctx := d.T, d.Context()
	for i, day := range []string{"2026-08-01", "2026-07-01", "2026-09-01"} {
		p := proposal()
		p.Content, p.EffectiveOn = strings.Repeat(string(rune('a'+i)), 64), day
		made := d.propose(p)
		d.vote(made.ID, "chen", true, today, "")
		d.vote(made.ID, "wu", true, today, "")
	}
	for day, want := range map[string]string{"2026-07-15": "2026-07-01", "2026-08-15": "2026-08-01", "2027-01-01": "2026-09-01"} {
		if held, err := d.InForce(ctx, day); err != nil || held == nil || held.EffectiveOn != want {
			t.Errorf("on %s: %v, %v, want that of %s", day, held, err, want)
		}
	}
}

// Whoever writes to the file past the program is refused by the database.
func TestDatabaseRefusesToo(t *testing.T) { onDesks(t, databaseRefusesToo) }

func databaseRefusesToo(d desk) {
	p := d.propose(proposal())
	d.vote(p.ID, "chen", true, today, "")
	raw := opstest.Raw(d.T, d.place)
	vote := func(voter, verdict, reason, day string) string {
		return `insert into votes (proposal, voter, verdict, reason, voted_on, voted_at, entry)
			select '` + p.ID + `', '` + voter + `', '` + verdict + `', '` + reason + `', '` + day + `', '', 1`
	}
	for statement, want := range map[string]string{
		vote("lin", "approve", "", today):       "nobody approves a proposal of their own",
		vote("LIN", "approve", "", today):       "nobody approves a proposal of their own",
		vote("chen", "approve", "", today):      "unique",
		vote("wu", "approve", "", "2026-07-02"): "from a day that is past",
		vote("wu ", "approve", "", today):       "check",
		vote("wu", "reject", " ", today):        "check",
		"update proposals set proposer = 'x'":   "append-only",
		"delete from proposals":                 "append-only",
		"update votes set voter = 'x'":          "append-only",
		"delete from votes":                     "append-only",
		"insert into proposals select 'P1', content, base, planned_for, effective_on, figures, 3, 0, reason, proposer, proposed_at, entry + 1 from proposals": "check",
	} {
		if _, err := raw.Exec(statement); err == nil || !strings.Contains(strings.ToLower(err.Error()), want) {
			d.Errorf("%s: got %v, want %s", statement, err, want)
		}
	}
	d.vote(p.ID, "wu", true, today, "")
	if _, err := raw.Exec(vote("zhou", "reject", "x", today)); err == nil || !strings.Contains(err.Error(), "the proposal is decided") {
		d.Errorf("a vote after the decision: %v", err)
	}
}

func TestTrials(t *testing.T) { onDesks(t, trials) }

func trials(d desk) {
	t, ctx := d.T, d.Context()
	trial := func(day, champion string) ops.Trial {
		return ops.Trial{Content: "c", Day: day, Champion: champion, Challenger: "x" + champion, Figures: json.RawMessage(`{"moved":1}`), At: entry("", "").At}
	}
	for _, one := range []ops.Trial{trial("2026-06-29", "a"), trial("2026-06-30", "b"), trial("2026-06-30", "b")} {
		if err := d.Try(ctx, one, entry("lin", "run.challenge")); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Trials(ctx, "c", 0)
	if diff := cmp.Diff([]ops.Trial{trial("2026-06-30", "b"), trial("2026-06-29", "a")}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got, err := d.Trials(ctx, "c", 1); len(got) != 1 || err != nil {
		t.Errorf("%d trials, %v", len(got), err)
	}
}
