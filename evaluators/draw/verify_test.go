package draw_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators/draw"
)

func example(t testing.TB) (draw.Roster, draw.Result) {
	t.Helper()
	var list []draw.Candidate
	for i := range 12 {
		list = append(list, candidate(i, "350102", 1, 2500), candidate(100+i, "350103", 4, 10000))
	}
	r := plan(t, list)
	return r, drawn(t, r, seed)
}

func TestVerifyNamesTheRow(t *testing.T) {
	_, result := example(t)
	id := func(i int) string { return result.Drawn[i].SubjectID }
	tests := []struct {
		name string
		edit func(rows []draw.Drawn) []draw.Drawn
		want string
	}{
		{"dropped in the middle", func(r []draw.Drawn) []draw.Drawn { return slices.Delete(r, 4, 5) }, "row 5: " + id(4) + " is missing"},
		{"dropped at the end", func(r []draw.Drawn) []draw.Drawn { return r[:len(r)-1] }, "row 15: " + id(14) + " is missing"},
		{"added in the middle", func(r []draw.Drawn) []draw.Drawn {
			return slices.Insert(r, 2, draw.Drawn{SubjectID: "91350102MA99999999"})
		}, "row 3: 91350102MA99999999 was added"},
		{"added at the end", func(r []draw.Drawn) []draw.Drawn { return append(r, r[0]) }, "row 16: " + id(0) + " was added"},
		{"replaced", func(r []draw.Drawn) []draw.Drawn { r[1].SubjectID = "91350102MA99999999"; return r }, "row 2: 91350102MA99999999 stands in the place of " + id(1)},
		{"altered", func(r []draw.Drawn) []draw.Drawn { r[1].SubjectName = "他人"; return r }, "row 2: " + id(1) + " was altered"},
		{"swapped", func(r []draw.Drawn) []draw.Drawn { r[0], r[1] = r[1], r[0]; return r }, "row 1: " + id(1) + " is out of order"},
		{"all dropped", func([]draw.Drawn) []draw.Drawn { return nil }, "row 1: " + id(0) + " is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			roster, result := example(t)
			result.Drawn = tt.edit(result.Drawn)
			if err := draw.Verify(result, roster, seed); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Verify = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestVerifyNeedsTheSeed(t *testing.T) {
	roster, result := example(t)
	if err := draw.Verify(result, roster, "1635241362514337"); err == nil {
		t.Error("Verify with another seed finds nothing")
	}
}

// Whichever byte of a published file is changed, Verify finds it, unless the
// file is no longer JSON or says the same in another spelling.
func TestAnyByte(t *testing.T) {
	roster, result := example(t)
	trials := 0
	everyByte(t, roster, func(altered draw.Roster) {
		trials++
		if draw.Verify(result, altered, seed) == nil {
			t.Fatalf("roster altered unseen: %+v", altered)
		}
	})
	everyByte(t, result, func(altered draw.Result) {
		trials++
		if draw.Verify(altered, roster, seed) == nil {
			t.Fatalf("result altered unseen: %+v", altered)
		}
	})
	if trials < 1000 {
		t.Errorf("only %d trials", trials)
	}
}

// everyByte changes each byte of a value's JSON in turn.
func everyByte[T any](t *testing.T, value T, try func(altered T)) {
	t.Helper()
	file, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		var altered T
		if json.Unmarshal(changed, &altered) == nil && !reflect.DeepEqual(value, altered) {
			try(altered)
		}
	}
}

// A roster that is not as Plan makes it is not drawn from, whatever its digest.
func TestDrawChecksTheRoster(t *testing.T) {
	edits := map[string]func(*draw.Roster){
		"order":         func(r *draw.Roster) { r.Candidates[0], r.Candidates[1] = r.Candidates[1], r.Candidates[0] },
		"quota":         func(r *draw.Roster) { r.Strata[0].Quota++ },
		"stratum gone":  func(r *draw.Roster) { r.Strata = r.Strata[:1] },
		"stratum added": func(r *draw.Roster) { r.Strata = append(r.Strata, draw.Stratum{Class: 5, Quota: 1}) },
		"algorithm":     func(r *draw.Roster) { r.Algorithm = "rongxin-draw-0" },
	}
	for name, edit := range edits {
		roster, _ := example(t)
		edit(&roster)
		if _, err := draw.Draw(roster, seed); err == nil {
			t.Errorf("%s: drawn", name)
		}
	}
}
