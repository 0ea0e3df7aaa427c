package publish_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
)

func TestReconcileNamesTheKeyAndTheCause(t *testing.T) {
	for name, c := range map[string]struct {
		records int // 20 by default
		damage  string
		change  func(city)
		want    []publish.Break
	}{
		"altered": {damage: fmt.Sprintf(`update records set payload = replace(payload, '"supervision_class":4', '"supervision_class":1') where key = '%s'`, key(7)),
			want: []publish.Break{{Key: key(7), Cause: publish.ContentDiffers}}},
		"missing, on the second page": {records: 1100, damage: fmt.Sprintf(`delete from records where key = '%s'`, key(1070)),
			want: []publish.Break{{Key: key(1070), Cause: publish.MissingThere}}},
		"extra": {damage: `insert into records values ('supervision_results', 'zzz', '', '{}', '')`,
			want: []publish.Break{{Key: "zzz", Cause: publish.ExtraThere}}},
		"two swapped": {damage: fmt.Sprintf(`update records set key = 'x' where key = '%[1]s';
				update records set key = '%[1]s' where key = '%[2]s'; update records set key = '%[2]s' where key = 'x'`, key(1), key(2)),
			want: []publish.Break{{Key: key(1), Cause: publish.ContentDiffers}, {Key: key(2), Cause: publish.ContentDiffers}}},
		"not yet sent": {change: func(c city) { delete(c, 0); c[5]++; c[9999] = 1 },
			want: []publish.Break{{Key: key(0), Cause: publish.NotYetSent}, {Key: key(5), Cause: publish.NotYetSent}, {Key: key(9999), Cause: publish.NotYetSent}}},
		"withdrawn here and gone there": {damage: fmt.Sprintf(`delete from records where key = '%s'`, key(3)), change: func(c city) { delete(c, 3) },
			want: []publish.Break{{Key: key(3), Cause: publish.Unrecorded}}},
		"all gone": {damage: `delete from records where key <> '` + key(0) + `'`, change: func(c city) {
			for n := range c {
				if n > 1 {
					delete(c, n)
				}
			}
		}, want: nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, sandbox.Config{})
			big := func(c *publish.Config) { c.BatchSize, c.MaxBreaks = 1000, 10 }
			cities := newCity(cmp.Or(c.records, 20))
			if _, err := p.publisher(big).Publish(t.Context(), april, cities.source); err != nil {
				t.Fatal(err)
			}
			if c.damage != "" {
				p.tamper(c.damage)
			}
			if c.change != nil {
				c.change(cities)
			}
			report, err := p.publisher(big).Reconcile(t.Context(), april, cities.source)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == nil { // more than are listed
				if report.Differ != 19 || len(report.Breaks) != 10 || report.Causes[publish.Unrecorded] != 18 {
					t.Errorf("%+v", report)
				}
				return
			}
			onlyCause := cmpopts.IgnoreFields(publish.Break{}, "Table", "Title", "Published", "Acknowledged", "Received", "Since", "Batch", "Mend", "MendEnglish")
			if diff := gocmp.Diff(c.want, report.Breaks, onlyCause); diff != "" || report.Equal || report.Differ != len(c.want) {
				t.Errorf("%s\n%+v", diff, report)
			}
		})
	}
}

// What was taken but whose receipt got lost is told from what was not sent.
func TestReconcileFindsALostReceipt(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	p.faults("timeout_after_taking=100%")
	p.rest.Timeout = 100e6
	hasty := p.publisher(func(c *publish.Config) { c.MaxAttempts = 1 })
	p.rest.Timeout = 0
	if _, err := hasty.Publish(t.Context(), april, newCity(15).source); !errors.Is(err, publish.ErrTemporary) {
		t.Fatalf("got %v, want ErrTemporary", err)
	}
	p.faults("")
	report := p.reconcile(newCity(15))
	want := map[publish.Cause]int{publish.ReceiptMissing: 10, publish.InFlight: 5}
	if diff := gocmp.Diff(want, report.Causes); diff != "" || report.Open != 2 {
		t.Errorf("%s, %d batches open", diff, report.Open)
	}
	p.publish(newCity(15))
	p.holds(newCity(15))
}

