package credit

import (
	"encoding/csv"
	"fmt"
	"strings"
)

// mustTable reads an embedded CSV table with a header and the given number of
// columns. The tables are part of the program, so a broken one is a fault of
// the build and panics; the tests read every table.
func mustTable(name, text string, columns int) [][]string {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("embedded table %s: %v", name, err))
	}
	return rows[1:]
}

// mustDay reads an optional day of an embedded table; empty is zero.
func mustDay(s string) Date {
	if s == "" {
		return 0
	}
	d, err := ParseDate(s)
	if err != nil {
		panic(fmt.Sprintf("embedded table: %v", err))
	}
	return d
}
