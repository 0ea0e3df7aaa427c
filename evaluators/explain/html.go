package explain

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

// WriteHTML writes the explanation as one page for a person at a screen or a
// printer: no script, nothing loaded from anywhere, every picture told in words.
func (e *Explanation) WriteHTML(w io.Writer) error {
	t, err := template.New("explanation").Funcs(template.FuncMap{
		"picture": pictureOf, "date": date, "either": either, "in": in, "short": short, "percent": percent,
		"codeStatus": codeStatus, "schemeStatus": schemeStatus, "level": level, "gradeName": gradeName,
		"change":  Change.words,
		"moved":   Outcome.change,
		"when":    RecordChange.when,
		"how":     RecordStep.how,
		"without": RecordStep.without,
		"result":  ResultStep.words,
		"step":    PathStep.words,
		"ends":    Override.ends,
		"effect":  Veto.effectName,
		"caution": Steps.caution,
		"summary": func(p *Path, how string) string { return p.summary(how) },
		"content": Record.content,
		"period":  Record.period,
		"missing": missing,
		"sum":     Scorecard.total,
		"grade":   gradeWord,
		"empty":   Scorecard.isEmpty,
		"lines":   func(s string) []string { return strings.Split(s, "；") },
		"inc":     func(n int) int { return n + 1 },
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, e)
}