func TestReconcileSurvivesFaults(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	p.publish(newCity(30))
	p.tamper(`delete from records where key = '` + key(4) + `'`)
	p.faults("refuse=20%,cut=20%,garbage=20%,seed=3")
	for range 5 {
		report, err := p.publisher(func(c *publish.Config) { c.MaxAttempts = 40 }).Reconcile(t.Context(), april, newCity(30).source)
		if err != nil || report.Differ != 1 || report.Tables[0].Unexplained {
			t.Errorf("%+v %v, want the one missing", report, err)
		}
	}
	p.faults("down=100")
	if _, err := p.publisher(nil).Reconcile(t.Context(), april, newCity(30).source); !errors.Is(err, publish.ErrTemporary) {
		t.Errorf("platform down: %v, want ErrTemporary", err)
	}
}

func TestStateIsTheDocumentedOne(t *testing.T) {
	var s publish.State
	if s.Digest() != fmt.Sprintf("%064d", 0) {
		t.Errorf("empty: %s", s.Digest())
	}
	s.Add("a", "1")
	const one = "4f395a2e9ea1c0680348d384135458270e9e6f5af3576151fec246b7b6de98e6" // printf 'a\n1' | sha256sum
	if s.Digest() != one || s.Count != 1 {
		t.Errorf("one record: %s, want %s", s.Digest(), one)
	}
}

// The order of records never matters; changing one always shows.
func TestStateStandsForTheSet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := rapid.MapOfN(rapid.String(), rapid.StringMatching(`[0-9a-f]{4}`), 1, 20).Draw(rt, "records")
		var keys []string
		for k := range records {
			keys = append(keys, k)
		}
		other := rapid.Permutation(keys).Draw(rt, "order")
		var a, b, c publish.State
		for i := range keys {
			a.Add(keys[i], records[keys[i]])
			b.Add(other[i], records[other[i]])
			if i > 0 {
				c.Add(keys[i], records[keys[i]])
			}
		}
		if a != b {
			rt.Errorf("order matters: %s, %s", a.Digest(), b.Digest())
		}
		c.Add(keys[0], records[keys[0]]+"x")
		if a.Count != c.Count || a.Digest() == c.Digest() {
			rt.Errorf("a changed record does not show")
		}
	})
}

// A receiver that tells the state of a range of keys is asked for ranges, one that
// does not is read.
func TestReconcileByRanges(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	big := func(c *publish.Config) { c.BatchSize = 1000 }
	cities := newCity(3500)
	if _, err := p.publisher(big).Publish(t.Context(), april, cities.source); err != nil {
		t.Fatal(err)
	}
	p.tamper(`delete from records where key = '` + key(2345) + `'`)
	p.tamper(`insert into records values ('supervision_results', '` + key(9999) + `', '', '{}', '')`) // behind the last
	asked := map[string]int{}
	sandbox := p.url
	for name, c := range map[string]struct {
		knows bool
		most  int // pages
	}{"ranges": {true, 4}, "no ranges": {false, 5}} {
		clear(asked)
		p.url = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked[r.URL.Path]++
			if r.FormValue("after") != "" && r.URL.Path == "/v1/state" && !c.knows {
				r.URL.RawQuery = "table=" + r.FormValue("table")
			}
			answer, err := http.Get(sandbox + r.URL.RequestURI())
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			defer answer.Body.Close()
			io.Copy(w, answer.Body) // what is cut short is no answer, and asked for again
		}))
		report, err := p.publisher(big).Reconcile(t.Context(), april, cities.source)
		if err != nil || report.Differ != 2 || report.Breaks[0].Key != key(2345) || report.Breaks[1].Key != key(9999) {
			t.Fatalf("%s: %+v %v", name, report, err)
		}
		if asked["/v1/records"] > c.most || asked["/v1/records"] == 0 {
			t.Errorf("%s: asked for %v", name, asked)
		}
	}
}
