package drop_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
)

// members of a note, as a platform writes it.
type members map[string]any

// answers begins an answer to a batch.
func answers(kind string, m publish.Message, more members) members {
	note := members{"kind": kind, "format": 1, "receiver": receiver, "batch": m.Number, "table": m.Table, "key": m.Key}
	for name, value := range more {
		note[name] = value
	}
	return note
}

// note is the text of a note with the code that is agreed.
func (p platform) note(m members) string {
	p.t.Helper()
	line, err := json.Marshal(m)
	p.must(err)
	text := string(line) + "\n"
	if p.macKey != nil {
		mac := hmac.New(sm3.New, p.macKey)
		mac.Write(line)
		text += fmt.Sprintf(`{"hmac-sm3":%q}`, base64.StdEncoding.EncodeToString(mac.Sum(nil))) + "\n"
	}
	return text
}

// put writes a file into return, at a time before now.
func (p platform) put(name, text string, age time.Duration) {
	p.t.Helper()
	path := filepath.Join(p.ret, name)
	p.must(os.WriteFile(path, []byte(text), 0o644))
	p.must(os.Chtimes(path, time.Time{}, now.Add(-age)))
}

// collect reads everything that there is, as a publisher does that keeps the
// cursor with the notices.
func collect(t *testing.T, d publish.Transport, cursor *string) (all []publish.Notice) {
	t.Helper()
	for {
		notices, next, more, err := d.Collect(t.Context(), *cursor)
		if err != nil {
			t.Fatal(err)
		}
		all, *cursor = append(all, notices...), next
		if !more {
			return all
		}
	}
}

// said is a notice without what it is verbatim.
func said(notices []publish.Notice) (said []string) {
	for _, n := range notices {
		said = append(said, strings.TrimSpace(fmt.Sprint(n.Number, " ", n.Outcome, " ", n.ReceiptID, " ", n.Rejected, " ", n.Code)))
	}
	return said
}

func TestReceiptsAndFeedbackComeOnce(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{MAC: "hmac-sm3"})
	b1, b2, b3 := message(1, row("I", "k", "{}")), message(2, row("I", "k", "{}")), message(3, row("I", "k", "{}"))
	rejected := []members{{"cd_id": "k", "code": "LENGTH", "message": "too long"}}
	f.put("any-name_1.receipt.json", f.note(answers("receipt", b1, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}, "more": "of theirs"})), 0)
	f.put("z.receipt.json", f.note(answers("receipt", b2, members{"receipt_id": "R2", "code": "DIGEST", "message": "another digest"})), 0)
	f.put("z.feedback.json", f.note(answers("feedback", b1, members{"feedback_id": "F1", "serial": 1, "processed": 0, "rejected": rejected})), 0)
	f.put("readme.txt", "not ours", 0)
	f.put("half.receipt.json.part", "{", 0)

	cursor := ""
	want := []string{"2026040100001 accepted R1 []", "2026040100002 refused R2 [] DIGEST", "2026040100001 processed F1 [{k LENGTH too long}]"}
	first, next, _, err := f.Collect(t.Context(), cursor)
	f.must(err)
	if diff := cmp.Diff(want, said(first)); diff != "" {
		t.Errorf("notices:\n%s", diff)
	}
	for _, n := range first {
		if n.Key != b1.Key && n.Key != b2.Key || !strings.HasPrefix(string(n.Receipt), "{") || strings.Contains(string(n.Receipt), "\n") {
			t.Errorf("notice %+v", n)
		}
	}
	// Whoever died before it kept the cursor is told again.
	if diff := cmp.Diff(want, said(collect(t, f, &cursor))); diff != "" {
		t.Errorf("told again:\n%s", diff)
	}
	if len(collect(t, f, &next)) > 0 {
		t.Error("told a third time, after the cursor was kept")
	}
	// Late, and a receipt that comes twice.
	f.put("late.receipt.json", f.note(answers("receipt", b3, members{"receipt_id": "R3", "accepted": 1, "rejected": []members{}})), 0)
	f.put("again.receipt.json", f.note(answers("receipt", b1, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}, "more": "of theirs"})), 0)
	f.put("later.feedback.json", f.note(answers("feedback", b1, members{"feedback_id": "F2", "serial": 2, "processed": 1, "rejected": []members{}})), 0)
	want = []string{"2026040100001 accepted R1 []", "2026040100003 accepted R3 []", "2026040100001 processed F2 []"}
	if diff := cmp.Diff(want, said(collect(t, f, &cursor))); diff != "" {
		t.Errorf("later:\n%s", diff)
	}
	collect(t, f, &cursor)
	left := content(t, f.ret)
	for _, name := range []string{"readme.txt", "half.receipt.json.part", "taken/" + name(b1, "receipt.json"), "taken/" + name(b1, "1.feedback.json"),
		"taken/" + name(b1, "2.feedback.json"), "taken/" + name(b2, "receipt.json"), "taken/" + name(b3, "receipt.json")} {
		if _, is := left[name]; !is {
			t.Errorf("%s is not there", name)
		}
		delete(left, name)
	}
	if len(left) > 0 {
		t.Errorf("besides there is %v", left)
	}
}

