package sandbox_test

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
	"rongxin/warehouse/ops"
)

// hands is a clock that stands where it is put.
type hands struct{ at time.Time }

func (h *hands) now() time.Time { return h.at }

type notices struct {
	Notices []struct {
		Batch, Key, Level string
		Accepted          int
		Rejected          []rejection
	}
	Next string
	More bool
}

func TestVerdictsComeLater(t *testing.T) {
	clock := &hands{noon}
	p := start(t, sandbox.Config{Delay: time.Hour, Now: clock.now})
	for n := range 3 {
		if r := p.post(row("I", n), row("I", 100+n, [2]string{"scheme", `""`})); r.Level != "accepted" || r.Accepted != 1 {
			t.Fatalf("receipt %+v, want one record accepted", r)
		}
	}
	if early := ask[notices](p, "/v1/notices"); len(early.Notices) != 0 || early.More {
		t.Errorf("before the hour: %+v", early)
	}
	clock.at = noon.Add(time.Hour)
	first := ask[notices](p, "/v1/notices?limit=2")
	if len(first.Notices) != 2 || !first.More || first.Notices[0].Level != "processed" || first.Notices[0].Accepted != 1 ||
		first.Notices[0].Key != "key1" || first.Notices[0].Rejected[0].Code != "REQUIRED" {
		t.Errorf("%+v, want two verdicts and more", first)
	}
	rest := ask[notices](p, "/v1/notices?limit=2&after="+first.Next)
	if len(rest.Notices) != 1 || rest.More || rest.Notices[0].Key != "key3" {
		t.Errorf("%+v, want the third verdict", rest)
	}
	if status, _ := p.do("GET", "/v1/notices?after=x", "", ""); status != 400 {
		t.Errorf("after=x: HTTP %d, want 400", status)
	}
}

// What processing refuses is as it was before; what a later batch changed since
// stays changed.
func TestRecordsRefusedInProcessing(t *testing.T) {
	clock := &hands{noon}
	dir := t.TempDir()
	p := start(t, sandbox.Config{Dir: dir, Delay: time.Hour, Now: clock.now})
	p.post(row("I", 1), row("I", 2), row("I", 3), row("I", 4))
	clock.at = clock.at.Add(time.Hour)
	before := p.state()
	p.faults("reject_later=100%")
	worse := [2]string{"supervision_class", "4"}
	p.post(row("I", 5), row("U", 1, worse), row("U", 3, worse), row("D", 2))
	p.faults("")
	p.post(row("U", 3, [2]string{"supervision_class", "1"}))
	meanwhile := p.state()
	if meanwhile.Count != 4 || meanwhile.Digest == before.Digest {
		t.Fatalf("accepted: %+v, want the effect of four changes", meanwhile)
	}
	again := start(t, sandbox.Config{Dir: dir, Delay: time.Hour, Now: clock.now}) // the platform is restarted meanwhile
	clock.at = clock.at.Add(time.Hour)
	said := ask[notices](again, "/v1/notices")
	if len(said.Notices) != 3 || len(said.Notices[1].Rejected) != 4 || said.Notices[1].Rejected[0].Code != "PROCESSING" {
		t.Fatalf("%+v, want four records refused of the second batch", said)
	}
	got := ask[struct {
		Records []struct {
			Key   string `json:"cd_id"`
			Batch string `json:"cd_batch"`
		}
	}](again, "/v1/records?table=supervision_results")
	var held []string
	for _, r := range got.Records {
		held = append(held, r.Key[15:18]+" "+r.Batch[8:])
	}
	if diff := cmp.Diff([]string{"001 00001", "002 00001", "003 00003", "004 00001"}, held); diff != "" {
		t.Errorf("held by batch: %s", diff)
	}
	a := again.audit()
	table := a.Tables["supervision_results"]
	if a.RefusedLater != 4 || table.Undone != 3 || a.OutOfOrder != 0 || table.Digest != again.state().Digest || table.Held != 4 {
		t.Errorf("audit %+v, state %+v: want 4 refused later, 3 undone, the running digest kept", a, again.state())
	}
}

