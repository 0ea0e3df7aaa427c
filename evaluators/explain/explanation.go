package explain

import (
	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// An Explanation is everything that bears on one subject in one run. Its JSON
// has every key always: null for a value that does not exist, [] for an empty
// list, "" for a text that does not exist. Days are 2006-01-02, points
// thousandths of a point, ratios hundredths of a percent, amounts fen.
type Explanation struct {
	Run        Evidence     `json:"run"`
	Subject    Identity     `json:"subject"`
	Outcome    Outcome      `json:"outcome"`
	Public     PublicResult `json:"public"`
	Matrix     []MatrixCell `json:"matrix"` // of the overlay, by which public grade and industry level were crossed
	Schemes    []Scheme     `json:"schemes"`
	Scorecards []Scorecard  `json:"scorecards"`
	Unscored   []Record     `json:"unscored"`    // count on the day, but no scorecard looks at them
	NotCounted []Record     `json:"not_counted"` // with state, day and case
	Changes    Changes      `json:"changes"`
	Steps      Steps        `json:"steps"`
	// Every visit known, the newest first. Those that found a problem are records too.
	Inspections []Inspection `json:"inspections"`
}

// Evidence names the run and the rules it judged by.
type Evidence struct {
	RunID    string       `json:"run_id"`
	AsOf     string       `json:"as_of"`
	RuleSet  string       `json:"rule_set"`
	Previous string       `json:"previous"`
	Engine   string       `json:"engine"`
	Rules    []run.Source `json:"rules"`
}

// Identity is who is explained.
type Identity struct {
	SubjectID          string        `json:"subject_id"`
	SubjectIDStatus    string        `json:"subject_id_status"` // valid or suspect
	SubjectName        string        `json:"subject_name"`
	NamesSeen          int64         `json:"names_seen"` // more than one: the register gives the code to several names
	EarlierNames       []EarlierName `json:"earlier_names"`
	EntityType         string        `json:"entity_type"`
	EstablishedOn      *credit.Date  `json:"established_on"`
	DivisionCode       string        `json:"division_code"`
	DivisionName       string        `json:"division_name"`
	IndustryCode       string        `json:"industry_code"`
	IndustryName       string        `json:"industry_name"`
	RegistrationStatus string        `json:"registration_status"`
	Source             Source        `json:"source"`
}

// EarlierName is a name that a snapshot of the register gave to the code.
type EarlierName struct {
	SubjectName string       `json:"subject_name"`
	KnownFrom   *credit.Date `json:"known_from"`
	KnownTo     *credit.Date `json:"known_to"`
}

// Source is where a record stands in what the department sent.
type Source struct {
	Dataset     string `json:"dataset"`
	Department  string `json:"department"`
	BatchID     string `json:"batch_id"`
	ExtractName string `json:"extract_name"`
	Line        int64  `json:"line"`
}

// Outcome is the subject's place in the overall list.
type Outcome struct {
	SupervisionClass *int64     `json:"supervision_class"` // 1 to 4; null: out of the list
	ClassTitle       string     `json:"class_title"`
	MatrixClass      int64      `json:"matrix_class"` // before overrides
	MatrixClassTitle string     `json:"matrix_class_title"`
	DecidingScheme   string     `json:"deciding_scheme"` // none: no industry result
	DecidingTitle    string     `json:"deciding_scheme_title"`
	OverrideCode     string     `json:"override_code"`
	Overrides        []Override `json:"overrides"`
	IsOut            bool       `json:"is_out"`
	IsMarked         bool       `json:"is_marked"` // an objection is pending
	IsConflict       bool       `json:"is_conflict"`
	CheckRatioBP     *int64     `json:"check_ratio_bp"`
	MaxChecks        *int64     `json:"max_checks"`
	Frequency        string     `json:"frequency"`
	PreviousClass    *int64     `json:"previous_class"`
	PreviousTitle    string     `json:"previous_class_title"`
	Change           string     `json:"change"` // new, up (stricter), down, same, left; empty: never listed
	Basis            string     `json:"basis"`
	CheckBasis       string     `json:"check_basis"` // of the line of the inspection plan
}

// Override is one hit of an override rule. Decides says that it is the one that
// set the class.
type Override struct {
	OverrideCode     string `json:"override_code"`
	Effect           string `json:"effect"` // class, out, mark
	SupervisionClass *int64 `json:"supervision_class"`
	Meaning          string `json:"meaning"`
	Basis            string `json:"basis"`
	Decides          bool   `json:"decides"`
	Record           Record `json:"record"`
}

// PublicResult is the public grade. SourceKind is national, none, or the name
// of the scorecard that the rule set takes where the nation has no grade.
type PublicResult struct {
	Grade       string       `json:"public_grade"`
	EvaluatedOn *credit.Date `json:"public_evaluated_on"`
	ValidUntil  *credit.Date `json:"public_valid_until"` // the last day on which it holds
	ResultBatch string       `json:"result_batch"`
	SourceKind  string       `json:"source_kind"`
	RecordID    string       `json:"record_id"`
	Source      *Source      `json:"source"`
}

// Scheme is one industry evaluation. A subject outside it has no grade. The
// result comes either from a record or from a scorecard.
type Scheme struct {
	Scheme           string       `json:"scheme"`
	Title            string       `json:"title"`
	Department       string       `json:"department"`
	Version          int64        `json:"version"`
	Status           string       `json:"status"` // active, suspended, withdrawn
	Basis            string       `json:"basis"`
	Grade            string       `json:"grade"`
	IndustryLevel    *int64       `json:"industry_level"` // 1 best to 4; 0 unranked
	EvaluatedOn      *credit.Date `json:"evaluated_on"`
	ValidUntil       *credit.Date `json:"valid_until"` // the last day on which it holds; null: computed from records
	RecordID         string       `json:"record_id"`
	Source           *Source      `json:"source"`
	Scorecard        string       `json:"scorecard"`
	MatrixClass      *int64       `json:"matrix_class"`
	SupervisionClass *int64       `json:"supervision_class"`
	ClassTitle       string       `json:"class_title"`
	IsConflict       bool         `json:"is_conflict"`
}

// Scorecard is a score taken apart. Sum is added up here from the lines and
// equals Score, or there is no Explanation.
type Scorecard struct {
	Scorecard     string         `json:"scorecard"`
	Title         string         `json:"title"`
	IsAdvisory    bool           `json:"is_advisory"`
	Schemes       []string       `json:"schemes"` // that take its grade
	Version       int64          `json:"version"`
	Basis         string         `json:"basis"`
	Score         Points         `json:"score_milli"`
	Sum           Points         `json:"sum_milli"`
	PointsGrade   string         `json:"points_grade"` // by the points alone
	Grade         string         `json:"grade"`        // after a veto
	Vetoes        []Veto         `json:"vetoes"`
	Contributions []Contribution `json:"contributions"`
}

// Veto is a record that sets the grade whatever the points.
type Veto struct {
	ReasonCode string `json:"reason_code"`
	Title      string `json:"title"`
	Effect     string `json:"effect"` // grade, ceiling (no better than the grade), score
	RuleFile   string `json:"rule_file"`
	Grade      string `json:"grade"`
	Basis      string `json:"basis"`
	Decides    bool   `json:"decides"`
	Record     Record `json:"record"`
}

// Contribution is one line of a score. The base points have no record.
type Contribution struct {
	Characteristic string  `json:"characteristic"`
	Title          string  `json:"title"`
	ReasonCode     string  `json:"reason_code"`
	Points         Points  `json:"points_milli"`
	Basis          string  `json:"basis"`
	RuleFile       string  `json:"rule_file"`
	RuleVersion    int64   `json:"rule_version"`
	Missing        string  `json:"missing"` // no record: points, or not_evaluated
	Record         *Record `json:"record"`
}

// Record is one row that a department sent, and what the rules say of it.
// State is empty for rows that are no records of conduct, such as a permit.
type Record struct {
	RecordID        string       `json:"record_id"`
	Category        string       `json:"category"`
	Kind            string       `json:"kind"`
	Detail          string       `json:"detail"`
	DocumentNo      string       `json:"document_no"`
	AuthorityName   string       `json:"authority_name"`
	EventOn         *credit.Date `json:"event_on"`
	EndedOn         *credit.Date `json:"ended_on"`
	FineAmount      *int64       `json:"fine_amount"`
	RecordClass     string       `json:"record_class"` // as the rules on periods and repair name it
	RecordGroup     string       `json:"record_group"`
	Severity        string       `json:"severity"`
	SeverityRule    string       `json:"severity_rule"`
	SeverityBasis   string       `json:"severity_basis"`
	PublicityRule   string       `json:"publicity_rule"`
	PublicityBasis  string       `json:"publicity_basis"`
	RepairableOn    *credit.Date `json:"repairable_on"`
	PublicityUntil  *credit.Date `json:"publicity_until"`
	State           string       `json:"state"`
	StateTitle      string       `json:"state_title"`
	StateOn         *credit.Date `json:"state_on"`
	CaseNo          string       `json:"case_no"`
	ObjectionCaseNo string       `json:"objection_case_no"`
	StatedID        string       `json:"stated_id"`  // an unattached record: the code the department gave
	Correction      *Correction  `json:"correction"` // null: the code is as it was sent
	Source          Source       `json:"source"`
}
