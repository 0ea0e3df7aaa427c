package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"rongxin/evaluators"
)

// headings are the keys of an element that say what it is, the best first.
var headings = []string{"title", "text", "meaning", "list", "class", "severity", "state", "grade", "status", "from", "conflict", "exclusion", "id", "code"}

// print shows a rule section by section: a line for a value of the whole, a
// numbered paragraph for each element of a list.
func (r shownRule) print(w io.Writer) {
	fmt.Fprintf(w, "%s %s：%s\n", evaluators.LabelOf(r.Kind), r.Name, r.Title)
	trust := ""
	for _, l := range r.Lines {
		if l.Path == "trust" {
			trust = l.Value
		}
	}
	printAligned(w, [][]string{{"版本", fmt.Sprintf("第 %d 版，%s", r.Version, r.days())}, {"责任单位", r.Owner}, {"依据", r.Basis}, {"可信程度", trust},
		{"适用", map[bool]string{true: "按记录当日施行的版本判断", false: "按评价日施行的版本判断"}[r.EventDated]}, {"文件", r.File}})
	fmt.Fprintln(w, "各项未另注明的，依据和施行日期同上。")
	fmt.Fprintln(w)
	section, element := "", ""
	for i, l := range r.Lines {
		top, rest := cutPath(l.Path)
		if rest == "" && slices.Contains([]string{r.Kind, "title", "version", "effective_from", "effective_to", "owner", "basis", "trust"}, top) {
			continue
		}
		if top != section {
			section, element = top, ""
			if rest != "" {
				fmt.Fprintf(w, "\n%s\n", evaluators.LabelOf(top))
			}
		}
		switch at, inList := elementOf(l.Path); {
		case rest == "":
			fmt.Fprintf(w, "%s：%s\n", l.Label, withUnit(l))
		case !inList:
			fmt.Fprintf(w, "  %s：%s\n", l.Label, withUnit(l))
		case at != element:
			element = at
			r.printElement(w, at, r.Lines[i:])
		}
	}
}

// printElement is one element of a list: its heading, its values, what it rests on.
func (r shownRule) printElement(w io.Writer, at string, lines []evaluators.Line) {
	for i, l := range lines {
		if !strings.HasPrefix(l.Path, at) {
			lines = lines[:i]
			break
		}
	}
	heading := lines[0]
	for _, key := range slices.Backward(headings) {
		for _, l := range lines {
			if l.Path == at+"."+key {
				heading = l
			}
		}
	}
	number := strings.TrimSuffix(at[strings.LastIndex(at, "[")+1:], "]")
	var values []string
	nested := ""
	for _, l := range lines {
		key := strings.TrimPrefix(l.Path, at+".")
		if l.Path == heading.Path || slices.Contains([]string{"basis", "effective_from", "effective_to"}, key) {
			continue
		}
		text := l.Label + " " + withUnit(l)
		sub, inList := elementOf(key)
		top, rest := cutPath(key)
		switch {
		case inList && sub == nested:
			values[len(values)-1] += "，" + text
		case rest != "" && (nested == "" || !strings.HasPrefix(nested, top)):
			values = append(values, evaluators.LabelOf(section(l.Path, top))+"："+text)
		default:
			values = append(values, text)
		}
		if nested = sub; !inList && rest != "" {
			nested = top
		}
	}
	fmt.Fprintf(w, "  %s. %s\n", plusOne(number), withUnit(heading))
	if len(values) > 0 {
		fmt.Fprintf(w, "     %s\n", strings.Join(values, "；"))
	}
	var own []string
	if lines[0].Basis != r.Basis {
		own = append(own, "依据："+lines[0].Basis)
	}
	if lines[0].From != r.From || lines[0].To != r.To {
		own = append(own, "施行："+shownRule{From: lines[0].From, To: lines[0].To}.days())
	}
	if own != nil {
		fmt.Fprintf(w, "     %s\n", strings.Join(own, "；"))
	}
}

// section is the path of the list or mapping top of an element.
func section(path, top string) string {
	return path[:strings.LastIndex(path, top)+len(top)]
}

func plusOne(number string) string {
	n := 0
	fmt.Sscan(number, &n)
	return fmt.Sprint(n + 1)
}

func withUnit(l evaluators.Line) string {
	if l.Value == "" {
		return "无"
	}
	if l.Unit == "" {
		return l.Value
	}
	return l.Value + " " + l.Unit
}

// cutPath splits periods[3].class into periods and the rest.
func cutPath(path string) (top, rest string) {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// elementOf is the first element of a list on a path: periods[3].
func elementOf(path string) (string, bool) {
	i := strings.IndexByte(path, ']')
	if i < 0 {
		return "", false
	}
	return path[:i+1], true
}
