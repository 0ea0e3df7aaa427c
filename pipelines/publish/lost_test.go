package publish_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// audit is what the sandbox counts from every effect it had.
type audit struct {
	Refused        int
	RefusedBatches int `json:"refused_batches"`
	Echoes         int
	Duplicates     int
	OutOfOrder     int `json:"out_of_order"`
	Tables         map[string]struct{ Applied struct{ I, U, D int } }
}

func (p *platform) audit() audit {
	p.t.Helper()
	return auditOf(p.t, p.url)
}

func auditOf(t *testing.T, url string) (a audit) {
	t.Helper()
	response, err := http.Get(url + "/v1/audit")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// applied fails the test unless the platform had exactly these effects, none of
// them twice, out of order or refused.
func (p *platform) applied(i, u, d int) {
	p.t.Helper()
	got, want := p.audit(), audit{}
	applied := got.Tables[results].Applied
	if got.Tables = nil; got.Refused+got.RefusedBatches+got.Echoes+got.Duplicates+got.OutOfOrder != 0 {
		p.t.Errorf("the platform saw %+v, want %+v", got, want)
	}
	if applied.I != i || applied.U != u || applied.D != d {
		p.t.Errorf("the platform had %+v effects, want %d I, %d U, %d D", applied, i, u, d)
	}
}

// adopt believes the platform and returns what was found.
func (p *platform) adopt(c city) publish.Report {
	p.t.Helper()
	report, err := p.publisher(nil).Adopt(p.t.Context(), april, c.source)
	if err != nil {
		p.t.Fatal(err)
	}
	return report
}

// A store that is lost is made anew from what the receiver holds: only what differs
// is sent, under numbers that the receiver has not seen.
func TestALostStoreIsTakenOver(t *testing.T) {
	opstest.Each(t, func(t *testing.T, place string) {
		p := newPlatform(t, sandbox.Config{})
		c := newCity(100)
		p.publish(c)
		p.store = opstest.Open(t, place)
		delete(c, 7)          // extra there
		c[8] = c[8]%4 + 1     // other content there
		c[200], c[201] = 1, 2 // not there
		report := p.adopt(c)
		if report.Equal || report.Adopted != 100 || report.Causes[publish.Unrecorded] != 98 || report.Causes[publish.NotYetSent] != 2 {
			t.Errorf("adopted %+v", report)
		}
		sum := p.publish(c)
		if sum.Inserted != 2 || sum.Updated != 1 || sum.Withdrawn != 1 || sum.Unchanged != 98 || sum.Rejected > 0 {
			t.Errorf("published %+v, want the differences alone", sum)
		}
		p.holds(c)
		p.applied(102, 1, 1)
	})
}

// An older copy of the store, with batches that were answered since, is found by
// reconciling and healed by adopting.
func TestAnOlderCopyOfTheStoreIsHealed(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	c := newCity(100)
	p.publish(c)

	c[1] = c[1]%4 + 1
	c[2] = c[2]%4 + 1
	p.faults("down=1000")
	if _, err := p.publisher(nil).Publish(t.Context(), april, c.source); !errors.Is(err, publish.ErrTemporary) {
		t.Fatalf("a platform that is down: %v", err)
	}
	older := copyStore(t, p)
	p.faults("")
	p.clock.at = p.clock.at.Add(publish.DefaultSchedule[len(publish.DefaultSchedule)-1])
	c[1] = c[1]%4 + 1 // once more, so that the open batch is of a time that is over
	p.publish(c)
	delete(c, 3)
	c[300] = 4
	p.publish(c)
	before := p.audit()

	p.store = opstest.Open(t, older)
	if report := p.reconcile(c); report.Equal || report.Differ == 0 {
		t.Fatalf("an older copy is not found: %+v", report)
	}
	if report := p.adopt(c); report.GivenUp != 1 {
		t.Errorf("%d batches were given up, want the open one; %+v", report.GivenUp, report)
	}
	if sum := p.publish(c); sum.Attempts != 0 || sum.Unchanged != len(c) {
		t.Errorf("published %+v, want nothing sent", sum)
	}
	p.holds(c)
	c[5] = c[5]%4 + 1
	p.publish(c)
	p.holds(c)
	applied := before.Tables[results].Applied
	p.applied(applied.I, applied.U+1, applied.D)
	if given, err := p.store.Batches(t.Context(), "city", ops.GivenUp); len(given) != 1 || err != nil {
		t.Errorf("%d batches given up, %v", len(given), err)
	}
}

// copyStore copies an open store by SQLite's own means.
func copyStore(t *testing.T, p *platform) (path string) {
	t.Helper()
	path = opstest.SQLite(t)
	if _, err := opstest.Raw(t, p.dir+"/ops.db").Exec(`vacuum into ?`, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A receiver that does not tell what it holds is said to be one, and nothing is
// given up.
func TestNothingIsTakenOverFromAReceiverThatCannotBeAsked(t *testing.T) {
	d := newDelivery(t, 10)
	d.there.silent = true
	d.there.answers = func(publish.Message) publish.Answer {
		return publish.Answer{Outcome: publish.TimedOut, Err: errors.New("no answer")}
	}
	if _, err := d.publisher().Publish(t.Context(), april, d.acts.source); !errors.Is(err, publish.ErrTemporary) {
		t.Fatal(err)
	}
	_, err := d.publisher().Adopt(t.Context(), april, d.acts.source)
	if !errors.Is(err, publish.ErrCannotAsk) || !strings.Contains(err.Error(), "put back the newest copy of the operations store") {
		t.Errorf("got %v", err)
	}
	if open, err := d.store.Batches(t.Context(), "city", ops.Sent); len(open) == 0 || err != nil {
		t.Errorf("the open batches are gone; %v", err)
	}
}

// What the receiver holds of one table is not written down for another.
func TestEachTableIsTakenOverForItself(t *testing.T) {
	opstest.Each(t, func(t *testing.T, place string) {
		p := newPlatform(t, sandbox.Config{})
		c := newCity(505) // more than are written down at once
		source := func(ctx context.Context, yield func(publish.Record) error) error {
			for n := range 8 {
				hit := fmt.Sprintf(`{"record_id":"hit%d","subject_id":%q,"subject_name":"某某","division_code":"350102","list_name":"失信被执行人","list_basis":"法释〔2017〕7号","document_no":"%d号","authority_name":"市中级人民法院","listed_on":"2025-06-01"}`, n, subject(n), n)
				if err := yield(publish.Record{Table: "severe_hits", Key: fmt.Sprintf("hit%d", n), Subject: subject(n), Payload: []byte(hit)}); err != nil {
					return err
				}
			}
			return c.source(ctx, yield)
		}
		both := func(cfg *publish.Config) { cfg.Tables, cfg.BatchSize = []string{"severe_hits", results}, 500 }
		if sum, err := p.publisher(both).Publish(t.Context(), april, source); err != nil || sum.Accepted != 513 {
			t.Fatalf("accepted %d: %v", sum.Accepted, err)
		}
		p.store = opstest.Open(t, place)
		if report, err := p.publisher(both).Adopt(t.Context(), april, source); err != nil || report.Adopted != 513 {
			t.Fatalf("adopted %d: %v", report.Adopted, err)
		}
		sum, err := p.publisher(both).Publish(t.Context(), april, source)
		if err != nil || sum.Unchanged != 513 || sum.Attempts != 0 {
			t.Errorf("published %+v, want nothing to send: %v", sum, err)
		}
		if report, err := p.publisher(both).Reconcile(t.Context(), april, source); err != nil || !report.Equal {
			t.Errorf("reconciled %+v: %v", report, err)
		}
	})
}
