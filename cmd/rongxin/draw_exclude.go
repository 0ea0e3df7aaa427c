package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"rongxin/evaluators/draw/dossier"
	"rongxin/internal/credit"
)

const codeNamed = "named" // excluded by a file of the caller's

// excluding excludes the named subjects. One that the list does not have is an
// error at its end.
func excluding(named map[string]string, listed func(yield func(dossier.Listed, error) bool)) func(yield func(dossier.Listed, error) bool) {
	return func(yield func(dossier.Listed, error) bool) {
		left := maps.Clone(named)
		for l, err := range listed {
			if reason, ok := named[l.SubjectID]; ok && err == nil {
				delete(left, l.SubjectID)
				if l.Code == "" { // the rule's own reason comes first
					l.Code, l.Reason = codeNamed, reason
				}
			}
			if !yield(l, err) {
				return
			}
		}
		if len(left) > 0 {
			yield(dossier.Listed{}, fmt.Errorf("%w: --exclude names subjects that the list does not have: %s", errUsage,
				strings.Join(slices.Sorted(maps.Keys(left)), " ")))
		}
	}
}

// readExclusions reads a table of codes and reasons with a header. All faults
// are reported at once.
func readExclusions(file string) (reasons map[string]string, data []byte, err error) {
	if file == "" {
		return nil, nil, nil
	}
	if data, err = os.ReadFile(file); err != nil {
		return nil, nil, fmt.Errorf("%w: --exclude: %w", errUsage, err)
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.FieldsPerRecord = 2
	rows, err := in.ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: --exclude %s: wants two columns, code and reason: %w", errUsage, file, err)
	}
	reasons = map[string]string{}
	var faults []error
	for i, row := range rows {
		code, reason := credit.NormalizeCode(row[0]), strings.TrimSpace(row[1])
		switch {
		case i == 0: // the header
		case code == "" || reason == "":
			faults = append(faults, fmt.Errorf("%s: row %d: code %q, reason %q: neither may be empty", file, i+1, row[0], row[1]))
		case reasons[code] != "":
			faults = append(faults, fmt.Errorf("%s: row %d: %s stands twice", file, i+1, code))
		default:
			reasons[code] = reason
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, fmt.Errorf("%w: --exclude: %w", errUsage, err)
	}
	return reasons, data, nil
}
