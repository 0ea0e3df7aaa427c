package workbook

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// protect keeps people from changing anything on the sheet but the blanks, by
// mistake: there is no password. Filters and the widths of columns stay free.
func (t *table) protect() error {
	return t.book.file.ProtectSheet(t.stream.Sheet, &excelize.SheetProtectionOptions{
		AutoFilter: true, FormatColumns: true, FormatRows: true, SelectLockedCells: true, SelectUnlockedCells: true,
	})
}

// choices lets the cells of a column be chosen from a list.
func (t *table) choices(title string, values ...string) error {
	return t.rule(title, func(v *excelize.DataValidation) error { return v.SetDropList(values) })
}

// offer lets the cells of a column be chosen from cells such as 结果代码!$A$2:$A$9,
// or be filled in otherwise, and says how.
func (t *table) offer(title, cells, how string) error {
	return t.rule(title, func(v *excelize.DataValidation) error {
		v.SetSqrefDropList(cells)
		v.SetInput(title, how)
		return nil
	})
}

// hint says how the cells of a column are filled in.
func (t *table) hint(title, how string) error {
	return t.rule(title, func(v *excelize.DataValidation) error {
		v.SetInput(title, how)
		return nil
	})
}

// exactly wants texts of so many characters in a column, and says how.
func (t *table) exactly(title string, characters int, how string) error {
	return t.rule(title, func(v *excelize.DataValidation) error {
		v.SetInput(title, how)
		v.SetError(excelize.DataValidationErrorStyleStop, title, how)
		return v.SetRange(characters, 0, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorEqual)
	})
}

// rule sets what a column takes, from the second row to the last written.
func (t *table) rule(title string, set func(*excelize.DataValidation) error) error {
	at := slices.IndexFunc(t.columns, func(c column) bool { return c.title == title }) + 1
	first, err := excelize.CoordinatesToCellName(at, 2)
	if err != nil {
		return fmt.Errorf("column %s: %w", title, err)
	}
	last, err := excelize.CoordinatesToCellName(at, max(2, t.rows))
	if err != nil {
		return fmt.Errorf("column %s: %w", title, err)
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = first + ":" + last
	if err := set(v); err != nil {
		return fmt.Errorf("column %s: %w", title, err)
	}
	return t.book.file.AddDataValidation(t.stream.Sheet, v)
}
