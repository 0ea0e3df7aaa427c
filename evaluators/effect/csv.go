package effect

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"rongxin/internal/credit"
)

// toldFaults bounds how many faulty rows of a table are told.
const toldFaults = 20

// ReadCSV reads a table of past inspections: a header with the columns order,
// score and outcome, and date where days are known, in any order. Places and
// scores are numbers, an outcome is 1 for a problem and 0 for none, a date is
// 2006-01-02. Days must not run against the order. Faults come together, each
// with its line.
func ReadCSV(r io.Reader) ([]Row, error) {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := in.Discard(3); err != nil {
			return nil, err
		}
	}
	table := csv.NewReader(in)
	table.ReuseRecord = true
	header, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: the header: %w", err)
	}
	at, err := columnsOf(header)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var lines []int
	var faults []error
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			return nil, err // a quote that does not close: nothing after it can be told
		}
		line, _ := table.FieldPos(0)
		var row Row
		if err == nil {
			row, err = rowOf(record, at)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
			if len(faults) == toldFaults {
				return nil, errors.Join(append(faults, errors.New("and perhaps more"))...)
			}
			continue
		}
		rows, lines = append(rows, row), append(lines, line)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("the table has no rows")
	}
	return rows, ordered(rows, lines)
}

// columnsOf finds the columns: order, score, outcome, date; -1 for no date.
func columnsOf(header []string) (at [4]int, err error) {
	var faults []error
	known := []string{"order", "score", "outcome", "date"}
	for i, name := range known {
		at[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if at[i] < 0 && name != "date" {
			faults = append(faults, fmt.Errorf("line 1: there is no column %s; the header is %s", name, strings.Join(header, ",")))
		}
	}
	return at, errors.Join(faults...)
}

func rowOf(record []string, at [4]int) (row Row, err error) {
	var faults []error
	number := func(name, text string) float64 {
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			faults = append(faults, fmt.Errorf("%s: %q is no number", name, text))
		}
		return n
	}
	row.Order, row.Score = number("order", record[at[0]]), number("score", record[at[1]])
	switch text := strings.TrimSpace(record[at[2]]); text {
	case "0", "1":
		row.Found = text == "1"
	default:
		faults = append(faults, fmt.Errorf("outcome: %q is neither 1, a problem, nor 0", text))
	}
	if at[3] >= 0 {
		if row.Day, err = credit.ParseDate(strings.TrimSpace(record[at[3]])); err != nil {
			faults = append(faults, fmt.Errorf("date: %q is no day such as 2026-01-31", record[at[3]]))
		}
	}
	return row, errors.Join(faults...)
}

// ordered refuses days that run against the order.
func ordered(rows []Row, lines []int) error {
	order := sorted(rows, func(a, b Row) int {
		if a.Order < b.Order {
			return -1
		} else if a.Order > b.Order {
			return 1
		}
		return int(a.Day) - int(b.Day)
	})
	for n := 1; n < len(order); n++ {
		before, row := rows[order[n-1]], rows[order[n]]
		if row.Day < before.Day {
			return fmt.Errorf("line %d: %s stands after %s of line %d in the order; number the rows by their days",
				lines[order[n]], row.Day, before.Day, lines[order[n-1]])
		}
	}
	return nil
}
