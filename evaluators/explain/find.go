package explain

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
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
func find(ctx context.Context, db *engine.DB, asked string) (string, error) {
	const columns = "select distinct subjects.subject_id, subjects.subject_name from intermediate.subjects as subjects "
	asked = strings.TrimSpace(asked)
	code := credit.NormalizeCode(asked)
	if len(code) == 18 {
		list, err := named(ctx, db, columns+"where subjects.subject_id = ?", code)
		if err != nil {
			return "", err
		}
		if len(list) == 1 {
			return code, nil
		}
	}
	for _, condition := range []string{
		"where subjects.subject_name = ? order by 1",
		"inner join intermediate.subject_history as history on history.subject_id = subjects.subject_id where history.subject_name = ? order by 1",
	} {
		list, err := named(ctx, db, columns+condition, asked)
		switch {
		case err != nil:
			return "", err
		case len(list) == 1:
			return list[0].SubjectID, nil
		case len(list) > 1:
			return "", &AmbiguousNameError{Name: asked, Subjects: list}
		}
	}
	return "", unknown(ctx, db, asked)
}

func named(ctx context.Context, db *engine.DB, query string, args ...any) ([]Named, error) {
	return collect(ctx, db, "find subject", query, func(rows *sql.Rows, n *Named) error {
		return rows.Scan(&n.SubjectID, &n.SubjectName)
	}, args...)
}

// unknown gathers the help for a question that found nobody.
func unknown(ctx context.Context, db *engine.DB, asked string) error {
	e := &UnknownSubjectError{Asked: credit.MaskIDs(asked), Near: []Named{}}
	check := credit.CheckCode(asked)
	if strings.IndexFunc(check.Code, func(r rune) bool { return r > '~' }) >= 0 {
		return e // a name
	}
	e.Asked, e.Reasons = credit.MaskIDs(check.Code), check.Reasons
	for _, suggestion := range check.Suggestions {
		near, err := named(ctx, db, "select subject_id, subject_name from intermediate.subjects where subject_id = ?", suggestion)
		if err != nil {
			return err
		}
		e.Near = append(e.Near, near...)
	}
	if err := db.QueryRow(ctx, "select count(*) from intermediate.records where subject_id = ?", check.Code).Scan(&e.Records); err != nil {
		return fmt.Errorf("count records: %w", err)
	}
	return e
}
