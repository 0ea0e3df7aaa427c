package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// rule is what the platform asks of one member of a row's content.
type rule struct {
	name     string
	kind     kind
	required bool // present and not empty
	length   int  // exact number of characters, or 0
	max      int  // greatest number of characters, of each item in a list; or 0
}

type kind int

const (
	text  kind = iota
	date       // YYYY-MM-DD
	class      // 1 to 4, or null: not evaluated
	list       // of texts
)

// rules is the content of a supervision result. A member that is not here is
// refused, so that nothing is lost unseen.
var rules = []rule{
	{name: "subject_id", required: true, length: 18},
	{name: "subject_name", required: true, max: 200},
	{name: "division_code", length: 6},
	{name: "public_grade", max: 50},
	{name: "public_evaluated_on", kind: date},
	{name: "scheme", required: true, max: 50},
	{name: "industry_grade", max: 50},
	{name: "supervision_class", kind: class},
	{name: "check_ratio", max: 100},
	{name: "check_frequency", max: 100},
	{name: "reasons", kind: list, max: 500},
	{name: "rule_set", max: 200},
	{name: "publication_range", max: 50},
}

// fault is why a record is rejected.
type fault struct{ code, message string }

func faultf(code, format string, args ...any) *fault {
	return &fault{code, fmt.Sprintf(format, args...)}
}

// checkContent returns the first fault of the content, nil if there is none.
func checkContent(content map[string]any) *fault {
	for name := range content {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.name == name }) {
			return faultf("UNKNOWN_FIELD", "%s: not a field of this table", name)
		}
	}
	for _, r := range rules {
		if f := r.check(content[r.name]); f != nil {
			return f
		}
	}
	return nil
}

func (r rule) check(value any) *fault {
	switch r.kind {
	case class:
		return r.checkClass(value)
	case list:
		return r.checkList(value)
	}
	s, ok := value.(string)
	switch {
	case !ok && value != nil:
		return faultf("TYPE", "%s: want text", r.name)
	case s == "" && r.required:
		return faultf("REQUIRED", "%s: is missing", r.name)
	case s == "":
		return nil
	case r.kind == date && !isDate(s):
		return faultf("FORMAT", "%s: %q is not a date YYYY-MM-DD", r.name, s)
	}
	return r.checkLength(s)
}

func (r rule) checkLength(s string) *fault {
	n := utf8.RuneCountInString(s)
	if r.length > 0 && n != r.length {
		return faultf("LENGTH", "%s: %d characters, want %d", r.name, n, r.length)
	}
	if r.max > 0 && n > r.max {
		return faultf("LENGTH", "%s: %d characters, at most %d", r.name, n, r.max)
	}
	return nil
}

func (r rule) checkClass(value any) *fault {
	if value == nil {
		return nil
	}
	number, ok := value.(json.Number)
	if !ok {
		return faultf("TYPE", "%s: want a number or null", r.name)
	}
	if !slices.Contains([]string{"1", "2", "3", "4"}, number.String()) {
		return faultf("CODE_LIST", "%s: %s is not one of 1, 2, 3, 4", r.name, number)
	}
	return nil
}

func (r rule) checkList(value any) *fault {
	items, ok := value.([]any)
	if !ok && value != nil {
		return faultf("TYPE", "%s: want a list of texts", r.name)
	}
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return faultf("TYPE", "%s: want a list of texts", r.name)
		}
		if f := r.checkLength(s); f != nil {
			return f
		}
	}
	return nil
}

func isDate(s string) bool {
	_, err := time.Parse("2006-01-02", s)
	return err == nil
}

var (
	batchNumber = regexp.MustCompile(`^[0-9]{13}$`)
	sourceCode  = regexp.MustCompile(`^[0-9]{6,18}$`)
)

// checkExchange returns the first fault of a row's exchange members in a batch
// of that number and source.
func checkExchange(exchange map[string]any, number, source string) *fault {
	when, _ := exchange["cd_time"].(string)
	_, err := time.Parse("2006-01-02 15:04:05", when)
	switch {
	case len(exchange) != 5:
		return faultf("EXCHANGE", "want cd_operation, cd_batch, cd_id, cd_time, cd_source and no other")
	case exchange["cd_batch"] != number:
		return faultf("EXCHANGE", "cd_batch: is not %s", number)
	case exchange["cd_source"] != source:
		return faultf("EXCHANGE", "cd_source: is not %s", source)
	case err != nil:
		return faultf("EXCHANGE", "cd_time: %q is not a time YYYY-MM-DD hh:mm:ss", when)
	}
	return nil
}
