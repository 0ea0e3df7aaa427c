package ingest

// A cell is one value of a row in the making: a text, or a number. A day is
// counted from 1970-01-01, and true is 1. The zero cell is NULL.
type cell struct {
	text    []byte
	number  int64
	known   int32 // of a text: from 1, alike for equal texts of a column while one block is judged; 0: not known
	isThere bool
}

func textCell[T string | []byte](text T) cell { return cell{text: []byte(text), isThere: true} }

// optionalText is NULL for the empty text.
func optionalText(text string) cell { return cell{text: []byte(text), isThere: text != ""} }

func numberCell(n int64) cell { return cell{number: n, isThere: true} }

func boolCell(is bool) cell {
	if is {
		return numberCell(1)
	}
	return numberCell(0)
}
