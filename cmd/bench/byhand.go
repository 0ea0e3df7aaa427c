package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// byHand comes to what evaluate.sql comes to, in plain Go: one enterprise after
// the other, from the same files, which are sorted by enterprise.
func byHand(ctx context.Context, j job) (said string, err error) {
	dirs, err := filepath.Glob(j.path("runs-once/.tmp-*"))
	if err != nil || len(dirs) != 1 {
		return "", errors.Join(err, fmt.Errorf("facts: %v", dirs))
	}
	var files facts
	if err := files.open(dirs[0]); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, files.close()) }()
	out := filepath.Join(j.out, "classes.parquet")
	if err := files.judge(out); err != nil {
		return "", err
	}
	db, err := engine.Open(ctx, j.engine())
	if err != nil {
		return "", err
	}
	defer db.Close()
	_, digest, err := db.Digest(ctx, "select * from read_parquet("+engine.Quote(out)+")")
	if err != nil {
		return "", err
	}
	verdict, err := json.Marshal(verdict{Results: digest})
	return string(verdict), err
}

type (
	subjectFact struct {
		ID     string `parquet:"subject_id,optional"`
		Status string `parquet:"registration_status,optional"`
	}
	recordFact struct {
		ID       string `parquet:"subject_id,optional"`
		Category string `parquet:"category,optional"`
		Group    string `parquet:"record_group,optional"`
		Severity string `parquet:"severity,optional"`
		Field    string `parquet:"field,optional"`
		On       int32  `parquet:"event_on,optional,date"`
	}
	foodFact struct {
		ID string `parquet:"subject_id,optional"`
	}
	permitFact struct {
		ID       string `parquet:"subject_id,optional"`
		Activity string `parquet:"activity,optional"`
		On       int32  `parquet:"event_on,optional,date"`
	}
	publicFact struct {
		ID    string `parquet:"subject_id,optional"`
		Grade string `parquet:"grade,optional"`
	}
	industryFact struct {
		ID    string `parquet:"subject_id,optional"`
		Level int64  `parquet:"industry_level,optional"`
	}
	manualFact struct {
		ID       string `parquet:"subject_id,optional"`
		Class    int64  `parquet:"supervision_class,optional"`
		Approved int32  `parquet:"approved_on,optional,date"`
		Expires  int32  `parquet:"expires_on,optional,date"`
	}
	classRow struct {
		ID          string  `parquet:"subject_id,zstd"`
		CityScore   int64   `parquet:"city_score,zstd"`
		CityGrade   string  `parquet:"city_grade,zstd"`
		FoodScore   *int64  `parquet:"food_score,optional,zstd"`
		FoodGrade   *string `parquet:"food_grade,optional,zstd"`
		MatrixClass int64   `parquet:"matrix_class,zstd"`
		Class       *int64  `parquet:"supervision_class,optional,zstd"`
	}
)

// facts are the tables that judgement reads.
type facts struct {
	subjects *sorted[subjectFact]
	records  *sorted[recordFact]
	food     *sorted[foodFact]
	permits  *sorted[permitFact]
	public   *sorted[publicFact]
	industry *sorted[industryFact]
	manual   map[string]int64 // classes that hold; few, and not sorted by enterprise
}

func (f *facts) open(dir string) error {
	var faults [6]error
	f.subjects, faults[0] = openSorted(dir, "intermediate.subjects", func(r *subjectFact) string { return r.ID })
	f.records, faults[1] = openSorted(dir, "marts.records_in_force", func(r *recordFact) string { return r.ID })
	f.food, faults[2] = openSorted(dir, "marts.food_businesses", func(r *foodFact) string { return r.ID })
	f.permits, faults[3] = openSorted(dir, "marts.food_permits", func(r *permitFact) string { return r.ID })
	f.public, faults[4] = openSorted(dir, "marts.public_results_in_force", func(r *publicFact) string { return r.ID })
	f.industry, faults[5] = openSorted(dir, "marts.industry_results_in_force", func(r *industryFact) string { return r.ID })
	if err := errors.Join(faults[:]...); err != nil {
		return err
	}
	manual, err := parquet.ReadFile[manualFact](tableFile(dir, "staging.credit__manual_overrides"))
	f.manual = map[string]int64{}
	for _, m := range manual {
		if m.Approved <= int32(factsDay) && m.Expires > int32(factsDay) {
			f.manual[m.ID] = m.Class
		}
	}
	return err
}

func (f *facts) close() error {
	return errors.Join(f.subjects.close(), f.records.close(), f.food.close(), f.permits.close(), f.public.close(), f.industry.close())
}

func (f *facts) judge(out string) (err error) {
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := parquet.NewGenericWriter[classRow](file)
	for {
		subject, err := f.subjects.next()
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return err
		}
		row, err := f.class(subject)
		if err != nil {
			return err
		}
		if _, err := w.Write([]classRow{row}); err != nil {
			return err
		}
	}
}

