package city

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Summary tells what a city holds; truth/summary.json is the same in JSON.
type Summary struct {
	Enterprises int              `json:"enterprises"`
	Seed        uint64           `json:"seed"`
	AsOf        string           `json:"as_of"`
	Rows        map[string]int   `json:"rows"`    // by dataset
	Defects     map[Kind]int     `json:"defects"` // by kind
	Rates       map[Kind]float64 `json:"rates"`
	Bytes       int64            `json:"bytes"` // of all files of the inbox
	Files       []File           `json:"files"`
}

var truthHeader = []string{"defect_id", "file", "dataset", "line", "field", "kind", "wrong_value", "right_value", "hint"}

// truth writes defects.csv, deliveries.csv, draws.csv and routes.csv below truth/. A broken byte shows
// as \xFF.
type truth struct {
	f          *os.File
	w          *csv.Writer
	n          int
	dir        string
	deliveries [][]string
	draws      []drawTruth
	routes     [][]string
}

func newTruth(dir string) (*truth, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, "defects.csv"))
	if err != nil {
		return nil, err
	}
	t := &truth{f: f, w: csv.NewWriter(f), dir: dir, deliveries: [][]string{{"dataset", "period", "sent_on", "state"}}}
	return t, t.w.Write(truthHeader)
}

func (t *truth) tell(path string, line int, r *row, f fault) error {
	t.n++
	field := ""
	if f.field >= 0 {
		field = r.x.columns[f.field].name
	}
	wrong := strings.ReplaceAll(f.wrong, string(brokenByte), `\xFF`)
	return t.w.Write([]string{
		fmt.Sprintf("D%06d", t.n), path, r.x.dataset, fmt.Sprint(line), field, string(f.kind), wrong, f.right, r.hint,
	})
}

// delivery tells how the department kept to its calendar.
func (t *truth) delivery(dataset string, ed *edition) {
	sent, state := ed.sent.String(), ed.state
	switch {
	case state == "missing":
		sent = ""
	case state == "received" && ed.rows == 0:
		state = "empty"
	}
	t.deliveries = append(t.deliveries, []string{dataset, ed.period, sent, state})
}

func (t *truth) close() error {
	t.w.Flush()
	err := errors.Join(t.w.Error(), t.f.Close(), t.writeDraws(), t.writeRoutes())
	f, created := os.Create(filepath.Join(t.dir, "deliveries.csv"))
	if created != nil {
		return errors.Join(err, created)
	}
	return errors.Join(err, csv.NewWriter(f).WriteAll(t.deliveries), f.Close())
}

func (s Summary) save(dir string) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "summary.json"), append(b, '\n'), 0o644)
}
