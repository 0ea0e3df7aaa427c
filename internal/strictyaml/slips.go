package strictyaml

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parserError tells the messages of the decoder whose line is one too low.
var parserError = regexp.MustCompile(`^did not find expected (<|node|'-'|key|',')`)

// slips are what a person who writes Chinese, or seldom writes YAML, gets wrong
// in its signs. Keys are small letters, so text in quotes rarely looks like them.
var slips = []struct {
	pattern *regexp.Regexp // its first group is the slip
	mend    string
}{
	{regexp.MustCompile(`^(?:\s*- )?\s*\{?\s*[a-z_]+(：)`), "is a full-width colon: write : and a blank"},
	{regexp.MustCompile(`(，)\s*[a-z_]+\s*[:：]`), "is a full-width comma: write , and a blank"},
	{regexp.MustCompile(`[,，]\s*[a-z_]+(：)`), "is a full-width colon: write : and a blank"},
	{regexp.MustCompile(`^(?:\s*- )?\s*[a-z_]+(:)[^\s:]`), "needs a blank after it"},
	{regexp.MustCompile(`^ *(\t)`), "is a tab: indent with blanks"},
	{regexp.MustCompile(`[:,]\s*([“”‘’｛｝［］【】])`), "is a full-width sign: write the half-width one"},
}

// addSlips notes every slip in a file that could not be decoded, beside what the
// decoder says, which often sees it lines later.
func (d *Document) addSlips(data []byte) {
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, slip := range slips {
			for _, at := range slip.pattern.FindAllStringSubmatchIndex(line, -1) {
				sign := line[at[2]:at[3]]
				d.faults = append(d.faults, Fault{File: d.file, Line: i + 1 + d.offset,
					Column: utf8.RuneCountInString(line[:at[2]]) + 1, Message: fmt.Sprintf("%q %s", sign, slip.mend)})
			}
		}
	}
}

// addNotText notes the first byte that is no UTF-8. A file that begins with the
// mark of UTF-16 is left to the decoder, which reads it.
func (d *Document) addNotText(data []byte) bool {
	if utf8.Valid(data) || bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return false
	}
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[size:]
	}
	d.faults = append(d.faults, Fault{File: d.file, Line: line + d.offset, Column: 1,
		Message: "the text is not UTF-8 (GBK perhaps): save the file as UTF-8"})
	return true
}

// typeError is how the decoder tells a value that has another form than wanted.
// It cuts long values off in the middle of a character.
var typeError = regexp.MustCompile("(?s)^cannot unmarshal (!!\\w+)(?: `(.*?)(\\.\\.\\.)?`)? into (.+)$")

// wrongType finds the value of a type error among those of its line, and says
// what is wanted in words.
func (d *Document) wrongType(line int, text string) (path string, at place, message string, ok bool) {
	m := typeError.FindStringSubmatch(text)
	if m == nil {
		return "", place{}, "", false
	}
	tag, value, cut := m[1], m[2], m[3] != ""
	for p, candidate := range d.places {
		fits := candidate.line == line && candidate.kind != 0
		switch tag {
		case "!!seq":
			fits = fits && candidate.kind == yaml.SequenceNode
		case "!!map":
			fits = fits && candidate.kind == yaml.MappingNode
		default:
			fits = fits && candidate.kind == yaml.ScalarNode &&
				(candidate.value == value || cut && strings.HasPrefix(candidate.value, value))
		}
		if fits && (!ok || cmp.Or(candidate.column-at.column, len(path)-len(p)) < 0) {
			path, at, ok = p, candidate, true
		}
	}
	found := at.value
	if at.kind != yaml.ScalarNode {
		found = map[yaml.Kind]string{yaml.SequenceNode: "a list", yaml.MappingNode: "keys with values"}[at.kind]
	}
	return path, at, "want " + wanted(m[4]) + ", not " + found, ok
}

// wanted is a type of Go in the words of YAML.
func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list such as [a, b]"
	case strings.HasPrefix(goType, "map["):
		return "keys with values, such as {a: 1}"
	case strings.Contains(goType, "int"):
		return "a whole number"
	case strings.Contains(goType, "bool"):
		return "true or false"
	case strings.Contains(goType, "string"):
		return "one text"
	}
	return "keys with values, such as {a: 1}"
}
