package xlsx

import (
	"errors"
	"fmt"
	"io"
)

// Bounds on a workbook. A workbook is a ZIP file: one of a megabyte may hold
// gigabytes. Rows and columns are those of the format; the others are far above
// what a table of records needs.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
	maxCell    = 128 << 10 // bytes of the text of a cell, which has 32,767 characters at most
	maxMerges  = 100_000
	maxStyles  = 1 << 16 // cell formats, as many as the format allows
	maxSheets  = 10_000
	maxStrings = 160 << 20 // bytes of the shared strings and of what finds them

	maxUnpacked = 2 << 30  // bytes of a part
	freeBytes   = 64 << 20 // of a part may be packed as tightly as they like,
	maxRatio    = 100      // beyond them it is so many times the size of the file at most
)

// An Error says what is wrong with a workbook: it is damaged, larger than the
// limits, or something else than it should be. Every other error is of the
// machine.
type Error struct {
	Fault   Fault
	problem string
}

// A Fault is what is wrong in one word, for what the sender should do.
type Fault int

// Faults of workbooks.
const (
	NotWorkbook Fault = iota // something else than an .xlsx workbook
	Empty                    // not one byte
	Damaged
	Protected // by a password
	TooLarge  // beyond the limits
	NoCells   // a sheet that is no table
)

func (e *Error) Error() string { return e.problem }

func damaged(problem string) error { return &Error{Damaged, "the workbook is damaged: " + problem} }

func limitError(format string, args ...any) error {
	return &Error{TooLarge, "the workbook is too large: " + fmt.Sprintf(format, args...)}
}

// unexpected turns the end of a part where more should come into damage.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return damaged("the XML ends too early")
	}
	return err
}
