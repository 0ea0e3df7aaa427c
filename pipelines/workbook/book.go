package workbook

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"rongxin/internal/credit"
	"rongxin/warehouse/store"
)

// A book is a workbook being written, sheet after sheet or several at once.
type book struct {
	file   *excelize.File
	sheets int
	styles styles
}

// styles are the cell formats of a book, by the library's numbers.
type styles struct {
	heading int // header of a table
	text    int // codes, names: number format @
	number  int // counts
	figure  int // numbers with decimal places
	wrapped int // prose: number format @, wrapped
	label   int // what a line of prose is about
	alert   int // what misses its goal
	answer  int // to be filled in: number format @, not locked
}

// newBook opens a workbook whose times are all the given day.
func newBook(title string, day credit.Date) (*book, error) {
	b := &book{file: excelize.NewFile()}
	at := day.String() + "T00:00:00Z"
	err := b.file.SetDocProps(&excelize.DocProperties{Title: title, Creator: "榕信", LastModifiedBy: "榕信", Created: at, Modified: at})
	if err == nil {
		err = b.format()
	}
	if err != nil {
		return nil, errors.Join(err, b.file.Close())
	}
	return b, nil
}

func (b *book) format() error {
	const textFormat, integerFormat = 49, 1 // Excel's numbers for @ and 0
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	bold := &excelize.Font{Bold: true}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.styles.heading, excelize.Style{
			NumFmt: textFormat, Font: bold,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
			Border:    []excelize.Border{{Type: "bottom", Style: 1, Color: "9BC2E6"}},
		}},
		{&b.styles.text, excelize.Style{NumFmt: textFormat}},
		{&b.styles.number, excelize.Style{NumFmt: integerFormat, Alignment: &excelize.Alignment{Horizontal: "right", Indent: 1}}},
		{&b.styles.figure, excelize.Style{Alignment: &excelize.Alignment{Horizontal: "right", Indent: 1}}},
		{&b.styles.wrapped, excelize.Style{NumFmt: textFormat, Alignment: top}},
		{&b.styles.alert, excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true, Color: "C00000"}}},
		{&b.styles.answer, excelize.Style{
			NumFmt: textFormat, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF9E5"}},
			Border:     []excelize.Border{{Type: "left", Style: 1, Color: "E0D6B8"}, {Type: "right", Style: 1, Color: "E0D6B8"}, {Type: "bottom", Style: 1, Color: "E0D6B8"}},
			Protection: &excelize.Protection{Locked: false},
		}},
		{&b.styles.label, excelize.Style{NumFmt: textFormat, Font: bold, Alignment: top}},
	} {
		id, err := b.file.NewStyle(&s.style)
		if err != nil {
			return err
		}
		*s.id = id
	}
	return nil
}

// add makes an empty sheet after those there are, printed on so many pages across.
func (b *book) add(name string, across int) (*excelize.StreamWriter, error) {
	name = sheetName(name)
	if b.sheets == 0 {
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return nil, err
		}
	} else if i, err := b.file.GetSheetIndex(name); err != nil || i >= 0 {
		return nil, errors.Join(fmt.Errorf("two sheets are called %s", name), err)
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	b.sheets++
	if err := b.printed(name, across); err != nil {
		return nil, err
	}
	return b.file.NewStreamWriter(name)
}

// printed sets how a sheet is printed. It goes before the first row.
func (b *book) printed(name string, across int) error {
	orientation, paper, down, fit := "landscape", 9, 0, true // 9 is A4
	err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &orientation, Size: &paper, FitToWidth: &across, FitToHeight: &down})
	if err != nil {
		return err
	}
	return b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit})
}

// headed has the first row of a sheet printed on each of its pages, and so many
// of its columns where it takes several pages across.
func (b *book) headed(name string, columns int) error {
	titles := "'" + name + "'!$1:$1"
	if columns > 0 {
		last, err := excelize.ColumnNumberToName(columns)
		if err != nil {
			return err
		}
		titles = "'" + name + "'!$A:$" + last + "," + titles
	}
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: name})
}

// save writes the book to path, whole or not at all. The sheets must be closed.
func (b *book) save(path string) error {
	return store.Write(path, 0o644, b.writeTo)
}

func (b *book) writeTo(w io.Writer) error {
	b.file.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return newArchive(w) })
	return b.file.Write(w)
}

// close frees the temporary files of large sheets.
func (b *book) close() error { return b.file.Close() }
