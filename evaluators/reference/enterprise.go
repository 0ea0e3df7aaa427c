package reference

import "rongxin/internal/credit"

// An Enterprise is one credit code and all that was ever sent of it. Empty texts
// and day 0 stand for NULL.
type Enterprise struct {
	ID         string
	Registered bool   // false: a code that is in no register
	Status     string // of the registration
	Register   string // record of the registration

	Records  []Record
	Cases    []Case
	Changes  []Change
	Majeure  []Majeure
	Permits  []Permit
	Results  []Result
	National []National
	Manual   []Manual
	Other    map[string][]Fact // further tables that scorecards name, by table
	Member   map[string]bool   // further populations that scorecards name
}

// A Record can bear on an evaluation.
type Record struct {
	ID, Dataset, Category, Document, Authority, Kind, Field string
	Event, Stated, Ended, Known                             credit.Date
	Fine                                                    *int64 // fen
}

// A Case is an application for repair or an objection.
type Case struct {
	No, Kind, Status, Outcome, Document string
	Applied, Closed                     credit.Date
}

// A Change revokes or changes a decision.
type Change struct {
	No, Kind, Document string
	Decided            credit.Date
}

// A Majeure recognises force majeure.
type Majeure struct {
	No, Document, Evidence string
	HasEvidence            bool // false: NULL, not an empty text
	Recognised             credit.Date
}

// A Permit is a licence.
type Permit struct {
	ID, Certificate, Status string
	Decided, From, To       credit.Date
}

// A Result is what an authority sent of its own evaluation.
type Result struct {
	ID, Scheme, Part, Grade string
	Year                    int64
	Evaluated, ValidTo      credit.Date
}

// A National result of one batch.
type National struct {
	ID, Batch, Grade string
	Evaluated        credit.Date
}

// A Manual adjustment of the class.
type Manual struct {
	ID, Document, Approver string
	Class                  int64
	Approved, Expires      credit.Date
}

// A Fact is a row of a table that scorecards look at.
type Fact struct {
	ID      string
	Days    map[string]credit.Date
	Texts   map[string]string // "" is NULL
	Numbers map[string]*int64
}
