package credit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/strictyaml"
)

// Exception is one registered code that fails a check and was reviewed.
type Exception struct {
	Code, Reason, Approver string
	ApprovedOn             Date
}

// Exceptions is the reviewed list of codes that are valid although they do not
// compute. The zero value is an empty list.
type Exceptions struct {
	byCode map[string]Exception
}

// ParseExceptions reads the list, a YAML file of this form:
//
//	exceptions:
//	  - code: 91350203M0001QAY9B
//	    reason: 厦门试点期赋码，登记机关书面确认
//	    approver: 王审核
//	    approved_on: 2026-01-05
//
// All four keys are required. A code must be written in normal form, be well
// formed, stand once, and be in need of an exception. The error holds every
// fault of the file with its line and column.
func ParseExceptions(file string, data []byte) (Exceptions, error) {
	var list struct {
		Exceptions []struct {
			Code       string `yaml:"code"`
			Reason     string `yaml:"reason"`
			Approver   string `yaml:"approver"`
			ApprovedOn string `yaml:"approved_on"`
		} `yaml:"exceptions"`
	}
	doc := strictyaml.Decode(file, data, &list)
	e := Exceptions{byCode: map[string]Exception{}}
	for i, item := range list.Exceptions {
		at := func(key string) string { return fmt.Sprintf("exceptions[%d].%s", i, key) }
		if fault := exceptionFault(item.Code); fault != "" {
			doc.Fault(at("code"), "%s", fault)
		} else if _, again := e.byCode[item.Code]; again {
			doc.Fault(at("code"), "%s stands in the list twice", item.Code)
		}
		if strings.TrimSpace(item.Reason) == "" {
			doc.Fault(at("reason"), "is missing")
		}
		if strings.TrimSpace(item.Approver) == "" {
			doc.Fault(at("approver"), "is missing")
		}
		approved, err := ParseDate(item.ApprovedOn)
		if err != nil {
			doc.Fault(at("approved_on"), "want a day such as 2026-01-05")
		}
		e.byCode[item.Code] = Exception{item.Code, item.Reason, item.Approver, approved}
	}
	if err := doc.Err(); err != nil {
		return Exceptions{}, err
	}
	return e, nil
}

// exceptionFault says why a code cannot stand on the list, or "".
func exceptionFault(code string) string {
	switch {
	case code == "":
		return "is missing"
	case NormalizeCode(code) != code:
		return "write the code in half-width capitals without blanks or hyphens"
	case len(code) != codeLength || hasWrongLetter(code) || isPlaceholder(code):
		return "not a well-formed code of 18 signs"
	case ClassifyCode(code) == CodeValid:
		return "the code is valid and needs no exception"
	}
	return ""
}

// Find returns the entry for a code in normal form.
func (e Exceptions) Find(code string) (Exception, bool) {
	entry, ok := e.byCode[code]
	return entry, ok
}

// Classify is [ClassifyCode] with the list applied.
func (e Exceptions) Classify(code string) CodeStatus {
	status := ClassifyCode(code)
	if status != CodeValid {
		if _, ok := e.byCode[code]; ok {
			return CodeValid
		}
	}
	return status
}

// Check is [CheckCode] with the list applied: a listed code is valid, its first
// reason is EXCEPTION, the failed checks stay among the reasons, and nothing is
// suggested in its place.
func (e Exceptions) Check(s string) CodeCheck {
	c := CheckCode(s)
	if _, ok := e.byCode[c.Code]; ok {
		c.Status = CodeValid
		c.Reasons = slices.Insert(c.Reasons, 0, ReasonException)
		c.Suggestions = []string{}
	}
	return c
}

// MarshalJSON writes the list so that it can be handed to another process.
func (e Exceptions) MarshalJSON() ([]byte, error) { return json.Marshal(e.byCode) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Exceptions) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &e.byCode) }
