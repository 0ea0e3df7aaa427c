package xlsx

// cellTag is what the start tag of a cell says.
type cellTag struct {
	column int32
	style  int
	kind   string
}

// cellAttrs reads the attributes of a cell that follows the column before.
func cellAttrs(attrs []byte, before int32) (c cellTag, err error) {
	c.column = before + 1
	for {
		name, value, rest, ok := attribute(attrs)
		if !ok {
			break
		}
		if attrs = rest; len(name) != 1 {
			continue
		}
		switch name[0] {
		case 'r':
			c.column, _ = columnOf(value)
		case 's':
			c.style = index(value)
		case 't':
			c.kind = typeName(value)
		}
	}
	switch {
	case c.column >= maxColumns:
		return c, limitError("it has more than %d columns", maxColumns)
	case c.column <= before:
		return c, damaged("the cells of a row are not in their order")
	}
	return c, nil
}

// typeName returns a cell type without an allocation for those that there are.
func typeName(value []byte) string {
	switch string(value) {
	case "s":
		return "s"
	case "n":
		return "n"
	case "str":
		return "str"
	case "inlineStr":
		return "inlineStr"
	}
	return string(value)
}

// columnOf reads the letters of a reference such as AB12, A being 0, and returns
// what follows them. Letters that name no column give maxColumns.
func columnOf(ref []byte) (column int32, rest []byte) {
	i := 0
	for ; i < len(ref) && (ref[i]|0x20) >= 'a' && (ref[i]|0x20) <= 'z' && column <= maxColumns; i++ {
		column = 26*column + int32(ref[i]|0x20-'a') + 1
	}
	return min(column-1, maxColumns), ref[i:]
}

// index reads a small number; what is none is -1.
func index(digits []byte) int {
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' || n > maxRows {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// cell reads the cell with these attributes, up to its end.
func (r *Rows) cell(attrs []byte, empty bool, before int32) (Cell, error) {
	tag, err := cellAttrs(attrs, before)
	cell := Cell{Column: tag.column}
	if err != nil || empty {
		return cell, err
	}
	r.text = r.text[:0]
	if text, ok := r.scan.plainCell(); ok {
		if r.text, err = appendText(r.text, text); err != nil {
			return cell, err
		}
		return cell, r.finish(&cell, &tag)
	}
	var isFormula, hasValue bool
	for {
		t, err := r.scan.next()
		if err != nil {
			return cell, unexpected(err)
		}
		switch {
		case t.starts("v"):
			hasValue = true
			r.text, err = r.scan.text(t, r.text)
		case t.starts("is"):
			hasValue = true
			r.text, err = r.scan.richText(t, r.text)
		case t.kind == startTag:
			isFormula = isFormula || string(t.name) == "f"
			err = r.scan.skip(t)
		case t.kind == endTag:
			if isFormula && !hasValue {
				cell.Kind = Failed
				return cell, nil
			}
			return cell, r.finish(&cell, &tag)
		}
		if err != nil {
			return cell, err
		}
	}
}

// finish gives a cell its kind and text.
func (r *Rows) finish(cell *Cell, tag *cellTag) (err error) {
	if len(r.text) > maxCell {
		return limitError("a cell holds more than %d bytes", maxCell)
	}
	if len(r.text) == 0 && tag.kind != "e" {
		return nil
	}
	switch tag.kind {
	case "s":
		cell.Text, err = r.strings.get(r.text)
		return err
	case "", "n":
		cell.Kind = Number
		if tag.style >= 0 && tag.style < len(r.dates) && r.dates[tag.style] {
			cell.Kind = Date
		}
	case "inlineStr", "str":
		r.text = unescape(r.text)
	case "b":
		cell.Kind = Bool
		text := "FALSE"
		if isTrue(string(r.text)) {
			text = "TRUE"
		}
		r.text = append(r.text[:0], text...)
	case "e":
		cell.Kind = Failed
	case "d": // an ISO 8601 day or time
	default:
		return damaged("a cell is of an unknown type")
	}
	cell.Text = r.keep(r.text)
	return nil
}
