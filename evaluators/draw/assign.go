package draw

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// AssignAlgorithm names how inspectors are drawn. It changes whenever a team would.
//
// Pool. Of an object are the inspectors of the department in its division, and
// those of the city (division dddd00) and the province (dd0000). One who has a
// conflict with the object is withdrawn.
//
// Order. Objects are served by their keys for the purpose "object", ascending. An
// inspector with t turns so far stands before everybody with more turns, and
// among those with as many by the key for the purpose "inspector" of the text
// inspector_id │ t, t as a number.
//
// Team. For each needed qualification, byte by byte, that nobody in the team
// holds yet, the first of the pool who holds it; then the first ones until the
// team is as large as the rule says. Each takes a turn. A pool that cannot give
// the whole team gives nobody.
//
// Spares. Likewise, with turns of their own and the purpose "spare", of those not
// in the team who hold every needed qualification.
const AssignAlgorithm = "rongxin-assign-1"

// The roles of an inspector, which are also the purposes of their keys.
const (
	InspectorRole = "inspector"
	SpareRole     = "spare"
	objectPurpose = "object"
)

// An Inspector may be drawn. The ID is the number of the card, which is public.
type Inspector struct {
	ID             string
	Division       string   // six digits; dddd00 is the whole city, dd0000 the province
	Qualifications []string // sorted
}

// A Conflict keeps an inspector away from an object.
type Conflict struct {
	InspectorID, SubjectID string
	Code, Reason           string
}

// A Need is what each object needs.
type Need struct {
	PerObject      int      `json:"per_object"`
	Spares         int      `json:"spares"`
	Qualifications []string `json:"qualifications"` // each held by one of the team at least; sorted
}

// A Member is an inspector drawn for an object.
type Member struct {
	Role        string
	Place       int // within the role, from 1
	InspectorID string
	Key         string // the hash that gave the place, 64 hexadecimal digits
}

// A Shortage is what an object needs and nobody can give.
type Shortage struct {
	Role          string
	Wanted, Found int
	Reason        string // in Chinese
}

// A Team is what is drawn for one object. Either it is whole or a shortage says
// why not.
type Team struct {
	Candidate
	Members   []Member
	Shortages []Shortage
}

// Assign draws the inspectors of each object. The team of each is yielded in the
// order in which objects are served. All faults of the libraries come at once.
func Assign(objects []Candidate, inspectors []Inspector, conflicts []Conflict, need Need, g Generator) (iter.Seq[Team], error) {
	if err := errors.Join(CheckSeed(g.Seed), need.check(), checkInspectors(inspectors), checkConflicts(conflicts)); err != nil {
		return nil, err
	}
	served := make([]keyed, len(objects))
	for i, c := range objects {
		if err := c.check(); err != nil {
			return nil, err
		}
		if len(c.Division) != 6 {
			return nil, fmt.Errorf("%s: division_code %q is not six digits", c.SubjectID, c.Division)
		}
		served[i] = keyed{g.Key(objectPurpose, c.SubjectID), c}
	}
	slices.SortFunc(served, keyed.compare)
	withdrawn := map[string][]Conflict{} // by subject
	for _, c := range conflicts {
		withdrawn[c.SubjectID] = append(withdrawn[c.SubjectID], c)
	}
	return func(yield func(Team) bool) {
		hall := newHall(inspectors, g)
		whole := map[string]bool{} // divisions whose pool gives every team when nobody is withdrawn
		for _, object := range served {
			team := Team{Candidate: object.Candidate}
			t := table{hall.decks(object.Division), withdrawn[object.SubjectID], need}
			if len(t.withdrawn) > 0 || !whole[object.Division] {
				if short := t.short(); short != nil {
					team.Shortages = []Shortage{*short}
				} else if len(t.withdrawn) == 0 {
					whole[object.Division] = true
				}
			}
			if len(team.Shortages) == 0 {
				t.fill(&team)
			}
			if !yield(team) {
				return
			}
		}
	}, nil
}

func (n Need) check() error {
	var faults []error
	if n.PerObject < 1 || n.Spares < 0 {
		faults = append(faults, fmt.Errorf("wants %d inspectors and %d spares for each object: at least 1 and 0", n.PerObject, n.Spares))
	}
	if !sortedSet(n.Qualifications) {
		faults = append(faults, fmt.Errorf("needed qualifications %q are not sorted, stand twice or are empty", n.Qualifications))
	}
	return errors.Join(faults...)
}

func checkInspectors(list []Inspector) error {
	var faults []error
	seen := map[string]bool{}
	for i, one := range list {
		switch {
		case one.ID == "" || !plain(one.ID):
			faults = append(faults, fmt.Errorf("inspector %d: the number %q is empty or has control characters", i+1, one.ID))
		case seen[one.ID]:
			faults = append(faults, fmt.Errorf("inspector %d: %s stands twice", i+1, one.ID))
		case len(one.Division) != 6 || !plain(one.Division):
			faults = append(faults, fmt.Errorf("inspector %s: division %q is not six digits", one.ID, one.Division))
		case !sortedSet(one.Qualifications):
			faults = append(faults, fmt.Errorf("inspector %s: qualifications %q are not sorted, stand twice or are empty", one.ID, one.Qualifications))
		}
		seen[one.ID] = true
	}
	return errors.Join(faults...)
}

func checkConflicts(list []Conflict) error {
	var faults []error
	for i, c := range list {
		if c.InspectorID == "" || c.SubjectID == "" || c.Code == "" || c.Reason == "" {
			faults = append(faults, fmt.Errorf("conflict %d: %+v: a field is empty", i+1, c))
		}
	}
	return errors.Join(faults...)
}

func sortedSet(list []string) bool {
	for i, s := range list {
		if s == "" || strings.Contains(s, separator) || !plain(s) || i > 0 && list[i-1] >= s {
			return false
		}
	}
	return true
}