func TestALostReceiptIsFoundWhenTheBatchComesAgain(t *testing.T) {
	p := start(t, sandbox.Config{Delay: time.Minute, Now: later(noon)})
	p.faults("lose_receipt=100%")
	if status, _ := p.do("POST", "/v1/batches", "k", numbered(1, row("I", 1))); status != 0 {
		t.Errorf("HTTP %d, want no answer", status)
	}
	p.faults("")
	p.audit() // time goes on
	if status, _ := p.do("GET", "/v1/receipts/k", "", ""); status != 404 || p.state().Count != 1 {
		t.Errorf("receipt: HTTP %d, want 404 although the batch was taken", status)
	}
	if said := ask[notices](p, "/v1/notices"); len(said.Notices) != 0 {
		t.Errorf("%+v, want no word of the batch", said)
	}
	if status, _ := p.do("POST", "/v1/batches", "k", numbered(1, row("I", 1))); status != 200 {
		t.Errorf("again: HTTP %d, want its receipt", status)
	}
	if said := ask[notices](p, "/v1/notices"); len(said.Notices) != 1 || said.Notices[0].Key != "k" {
		t.Errorf("%+v, want the verdict", said)
	}
	if status, _ := p.do("GET", "/v1/receipts/k", "", ""); status != 200 {
		t.Errorf("receipt: HTTP %d, want 200", status)
	}
}

func TestASenderThatWasReplacedHasNoEffect(t *testing.T) {
	p := start(t, sandbox.Config{})
	post := func(token, body string) (int, string) {
		return p.do("POST", "/v1/batches", sum(body), body, "Fencing-Token: "+token)
	}
	for _, c := range []struct {
		token, body, code string
		status            int
	}{
		{"2", numbered(1, row("I", 1)), `"accepted":1`, 200},
		{"1", numbered(2, row("I", 2)), "FENCED", 412},
		{"1", "no batch at all", "FENCED", 412},
		{"3", "no batch at all", "MALFORMED", 400}, // and from now on 3 is at work
		{"2", numbered(1, row("I", 1)), "FENCED", 412},
		{"x", numbered(3, row("I", 3)), "FENCING_TOKEN", 400},
		{"3", numbered(4, row("I", 4)), `"accepted":1`, 200},
	} {
		if status, answer := post(c.token, c.body); status != c.status || !strings.Contains(answer, c.code) {
			t.Errorf("token %s: HTTP %d %s, want %d %s", c.token, status, answer, c.status, c.code)
		}
	}
	if status, answer := p.do("POST", "/v1/batches", "k", numbered(5, row("I", 5))); status != 412 {
		t.Errorf("no token: HTTP %d %s, want 412", status, answer)
	}
	if a := p.audit(); a.Fenced != 4 || p.state().Count != 2 {
		t.Errorf("audit %+v, want 4 turned away and 2 records", a)
	}
}

// A batch with one such record is refused as a whole, and its parts keep its
// place in the order of an enterprise.
func TestRecordsThatSpoilABatch(t *testing.T) {
	p := start(t, sandbox.Config{})
	p.faults("poison=000000002/")
	post := func(n, status int, rows ...string) {
		t.Helper()
		if got, answer := p.do("POST", "/v1/batches", fmt.Sprint("k", n), numbered(n, rows...)); got != status {
			t.Errorf("batch %d: HTTP %d %s, want %d", n, got, answer, status)
		}
	}
	post(1, 422, row("I", 1), row("I", 2), row("I", 3))
	post(3, 200, row("I", 1)) // the parts
	post(4, 422, row("I", 2))
	post(5, 200, row("I", 3))
	post(2, 200, row("U", 1)) // was planned behind the first, and comes behind its parts
	if a := p.audit(); a.OutOfOrder != 0 || a.RefusedBatches != 2 || p.state().Count != 2 {
		t.Errorf("audit %+v, want everything in order", a)
	}
	p.faults("")
	post(7, 200, row("I", 2), row("U", 3))
	post(6, 200, row("U", 3, [2]string{"supervision_class", "1"}))
	if a := p.audit(); a.OutOfOrder != 1 || a.Duplicates != 2 {
		t.Errorf("audit %+v, want one change behind its time, and two that changed nothing", a)
	}
}

