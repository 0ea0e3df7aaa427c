package explain

import (
	"errors"
	"fmt"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
)

// Errors a caller decides on. The first two come as [UnknownSubjectError] and
// [AmbiguousNameError], which say more.
var (
	ErrUnknownSubject = errors.New("no such subject")
	ErrAmbiguousName  = errors.New("several subjects have this name")
	// ErrEvidence is returned when a result does not follow from what is
	// stored: a sum that differs, or a point whose record is missing or does
	// not count. The run must not be relied on.
	ErrEvidence = errors.New("the evidence does not bear out the result")
)

// Named is a subject by code and name.
type Named struct {
	SubjectID   string `json:"subject_id"`
	SubjectName string `json:"subject_name"`
}

func (n Named) String() string { return n.SubjectID + " " + n.SubjectName }

// UnknownSubjectError says what was asked for and what may have been meant.
// A personal id number in the question is masked.
type UnknownSubjectError struct {
	Asked   string
	Reasons []string // what is wrong with the code, as in credit.CheckCode
	Near    []Named  // subjects of the run whose codes are one slip away
	Records int64    // records in the run that carry the code and count for nobody
}

func (e *UnknownSubjectError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v", e.Asked, ErrUnknownSubject)
	if len(e.Reasons) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(e.Reasons, ", "))
	}
	if e.Records > 0 {
		fmt.Fprintf(&b, "; %d records carry this code and count for nobody, since it is not registered", e.Records)
	}
	if len(e.Near) > 0 {
		fmt.Fprintf(&b, "; did you mean: %s", join(e.Near))
	}
	return b.String()
}

// Unwrap makes errors.Is(err, ErrUnknownSubject) hold.
func (e *UnknownSubjectError) Unwrap() error { return ErrUnknownSubject }

// AmbiguousNameError lists the subjects of one name.
type AmbiguousNameError struct {
	Name     string
	Subjects []Named
}

func (e *AmbiguousNameError) Error() string {
	return fmt.Sprintf("%s: %v, ask by code: %s", e.Name, ErrAmbiguousName, join(e.Subjects))
}

// Unwrap makes errors.Is(err, ErrAmbiguousName) hold.
func (e *AmbiguousNameError) Unwrap() error { return ErrAmbiguousName }

func join(list []Named) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = n.String()
	}
	return strings.Join(texts, "; ")
}

// find turns a code or a name into the code of a subject of the run. A name
// that no subject has today may be one it had before.
func find(source Lookup, asked string) (string, error) {
	asked = strings.TrimSpace(asked)
	if code := credit.NormalizeCode(asked); len(code) == 18 {
		list, err := byCode(source, code)
		if err != nil || len(list) == 1 {
			return code, err
		}
	}
	type holder struct {
		Named
		isCurrent bool
	}
	holders, err := collect(source, lookup.Question{Table: "marts.subject_names", Columns: []string{"subject_id", "current_name", "is_current"},
		Where: []lookup.Equal{{Column: "subject_name", Value: asked}}}, func(r lookup.Row, h *holder) error {
		return r.Scan(&h.SubjectID, &h.SubjectName, &h.isCurrent)
	})
	if err != nil {
		return "", err
	}
	for _, current := range []bool{true, false} {
		list := []Named{}
		for _, h := range holders {
			if h.isCurrent == current {
				list = append(list, h.Named)
			}
		}
		switch len(list) {
		case 0:
		case 1:
			return list[0].SubjectID, nil
		default:
			return "", &AmbiguousNameError{Name: asked, Subjects: list}
		}
	}
	return "", unknown(source, asked)
}

func byCode(source Lookup, code string) ([]Named, error) {
	return collect(source, of(code, "intermediate.subjects", "subject_id", "subject_name"), func(r lookup.Row, n *Named) error {
		return r.Scan(&n.SubjectID, &n.SubjectName)
	})
}

// unknown gathers the help for a question that found nobody.
func unknown(source Lookup, asked string) error {
	e := &UnknownSubjectError{Asked: credit.MaskIDs(asked), Near: []Named{}}
	check := credit.CheckCode(asked)
	if strings.IndexFunc(check.Code, func(r rune) bool { return r > '~' }) >= 0 {
		return e // a name
	}
	e.Asked, e.Reasons = credit.MaskIDs(check.Code), check.Reasons
	for _, suggestion := range check.Suggestions {
		near, err := byCode(source, suggestion)
		if err != nil {
			return err
		}
		e.Near = append(e.Near, near...)
	}
	stray, err := source.Rows(lookup.Question{Table: "marts.unattached_records", Columns: []string{"record_id"},
		Where: []lookup.Equal{{Column: "stated_id", Value: check.Code}}})
	if err != nil {
		return err
	}
	e.Records = int64(len(stray))
	return e
}