func TestWhatIsNoAnswerIsSetAsideWithTheReason(t *testing.T) {
	b := message(1, row("I", "k", "{}"))
	receipt := func(more members) members {
		note := answers("receipt", b, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}})
		for name, value := range more {
			if note[name] = value; value == nil {
				delete(note, name)
			}
		}
		return note
	}
	feedback := answers("feedback", b, members{"feedback_id": "F1", "processed": 1, "rejected": []members{}})
	cases := map[string]struct {
		name, text, want string
	}{
		"garbage":               {"x.receipt.json", "<html>502</html>\n", "no JSON object"},
		"empty and old":         {"x.receipt.json", "", "the end is missing"},
		"another's":             {"x.receipt.json", noted(receipt(members{"receiver": "other"})), `receiver is "other", want "city_platform"`},
		"another kind":          {"x.receipt.json", noted(feedback), `kind is "feedback"`},
		"another format":        {"x.receipt.json", noted(receipt(members{"format": 2})), "format is 2, want 1"},
		"no key":                {"x.receipt.json", noted(receipt(members{"key": "12"})), "want 64 hex digits"},
		"a path":                {"x.receipt.json", noted(receipt(members{"table": "../../etc"})), "table is"},
		"no count":              {"x.receipt.json", noted(receipt(members{"accepted": nil})), "does not say how many"},
		"negative":              {"x.receipt.json", noted(receipt(members{"accepted": -1})), "does not say how many"},
		"a code and records":    {"x.receipt.json", noted(receipt(members{"code": "X"})), "refused as a whole, and yet"},
		"no id":                 {"x.receipt.json", noted(receipt(members{"receipt_id": ""})), "receipt_id: want"},
		"feedback at once":      {"x.receipt.json", noted(receipt(members{"processed": 1})), "at once"},
		"rejected twice":        {"x.receipt.json", noted(receipt(members{"rejected": []members{{"cd_id": "a", "code": "X"}, {"cd_id": "a", "code": "X"}}})), "rejected[1]: want a cd_id"},
		"rejected without code": {"x.receipt.json", noted(receipt(members{"rejected": []members{{"cd_id": "a"}}})), "rejected[0]: code"},
		"a member twice":        {"x.receipt.json", `{"kind":"receipt","kind":"receipt"}` + "\n", `member "kind": want each name once`},
		"two objects":           {"x.receipt.json", `{"kind":"receipt"} {}` + "\n", "something follows"},
		"no serial":             {"x.feedback.json", noted(feedback), "serial is 0"},
		"too large":             {"x.receipt.json", strings.Repeat(" ", 17<<20), "larger"},
	}
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			f := setUp(t, drop.Format{}, signing.Settings{})
			f.put(c.name, c.text, time.Hour)
			cursor := ""
			if notices := collect(t, f, &cursor); len(notices) > 0 {
				t.Errorf("it was taken: %v", said(notices))
			}
			aside := glob(t, filepath.Join(f.ret, "aside"), "*.reason.txt")
			if len(aside) != 1 {
				t.Fatalf("%d reasons are there", len(aside))
			}
			reason, err := os.ReadFile(aside[0])
			f.must(err)
			kept, err := os.ReadFile(strings.TrimSuffix(aside[0], ".reason.txt"))
			f.must(err)
			if !strings.Contains(string(reason), c.want) || string(kept) != c.text || !strings.Contains(f.log.String(), c.name) {
				t.Errorf("reason %q, want %q; log %s", reason, c.want, f.log)
			}
		})
	}
}

