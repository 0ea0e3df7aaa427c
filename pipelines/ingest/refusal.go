package ingest

import "fmt"

// A Refusal says that a file was not landed because of what it holds. Nothing
// of it was kept. Everything else that can go wrong is a plain error, and
// worth a retry.
type Refusal struct {
	Dataset string
	File    string // base name
	Place   string // "line 1", "sheet 名单", "" for the whole file
	Problem string
	Mend    string // what the sender should do
}

func (r *Refusal) Error() string {
	place := r.File
	if r.Place != "" {
		place += ": " + r.Place
	}
	return fmt.Sprintf("%s: %s: %s; %s", r.Dataset, place, r.Problem, r.Mend)
}
