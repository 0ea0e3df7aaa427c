package airflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// What a caller decides on. Each [Error] wraps one of them.
var (
	ErrTemporary = errors.New("Airflow cannot be reached or is busy")
	ErrDenied    = errors.New("Airflow does not allow it")
	ErrNotFound  = errors.New("Airflow does not know it")
	ErrConflict  = errors.New("it is there already")
	ErrInvalid   = errors.New("Airflow does not accept the request")
)

// An Error is an answer that is not what was asked for.
type Error struct {
	Method, Path string
	Status       int
	Detail       string   // what the server says
	Fields       []string // of status 422: each field with what is wrong with it
}

func (e *Error) Error() string {
	said := e.Detail
	if len(e.Fields) > 0 {
		said = strings.Join(e.Fields, "; ")
	}
	return fmt.Sprintf("%s %s: %v (%d): %s", e.Method, e.Path, e.Unwrap(), e.Status, said)
}

// Unwrap sorts the status by what a caller can do.
func (e *Error) Unwrap() error {
	switch {
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return ErrDenied
	case e.Status == http.StatusNotFound:
		return ErrNotFound
	case e.Status == http.StatusConflict:
		return ErrConflict
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusRequestTimeout, e.Status/100 == 5:
		return ErrTemporary
	}
	return ErrInvalid
}

// failure reads an answer's detail: a text, an object with a reason, or the list
// of a validation. Whatever else came is quoted.
func failure(r request, status int, body []byte) error {
	e := &Error{Method: r.method, Path: r.path, Status: status}
	var answer struct {
		Detail json.RawMessage `json:"detail"`
	}
	var fields []struct {
		Loc []any  `json:"loc"`
		Msg string `json:"msg"`
	}
	switch {
	case json.Unmarshal(body, &answer) != nil || answer.Detail == nil:
		e.Detail = quoted(body)
	case json.Unmarshal(answer.Detail, &e.Detail) == nil:
	case json.Unmarshal(answer.Detail, &fields) == nil:
		for _, f := range fields {
			place := make([]string, len(f.Loc))
			for i, part := range f.Loc {
				place[i] = fmt.Sprint(part)
			}
			e.Fields = append(e.Fields, strings.Join(place, ".")+": "+f.Msg)
		}
	default:
		e.Detail = quoted(answer.Detail)
	}
	return e
}

// quoted is the beginning of an answer that nobody foresaw.
func quoted(body []byte) string {
	const most = 300
	if len(body) > most {
		body = body[:most]
	}
	return strings.ToValidUTF8(strings.TrimSpace(string(body)), string(utf8.RuneError))
}