func noted(m members) string {
	line, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

func TestANoteUnderAnotherKeyIsSetAside(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{MAC: "hmac-sm3"})
	b := message(1, row("I", "k", "{}"))
	forger := f.platform
	forger.macKey = []byte("guessed, and guessed wrong")
	f.put("x.receipt.json", forger.note(answers("receipt", b, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}})), 0)
	f.put("y.receipt.json", noted(answers("receipt", b, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}})), time.Hour)
	cursor := ""
	if notices := collect(t, f, &cursor); len(notices) > 0 {
		t.Errorf("taken: %v", said(notices))
	}
	if aside := glob(t, filepath.Join(f.ret, "aside"), "*.receipt.json"); len(aside) != 2 {
		t.Errorf("%d are set aside", len(aside))
	}
}

func TestANoteThatIsBeingWrittenIsLeftAlone(t *testing.T) {
	for name, s := range map[string]signing.Settings{"without a key": {}, "with a key": {MAC: "hmac-sm3"}} {
		t.Run(name, func(t *testing.T) {
			f := setUp(t, drop.Format{}, s)
			b := message(1, row("I", "k", "{}"))
			text := f.note(answers("receipt", b, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}}))
			cursor := ""
			end := len(text) - 2 // a first line without its end is whole when no second is agreed
			for at := 0; at < end; at += 7 {
				f.put("x.receipt.json", text[:at], time.Minute)
				if notices := collect(t, f, &cursor); len(notices) > 0 || len(content(t, f.ret)) != 1 {
					t.Fatalf("%d bytes of %d: %v, %v", at, len(text), said(notices), content(t, f.ret))
				}
			}
			f.put("x.receipt.json", text, 0)
			if notices := collect(t, f, &cursor); len(notices) != 1 {
				t.Errorf("whole, and still not taken")
			}
		})
	}
}

func TestAnswersThatContradictAreSetAside(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	b := message(1, row("I", "k", "{}"))
	write := func(name, id string) {
		f.put(name, f.note(answers("receipt", b, members{"receipt_id": id, "accepted": 1, "rejected": []members{}})), 0)
	}
	cursor := ""
	write("a.receipt.json", "R1")
	write("b.receipt.json", "R2") // at the same time
	if diff := cmp.Diff([]string{"2026040100001 accepted R1 []"}, said(collect(t, f, &cursor))); diff != "" {
		t.Error(diff)
	}
	write("c.receipt.json", "R3") // when the first has been taken
	if notices := collect(t, f, &cursor); len(notices) > 0 {
		t.Errorf("taken: %v", said(notices))
	}
	if aside := glob(t, filepath.Join(f.ret, "aside"), "*.receipt.json"); len(aside) != 2 {
		t.Errorf("%d are set aside", len(aside))
	}
	reasons := glob(t, filepath.Join(f.ret, "aside"), "*.reason.txt")
	reason, err := os.ReadFile(reasons[0])
	f.must(err)
	if want := "it contradicts the receipt that was taken before as taken/" + name(b, "receipt.json"); !strings.Contains(string(reason), want) {
		t.Errorf("reason %q, want %q", reason, want)
	}
}

// That the files of a replaced publisher were turned away is no word on the batch,
// which its successor hands over again, and no receipt that another contradicts.
func TestABatchThatWasFencedStaysOpen(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	b := message(1, row("I", "k", "{}"))
	cursor := ""
	f.put("a.receipt.json", f.note(answers("receipt", b, members{"receipt_id": "X1", "code": "FENCED", "message": "已失效"})), 0)
	if notices := collect(t, f, &cursor); len(notices) > 0 {
		t.Errorf("taken: %v", said(notices))
	}
	f.put("b.receipt.json", f.note(answers("receipt", b, members{"receipt_id": "R1", "accepted": 1, "rejected": []members{}})), 0)
	if diff := cmp.Diff([]string{"2026040100001 accepted R1 []"}, said(collect(t, f, &cursor))); diff != "" {
		t.Error(diff)
	}
}

func TestManyAnswersComeInPieces(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	for i := range 250 {
		f.put(fmt.Sprintf("%d.receipt.json", i), f.note(answers("receipt", message(i, row("I", "k", "{}")), members{"receipt_id": "R", "accepted": 1, "rejected": []members{}})), 0)
	}
	cursor, seen := "", map[string]bool{}
	for _, n := range collect(t, f, &cursor) {
		seen[n.Number] = true
	}
	if len(seen) != 250 {
		t.Errorf("%d of 250 came", len(seen))
	}
}

