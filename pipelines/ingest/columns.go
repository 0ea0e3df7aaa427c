package ingest

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
)

// ColumnFaults are how the columns of a file or table differ from those of its
// contract.
type ColumnFaults struct {
	Missing, Unknown, Repeated []string
}

// maxColumnFaults are told beside what is missing; the rest is counted.
const maxColumnFaults = 20

func (f *ColumnFaults) any() bool { return len(f.Missing)+len(f.Unknown)+len(f.Repeated) > 0 }

// English tells all faults, with names that may be meant.
func (f *ColumnFaults) English(c *contract.Contract) string {
	return f.tell(c, columnWords{"missing column %s", ", ", "the column %s is not in the contract", " (did you mean %s?)", " or ",
		"the column %s stands twice", "none of its names is in the contract", "and %d more", "; "})
}

// Chinese tells the same to the sender.
func (f *ColumnFaults) Chinese(c *contract.Contract) string {
	return f.tell(c, columnWords{"缺少列 %s", "、", "契约中没有列 %s", "（是否为 %s？）", " 或 ",
		"列 %s 重复出现", "列名全都不在契约中", "另有 %d 处", "；"})
}

// columnWords are one language.
type columnWords struct{ missing, comma, unknown, meant, or, repeated, none, more, semicolon string }

func (f *ColumnFaults) tell(c *contract.Contract, in columnWords) string {
	var told []string
	for _, name := range f.Unknown {
		name = shorten(name)
		text := fmt.Sprintf(in.unknown, name)
		if near := contract.Nearest(name, sourceNames(c)); len(near) > 0 {
			text += fmt.Sprintf(in.meant, strings.Join(near, in.or))
		}
		told = append(told, text)
	}
	for _, name := range f.Repeated {
		told = append(told, fmt.Sprintf(in.repeated, shorten(name)))
	}
	if more := len(told) - maxColumnFaults; more > 0 {
		told = append(told[:maxColumnFaults], fmt.Sprintf(in.more, more))
	}
	if c.IsPersonal() && len(f.Missing) == len(c.Fields) {
		told = []string{in.none} // they may be a record, which is not told
	}
	if len(f.Missing) > 0 {
		told = slices.Insert(told, 0, fmt.Sprintf(in.missing, strings.Join(f.Missing, in.comma)))
	}
	return strings.Join(told, in.semicolon)
}

func sourceNames(c *contract.Contract) []string {
	names := slices.Clone(c.Ignore)
	for _, f := range c.Fields {
		names = append(names, f.Name)
	}
	return names
}
