package ingest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"rongxin/pipelines/contract"
)

// An xmlSplitter reads XML elements, one a record: the elements in it are its
// fields, and its attributes are fields named @name. Prefixes do not matter.
type xmlSplitter struct {
	members
	decoder *textDecoder
	value   []byte // of the field at hand
}

func newXMLSplitter(c *contract.Contract, d *textDecoder) *xmlSplitter {
	return &xmlSplitter{members: newMembers(c), decoder: d}
}

func (x *xmlSplitter) split(b *block, s span, r *row, a *arena) error {
	r.whole = x.shown(b.data[s.start:s.end], x.decoder, r)
	text, ok := decodeRecord(x.decoder, b, s, r, a)
	if !ok {
		return nil
	}
	if err := x.element(text, r, a); err != nil {
		r.faults = r.faults[:0]
		r.fault(wholeRecord, "", RecordMalformed, "不符合 XML 的写法（如未转义的 & 或控制字符）")
	}
	return nil
}

// element reads one record. The cutter saw to it that its tags match; the error
// is of what stands in and between them.
func (x *xmlSplitter) element(text []byte, r *row, a *arena) error {
	dec := xml.NewDecoder(bytes.NewReader(text))
	x.begin()
	depth, field, name := 0, noField, ""
	isNested := false
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			switch depth {
			case 1:
				for _, attr := range token.Attr {
					if isContent(attr.Name) {
						x.put(x.field("@"+attr.Name.Local, r), "@"+attr.Name.Local, []byte(attr.Value), r, a)
					}
				}
			case 2:
				name = token.Name.Local
				field, isNested, x.value = x.field(name, r), false, x.value[:0]
				for _, attr := range token.Attr {
					if isContent(attr.Name) {
						full := name + "/@" + attr.Name.Local
						x.put(x.field(full, r), full, []byte(attr.Value), r, a)
					}
				}
			default:
				isNested = true
			}
		case xml.EndElement:
			if depth == 2 && isNested && field >= 0 {
				r.fault(field, name, RecordMalformed, "值是嵌套的元素")
			} else if depth == 2 {
				x.put(field, name, x.value, r, a)
			}
			depth--
		case xml.CharData:
			switch {
			case depth == 2:
				x.value = append(x.value, token...)
			case depth == 1 && len(trim(token)) > 0:
				r.fault(wholeRecord, "", RecordMalformed, "记录中有不属于任何字段的文字")
			}
		}
	}
}

// isContent tells attributes that hold something from those about the XML itself:
// declared prefixes, xml:space, and xsi:nil or xsi:type.
func isContent(name xml.Name) bool {
	return name.Space != "xmlns" && name.Local != "xmlns" && name.Space != "xml" && name.Space != "xsi"
}