// state writes what the platform holds of a table.
func (p platform) state(table string, keys []publish.HeldRecord, spoil func(note members, list *string)) {
	p.t.Helper()
	var list bytes.Buffer
	for _, k := range keys {
		fmt.Fprintf(&list, "%s %s\n", k.Digest, k.Key)
	}
	sum := sha256.Sum256(list.Bytes())
	note := members{"kind": "state", "format": 1, "receiver": receiver, "table": table, "at": "2026-04-01 03:00:00", "count": len(keys),
		"state_digest": strings.Repeat("ab", 32), "keys": members{"name": table + "-1.keys", "bytes": list.Len(), "sha256": hex.EncodeToString(sum[:])}}
	text := list.String()
	spoil(note, &text)
	p.put(table+"-1.keys", text, 0)
	p.put(table+".state.json", p.note(note), 0)
}

func TestTheStateIsRead(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{MAC: "hmac-sm3"})
	if _, err := f.Holdings(t.Context(), "measures"); !errors.Is(err, publish.ErrCannotAsk) {
		t.Errorf("without a state: %v", err)
	}
	var want []publish.HeldRecord
	for i := range 20_000 {
		want = append(want, publish.HeldRecord{Key: fmt.Sprintf("%06d/公示/%s", 3*i, strings.Repeat("x", i%90)), Digest: fmt.Sprintf("%064x", i)})
	}
	f.state("measures", want, func(members, *string) {})
	got, err := f.Holdings(t.Context(), "measures")
	f.must(err)
	if got.Count != 20_000 || got.Digest != strings.Repeat("ab", 32) || !got.At.Equal(time.Date(2026, 3, 31, 19, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
	var all []publish.HeldRecord
	for after, more := "", true; more; {
		var page []publish.HeldRecord
		page, more, err = f.Held(t.Context(), "measures", after, 999)
		f.must(err)
		if all = append(all, page...); len(page) > 0 {
			after = page[len(page)-1].Key
		}
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("%d keys, want %d", len(all), len(want))
	}
	for _, after := range []string{"0", "030000", "030001", "059997/公示/", "06"} { // also between keys
		page, _, err := f.Held(t.Context(), "measures", after, 1)
		f.must(err)
		next := ""
		for _, k := range want {
			if k.Key > after {
				next = k.Key
				break
			}
		}
		if got := append(page, publish.HeldRecord{})[0].Key; got != next {
			t.Errorf("after %s comes %q, want %q", after, got, next)
		}
	}
}

func TestAStateThatCannotBeTrustedIsAnError(t *testing.T) {
	keys := []publish.HeldRecord{{Key: "a", Digest: strings.Repeat("0", 64)}, {Key: "b", Digest: strings.Repeat("1", 64)}}
	resign := func(note members, list string) {
		sum := sha256.Sum256([]byte(list))
		note["keys"] = members{"name": "measures-1.keys", "bytes": len(list), "sha256": hex.EncodeToString(sum[:])}
	}
	cases := map[string]struct {
		spoil func(note members, list *string)
		want  string
	}{
		"one altered digit":   {func(_ members, list *string) { *list = "1" + (*list)[1:] }, "its state says"},
		"cut":                 {func(_ members, list *string) { *list = (*list)[:70] }, "70 bytes, its state says 134"},
		"not in order":        {func(n members, list *string) { *list = (*list)[67:] + (*list)[:67]; resign(n, *list) }, "want ascending keys"},
		"not lines":           {func(n members, list *string) { *list = "hello\n"; resign(n, *list) }, "byte 0: want a line"},
		"a line without end":  {func(n members, list *string) { *list = strings.Repeat("a", 3000); resign(n, *list) }, "byte 0: want a line"},
		"of another table":    {func(n members, _ *string) { n["table"] = "other" }, "want measures"},
		"no time":             {func(n members, _ *string) { n["at"] = "yesterday" }, "want a time"},
		"no digest":           {func(n members, _ *string) { delete(n, "state_digest") }, "state_digest"},
		"no count":            {func(n members, _ *string) { delete(n, "count") }, "count is missing"},
		"a list out of reach": {func(n members, _ *string) { n["keys"].(members)["name"] = "../../x.keys" }, "letters, digits"},
	}
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			f := setUp(t, drop.Format{}, signing.Settings{})
			f.state("measures", keys, c.spoil)
			_, _, err := f.Held(t.Context(), "measures", "", 10)
			if err == nil || !errors.Is(err, publish.ErrTemporary) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "measures") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
