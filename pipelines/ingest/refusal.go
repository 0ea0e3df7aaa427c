package ingest

import (
	"fmt"
	"strings"

	"rongxin/internal/credit"
)

// A Refusal says that a file was not landed because of what it holds. Nothing
// of it was kept. Everything else that can go wrong is a plain error, and
// worth a retry. [Refuse] makes one.
type Refusal struct {
	Code    RefusalCode
	Dataset string
	File    string // base name
	Place   Place
	Problem string // in English, for logs: all that is wrong
	Detail  string // the same in Chinese, or "" where the code says it all
}

// Refuse refuses a file. Names of sheets, members and columns may tell of
// persons, so numbers in what is told are masked.
func Refuse(code RefusalCode, dataset, file string, place Place, detail, problem string) *Refusal {
	place.Member, place.Sheet = credit.MaskPersonal(place.Member), credit.MaskPersonal(place.Sheet)
	return &Refusal{code, dataset, file, place, credit.MaskPersonal(problem), credit.MaskPersonal(detail)}
}

func (r *Refusal) Error() string {
	at := r.File
	if place := r.Place.String(); place != "" {
		at += ": " + place
	}
	return fmt.Sprintf("%s: %s: %s; %s", r.Dataset, at, r.Problem, r.Code.explain().Mend)
}

// RefusalWords say to the sender why a whole file was refused.
type RefusalWords struct {
	Code     RefusalCode `json:"code"`
	Meaning  string      `json:"meaning"`
	WhatToDo string      `json:"what_to_do"`
	Place    string      `json:"place,omitempty"`
	Detail   string      `json:"detail,omitempty"`
	Problem  string      `json:"problem"` // in English
}

// Words put a refusal into Chinese.
func (r *Refusal) Words() *RefusalWords {
	known := r.Code.explain()
	return &RefusalWords{r.Code, known.Chinese, known.WhatToDo, r.Place.Chinese(), r.Detail, r.Problem}
}

func (w *RefusalWords) summary() string {
	words := fmt.Sprintf("文件整体退回，其中任何一行都没有入库。问题：%s（%s）。", w.Meaning, w.Code)
	if w.Place != "" {
		words += "位置：" + w.Place + "。"
	}
	if w.Detail != "" {
		words += "详情：" + w.Detail + "。"
	}
	return words + "处理：" + w.WhatToDo + "。"
}

// A Place is where in a file a fault was found; nothing for the whole of it.
type Place struct {
	Member string // of an archive
	Sheet  string // of a workbook
	Table  string // of a database
	Unit   Unit   // of Number
	Number int64
}

// A Unit is what a place is counted in.
type Unit string

// Units of places. Number counts from 1.
const (
	Line     Unit = "line"
	Row      Unit = "row" // of a sheet
	AfterRow Unit = "after row"
	Record   Unit = "record" // of JSON or XML
)

func (p Place) String() string {
	number := ""
	if p.Unit != "" {
		number = fmt.Sprintf("%s %d", p.Unit, p.Number)
	}
	return p.join("sheet ", "", ", ", number)
}

// Chinese is String for the sender.
func (p Place) Chinese() string {
	number := ""
	switch p.Unit {
	case Line, Row:
		number = fmt.Sprintf("第 %d 行", p.Number)
	case AfterRow:
		number = fmt.Sprintf("第 %d 行之后", p.Number)
	case Record:
		number = fmt.Sprintf("第 %d 条记录", p.Number)
	}
	return p.join("工作表“", "”", "，", number)
}

func (p Place) join(before, after, comma, number string) string {
	sheet := p.Sheet
	if sheet != "" {
		sheet = before + sheet + after
	}
	var parts []string
	for _, part := range []string{p.Member, p.Table, sheet, number} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, comma)
}

// badFile is what makes a whole file unfit to land, before it is known which
// file of which dataset it is. [unfit] makes one.
type badFile struct {
	code   RefusalCode
	place  Place
	detail string // in Chinese, or ""
	err    error
}

func (b badFile) Error() string { return b.err.Error() }

// unfit says what is wrong with a file, in both languages by the same arguments;
// where there is nothing to add to the code, chinese is "".
func unfit(code RefusalCode, chinese, format string, args ...any) badFile {
	detail := ""
	if chinese != "" {
		detail = fmt.Sprintf(chinese, args...)
	}
	return badFile{code: code, detail: detail, err: fmt.Errorf(format, args...)}
}

// malformed is unfit for a file whose records cannot be told apart.
func malformed(code RefusalCode, chinese, format string, args ...any) badFile {
	return unfit(code, chinese, code.explain().English+": "+format, args...)
}

// at says where a fault was found.
func (b badFile) at(p Place) badFile {
	b.place = p
	return b
}
