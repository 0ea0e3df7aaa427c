package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/sandbox"
)

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]sandbox.Faults{
		"": {},
		"refuse=10%,timeout_after_taking=5%,cut=5%,garbage=5%,slow=10%,twice=5%,down=3": {
			Refuse: .1, TimeoutAfterTaking: .05, Cut: .05, Garbage: .05, Slow: .1, Twice: .05, Down: 3},
		" cut = 2.5% , seed=7, delay=50ms,": {Cut: .025, Seed: 7, Delay: 50 * time.Millisecond},
		"refuse=100%":                       {Refuse: 1},
		"lose_receipt=1%,reject_later=0.5%,poison=^9,retry_after=2s,down=72h,ask.refuse=50%": {
			LoseReceipt: .01, RejectLater: .005, Poison: "^9", RetryAfter: 2 * time.Second, Outage: 72 * time.Hour, Ask: &sandbox.Faults{Refuse: .5}},
	} {
		got, err := sandbox.ParseFaults(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	}
}

func TestParseFaultsTellsAllThatIsWrong(t *testing.T) {
	for text, want := range map[string][]string{
		"refuse=10,explode=5%":     {`refuse: "10": want a share such as 10%`, `"explode": not a fault; there are refuse, timeout_after_taking, cut, garbage, slow, twice, lose_receipt, each also after ask., and reject_later, poison, down, delay, retry_after, seed`},
		"cut=101%":                 {`cut: "101%"`},
		"cut=-1%":                  {`cut: "-1%"`},
		"cut=NaN%":                 {`cut: "NaN%"`},
		"cut":                      {`cut: ""`},
		"cut=5%,cut=6%":            {"cut: named twice"},
		"cut=60%,slow=50%":         {"add up to 110%"},
		"down=-1":                  {"want a number of requests"},
		"down=-1h":                 {"want a number of requests"},
		"poison=(":                 {"poison: error parsing regexp"},
		"ask.cut=60%,ask.slow=50%": {"ask: the shares add up to 110%"},
		"ask.reject_later=1%":      {"not a fault"},
		"down=x,delay=1,seed=-1": {`down: "x": want a number of requests`, `delay: "1": want a duration such as 50ms`,
			`seed: "-1": want a whole number`},
	} {
		_, err := sandbox.ParseFaults(text)
		for _, part := range want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: got error %v, want %q in it", text, err, part)
			}
		}
	}
}

func FuzzParseFaults(f *testing.F) {
	for _, seed := range []string{"", "refuse=10%,down=3", "cut=33.3%,seed=18446744073709551615", "delay=1h1ns", "a=b", "=%,,="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		faults, err := sandbox.ParseFaults(text)
		if err != nil {
			return
		}
		once := faults.String()
		again, err := sandbox.ParseFaults(once)
		if err != nil || again.String() != once {
			t.Errorf("%q is written %q, which is read as %q, %v", text, once, again, err)
		}
	})
}

// Each fault at full share: what the sender sees, and how much was taken.
func TestEachFault(t *testing.T) {
	const none, some, all = "none", "some", "all"
	for fault, c := range map[string]struct {
		status int // 0 is no answer
		taken  string
	}{
		"refuse":               {503, none},
		"timeout_after_taking": {0, all},
		"cut":                  {0, some},
		"garbage":              {200, some},
		"slow":                 {200, all},
		"twice":                {200, all},
		"lose_receipt":         {0, all},
	} {
		t.Run(fault, func(t *testing.T) {
			faults, err := sandbox.ParseFaults(fault + "=100%,delay=1ms")
			if err != nil {
				t.Fatal(err)
			}
			p := start(t, sandbox.Config{Faults: faults})
			p.client.Timeout = 30 * time.Second // the disk of a busy machine is slow too
			requests := 12
			if fault == "timeout_after_taking" { // each takes until the client gives up
				p.client.Timeout, requests = 2*time.Second, 4
			}
			for i := range requests {
				status, _ := p.do("POST", "/v1/batches", strings.Repeat("k", i+1), numbered(i+1, row("I", i)))
				if status != c.status {
					t.Errorf("HTTP %d, want %d", status, c.status)
				}
			}
			p.client.Timeout = 0
			if status, _ := p.do("PUT", "/v1/faults", "", ""); status != 200 {
				t.Fatalf("faults off: HTTP %d", status)
			}
			got, s := some, p.state()
			switch s.Count {
			case 0:
				got = none
			case requests:
				got = all
			}
			if got != c.taken {
				t.Errorf("%d of %d taken, want %s", s.Count, requests, c.taken)
			}
			if repeats := p.audit().Repeats; (fault == "twice") != (repeats == requests) {
				t.Errorf("%d repeats", repeats)
			}
		})
	}
}

func TestDownComesBack(t *testing.T) {
	p := start(t, sandbox.Config{})
	if status, answer := p.do("PUT", "/v1/faults", "", "down=2"); status != 200 || !strings.Contains(answer, "down=2") {
		t.Fatalf("HTTP %d %s", status, answer)
	}
	var got []int
	for range 4 {
		status, _ := p.do("GET", "/v1/state?table=supervision_results", "", "")
		got = append(got, status)
	}
	if diff := cmp.Diff([]int{503, 503, 200, 200}, got); diff != "" {
		t.Error(diff)
	}
	if status, answer := p.do("PUT", "/v1/faults", "", "cut=5"); status != 400 || !strings.Contains(answer, "want a share") {
		t.Errorf("bad faults: HTTP %d %s, want 400 and why", status, answer)
	}
}

func TestTheSameSeedFailsTheSameWay(t *testing.T) {
	faults := sandbox.Faults{Refuse: .3, Garbage: .3, Seed: 11}
	var runs [2][]string
	for i := range runs {
		p := start(t, sandbox.Config{Faults: faults})
		for range 40 {
			_, answer := p.do("GET", "/v1/state?table=supervision_results", "", "")
			runs[i] = append(runs[i], answer)
		}
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Error(diff)
	}
}
