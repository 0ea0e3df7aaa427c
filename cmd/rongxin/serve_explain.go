package main

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"rongxin/evaluators/explain"
	"rongxin/internal/credit"
)

// errPurpose is a question by a person who does not say what for.
var errPurpose = errors.New("查询用途必填：说明为什么查询，将记入查询登记")

//go:embed serve_form.html
var formText string

// asked is what the form shows again after a question that was not answered.
type asked struct{ Subject, Purpose, Fault, AsOf string }

// explainCode answers for /explain/CODE.
func (s *server) explainCode(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	return s.answer(w, r, r.PathValue("subject"), query.Get("purpose"), query.Get("format"))
}

// explainAsked answers the form.
func (s *server) explainAsked(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	return s.answer(w, r, query.Get("subject"), query.Get("purpose"), formatHTML)
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, subject, purpose, format string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	var answer *explain.Explanation
	err := errPurpose
	if format != formatHTML || strings.TrimSpace(purpose) != "" {
		s.purpose = purpose
		answer, err = s.app.explain(r.Context(), s.current, subject, map[string]string{"channel": "http"})
	}
	switch {
	case err != nil && format == formatHTML:
		return pageError{err, asked{credit.MaskIDs(subject), purpose, words(err), s.current.run.Manifest.AsOf}}
	case err != nil:
		return err
	}
	write, kind := explanationFormats[formatJSON], "application/json; charset=utf-8"
	switch format {
	case formatText:
		write, kind = explanationFormats[format], "text/plain; charset=utf-8"
	case formatHTML:
		write, kind = explanationFormats[format], "text/html; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store") // what was asked for one purpose is not kept for another
	return write(answer, w)
}

// pageError is told a person in the form, not in a line of text.
type pageError struct {
	error
	page asked
}

func (e pageError) Unwrap() error { return e.error }

// words say in Chinese what a question lacks.
func words(err error) string {
	var unknown *explain.UnknownSubjectError
	var several *explain.AmbiguousNameError
	switch {
	case errors.As(err, &unknown):
		near := ""
		for _, n := range unknown.Near {
			near += "；是否要查：" + n.String()
		}
		return "没有这个主体：" + unknown.Asked + near
	case errors.As(err, &several):
		list := make([]string, len(several.Subjects))
		for i, n := range several.Subjects {
			list[i] = n.String()
		}
		return "有多个主体叫这个名称，请按代码查询：" + strings.Join(list, "；")
	}
	return err.Error()
}

// form asks for a subject and the purpose.
func (s *server) form(w http.ResponseWriter, _ *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	return writeForm(w, http.StatusOK, asked{AsOf: s.current.run.Manifest.AsOf})
}

func writeForm(w http.ResponseWriter, status int, page asked) error {
	form, err := template.New("form").Parse(formText)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return form.Execute(w, page)
}
