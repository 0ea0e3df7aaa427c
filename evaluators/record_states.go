package evaluators

import (
	"fmt"
	"strings"

	"rongxin/internal/strictyaml"
)

// recordStates are the words for why a record counts on a day or does not, and
// the kinds of penalty that are none. Which record is in which state,
// intermediate.record_states decides.
type recordStates struct {
	Rule   string `yaml:"rule"`
	Header `yaml:",inline"`
	States []struct {
		State      string `yaml:"state"`
		Title      string `yaml:"title"`
		Counts     bool   `yaml:"counts"`
		StopWithin *int64 `yaml:"stop_within"` // working days it may still be sent; absent: not looked at
		Basis      string `yaml:"basis"`
	} `yaml:"states"`
	Exemptions []struct {
		ID          string `yaml:"id"`
		PenaltyKind string `yaml:"penalty_kind"`
		Basis       string `yaml:"basis"`
	} `yaml:"exemptions"`
}

// stateNames are those that intermediate.record_states gives, in the order in
// which it asks.
var stateNames = []string{"unattached", "out_of_catalogue", "exempted", "excluded", "revoked", "withdrawn", "amended",
	"repaired", "not_yet", "ended", "expired", "in_force"}

func (r recordStates) check(doc *strictyaml.Document) {
	for i, s := range r.States {
		at := fmt.Sprintf("states[%d]", i)
		needWords(doc, at, map[string]string{"title": s.Title, "basis": s.Basis})
		if i >= len(stateNames) || s.State != stateNames[i] {
			doc.Fault(at+".state", "is %q; the states are, in this order, %s", s.State, strings.Join(stateNames, ", "))
		}
		if s.Counts != (s.State == "in_force") {
			doc.Fault(at+".counts", "is %t: in_force counts, and nothing else does", s.Counts)
		}
		if s.StopWithin != nil && *s.StopWithin < 0 {
			doc.Fault(at+".stop_within", "is below 0 working days")
		}
	}
	if len(r.States) < len(stateNames) {
		doc.Fault("states", "lacks %s", strings.Join(stateNames[len(r.States):], ", "))
	}
	var kinds []string
	for i, e := range r.Exemptions {
		at := fmt.Sprintf("exemptions[%d]", i)
		needID(doc, at, e.ID, e.Basis)
		needWords(doc, at, map[string]string{"penalty_kind": e.PenaltyKind})
		kinds = once(doc, at+".penalty_kind", e.PenaltyKind, kinds)
	}
	if !doc.Has("exemptions") {
		doc.Fault("exemptions", "is missing: the kinds of penalty that are none, [] for none")
	}
}