func TestAnOutageEnds(t *testing.T) {
	clock := &hands{noon}
	p := start(t, sandbox.Config{Now: clock.now})
	p.faults("down=72h,retry_after=90s")
	if status, _ := p.do("POST", "/v1/batches", "k", numbered(1, row("I", 1))); status != 503 {
		t.Errorf("HTTP %d, want 503", status)
	}
	if status, _ := p.do("GET", "/healthz", "", ""); status != 503 {
		t.Errorf("health: HTTP %d, want 503", status)
	}
	clock.at = noon.Add(72 * time.Hour)
	if status, _ := p.do("POST", "/v1/batches", "k", numbered(1, row("I", 1))); status != 200 {
		t.Errorf("after three days: HTTP %d, want 200", status)
	}
}

// Whatever fails, the platform takes each batch once, in the end.
func TestEveryPlatformUnderFaults(t *testing.T) {
	pairs(t, func(t *testing.T, p pair) { p.underFaults(t) })
	agreed, settings := agree(t, "sm4-gcm")
	t.Run("courier", func(t *testing.T) { courierPair(t, agreed, settings).underFaults(t) })
}

func (p pair) underFaults(t *testing.T) {
	const table, batches = "supervision_results", 12
	p.faults("refuse=15%,cut=15%,garbage=15%,twice=15%,slow=5%,timeout_after_taking=10%,lose_receipt=10%,delay=1ms,seed=3")
	p.patient = true
	for n := range batches {
		m := message(n+1, table, content(table, n, nil), content(table, 100+n, nil))
		for try := 0; ; try++ {
			outcomes, rejected := p.deliver(m)
			if last := outcomes[len(outcomes)-1]; last == publish.Processed {
				if rejected != nil {
					t.Errorf("batch %d: %v", n, rejected)
				}
				break
			}
			if try == 40 {
				t.Fatalf("batch %d: %v", n, outcomes)
			}
		}
	}
	p.faults("")
	last := message(batches+1, table, as(ops.Delete, content(table, 0, nil)))
	if outcomes, _ := p.deliver(last); outcomes[len(outcomes)-1] != publish.Processed {
		t.Errorf("%v, want processed", outcomes)
	}
	a := p.audit()
	if got := a.Tables[table]; got.Applied != (struct{ I, U, D int }{2 * batches, 0, 1}) || a.Duplicates+a.OutOfOrder+a.Echoes > 0 {
		t.Errorf("audit %+v, want each record once", a)
	}
}

// A platform that stops between taking a batch and answering it answers when it
// is there again, without a second effect.
func TestAPlatformThatStopsUnderWay(t *testing.T) {
	dir := t.TempDir()
	out, back := filepath.Join(dir, "out"), filepath.Join(dir, "return")
	clock := &hands{noon}
	cfg := sandbox.Config{Dir: dir, Name: "city_platform", Now: clock.now, Delay: time.Hour, Faults: sandbox.Faults{TimeoutAfterTaking: 1}}
	begin := func() *sandbox.Drop {
		platform, err := sandbox.OpenDrop(cfg, sandbox.DropConfig{Out: out, Return: back})
		if err != nil {
			t.Fatal(err)
		}
		return platform
	}
	platform := begin()
	transport, err := drop.New(drop.Config{Receiver: "city_platform", Out: folder.Local(out), Return: folder.Local(back), Keys: open(t, signing.Settings{}),
		Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	p := pair{t: t, transport: transport, step: platform.Step}
	m := message(1, "supervision_results", content("supervision_results", 1, nil))
	if outcomes, _ := p.deliver(m); len(outcomes) != 1 {
		t.Errorf("%v, want no answer yet", outcomes)
	}
	if err := platform.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Faults, clock.at = sandbox.Faults{}, noon.Add(time.Hour)
	platform = begin()
	defer platform.Close()
	p.step = platform.Step
	if outcomes, rejected := p.deliver(m); outcomes[len(outcomes)-1] != publish.Processed || rejected != nil {
		t.Errorf("%v %v, want processed", outcomes, rejected)
	}
	if a := at(t, platform).audit(); a.Tables["supervision_results"].Applied.I != 1 || a.Batches != 1 || a.Echoes > 0 {
		t.Errorf("%+v, want one insert", a)
	}
}