// class judges one enterprise.
func (f *facts) class(subject subjectFact) (classRow, error) {
	var n tally
	var public string
	var level int64
	isFood := false
	err := errors.Join(
		f.records.of(subject.ID, n.record),
		f.permits.of(subject.ID, n.permit),
		f.food.of(subject.ID, func(*foodFact) { isFood = true }),
		f.public.of(subject.ID, func(r *publicFact) { public = r.Grade }),
		f.industry.of(subject.ID, func(r *industryFact) { level = max(level, r.Level) }))
	row := classRow{ID: subject.ID, CityScore: n.city()}
	row.CityGrade = gradeFrom(row.CityScore, n.severe > 0)
	if isFood {
		score, grade, foodLevel := n.food()
		row.FoodScore, row.FoodGrade, level = &score, &grade, max(level, foodLevel)
	}
	switch {
	case public == "D" || level == 4:
		row.MatrixClass = 4
	case public == "C" || level == 3:
		row.MatrixClass = 3
	case public == "A":
		row.MatrixClass = max(level, 1)
	default:
		row.MatrixClass = 2
	}
	class := row.MatrixClass
	manual, isManual := f.manual[subject.ID]
	switch {
	case subject.Status == "吊销":
		return row, err
	case isManual:
		class = manual
	case n.severe > 0:
		class = 4
	}
	row.Class = &class
	return row, err
}

// tally is how many records there are of each kind.
type tally struct {
	minor, general, serious, abnormal, severe, broken, problems, honours int64
	foodProblems, foodPenalties, production, trade                       int64
}

var threeYears, oneYear = int32(credit.NewDate(2023, 6, 30)), int32(credit.NewDate(2025, 6, 30))

func (n *tally) record(r *recordFact) {
	if r.On > int32(factsDay) {
		return
	}
	if r.Group == "严重失信主体名单" {
		n.severe++
	}
	isFood := r.Field == "食品安全" && r.On > oneYear
	switch r.Category {
	case "行政处罚":
		if isFood {
			n.foodPenalties++
		}
		switch {
		case r.On <= threeYears:
		case r.Severity == "轻微":
			n.minor++
		case r.Severity == "一般":
			n.general++
		case r.Severity == "严重":
			n.serious++
		}
	case "监督检查问题":
		n.problems++
		if isFood {
			n.foodProblems++
		}
	case "经营异常名录":
		n.abnormal++
	case "未履行信用承诺":
		n.broken++
	case "守信荣誉":
		n.honours++
	}
}

func (n *tally) permit(r *permitFact) {
	switch {
	case r.On > int32(factsDay):
	case r.Activity == "食品生产":
		n.production++
	case r.Activity == "食品经营":
		n.trade++
	}
}

func (n *tally) city() int64 {
	return 1000000 - min(10000*n.minor, 30000) - min(40000*n.general, 160000) - min(80000*n.serious, 240000) - min(60000*n.abnormal, 120000) -
		min(150000*n.severe, 300000) - min(30000*n.broken, 90000) - min(15000*n.problems, 60000) + min(10000*n.honours, 50000)
}

func gradeFrom(score int64, severe bool) string {
	switch {
	case severe || score < 600000:
		return "D"
	case score < 750000:
		return "C"
	case score < 900000:
		return "B"
	}
	return "A"
}

func (n *tally) food() (score int64, grade string, level int64) {
	score = min(25000*n.production, 25000) + min(15000*n.trade, 15000) + min(10000*n.foodProblems, 30000) + min(15000*n.foodPenalties, 30000)
	switch {
	case score <= 30000:
		return score, "A", 1
	case score <= 45000:
		return score, "B", 2
	case score <= 60000:
		return score, "C", 3
	}
	return score, "D", 4
}

// sorted reads a table that is sorted by enterprise.
type sorted[T any] struct {
	file   *os.File
	reader *parquet.GenericReader[T]
	key    func(*T) string
	rows   []T
	at     int
}

func openSorted[T any](dir, table string, key func(*T) string) (*sorted[T], error) {
	file, err := os.Open(tableFile(dir, table))
	if err != nil {
		return nil, err
	}
	return &sorted[T]{file: file, reader: parquet.NewGenericReader[T](file), key: key}, nil
}

func tableFile(dir, table string) string {
	return filepath.Join(dir, strings.Replace(table, ".", "/", 1)+".parquet")
}

func (s *sorted[T]) close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.reader.Close(), s.file.Close())
}

// fill has a row at hand, or the error is io.EOF.
func (s *sorted[T]) fill() error {
	if s.at < len(s.rows) {
		return nil
	}
	if s.rows == nil {
		s.rows = make([]T, 1024)
	}
	n, err := s.reader.Read(s.rows[:cap(s.rows)])
	s.rows, s.at = s.rows[:n], 0
	if n > 0 {
		return nil
	}
	return errors.Join(err, io.EOF)
}

func (s *sorted[T]) next() (row T, err error) {
	if err := s.fill(); err != nil {
		return row, err
	}
	s.at++
	return s.rows[s.at-1], nil
}

// of gives the rows of one enterprise, which are the next ones.
func (s *sorted[T]) of(id string, give func(*T)) error {
	for {
		if err := s.fill(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		row := &s.rows[s.at]
		if key := s.key(row); key > id {
			return nil
		} else if key == id {
			give(row)
		}
		s.at++
	}
}
