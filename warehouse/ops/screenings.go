package ops

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A Screening is one comparison of a list of parties, with what it found.
type Screening struct {
	No         string
	At         time.Time
	Actor      string
	Department string
	Purpose    string
	Run        string
	SHA256     string // of the file
	Parties    int64  // rows that were compared
	Refused    int64
	Hits       []ScreeningHit
}

// A ScreeningHit is one party on one list.
type ScreeningHit struct {
	No, SubjectID, List, DocumentNo string
}

// AddScreening notes a comparison. The same number again changes nothing: it was
// the same question.
func (s *Store) AddScreening(ctx context.Context, n Screening) error {
	return s.screening(ctx, n.No, func(tx *sql.Tx) error {
		added, err := tx.ExecContext(ctx, `insert into screenings
			(screening_no, at, actor, department, purpose, run, file_sha256, parties, refused) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict do nothing`,
			n.No, formatTime(n.At), n.Actor, n.Department, n.Purpose, n.Run, n.SHA256, n.Parties, n.Refused)
		if err != nil {
			return err
		}
		if rows, err := added.RowsAffected(); err != nil || rows == 0 {
			return err
		}
		for _, h := range n.Hits {
			_, err := tx.ExecContext(ctx, `insert into screening_hits (hit_no, screening_no, subject_id, list_name, document_no) values (?, ?, ?, ?, ?)`,
				h.No, n.No, h.SubjectID, h.List, h.DocumentNo)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// A ScreeningAnswer is what a department did about a hit.
type ScreeningAnswer struct {
	HitNo, SubjectID string
	Answer           string
	On               string // day of receipt, YYYY-MM-DD
	BatchID          string
}

// AnswerHits notes answers, the later over the earlier, and returns the numbers
// of hits that were never given out, or not about that subject.
func (s *Store) AnswerHits(ctx context.Context, answers []ScreeningAnswer) (unknown []string, err error) {
	err = s.screening(ctx, "answers", func(tx *sql.Tx) error {
		for _, a := range answers {
			done, err := tx.ExecContext(ctx, `update screening_hits set answer = ?, answered_on = ?, batch_id = ? where hit_no = ? and subject_id = ?`,
				a.Answer, a.On, a.BatchID, a.HitNo, a.SubjectID)
			if err != nil {
				return err
			}
			if rows, err := done.RowsAffected(); err != nil {
				return err
			} else if rows == 0 {
				unknown = append(unknown, a.HitNo)
			}
		}
		return nil
	})
	return unknown, err
}

// ScreeningCount is how a department answers what it was told.
type ScreeningCount struct {
	Department string
	Screenings int64
	Parties    int64
	Hits       int64
	Answered   int64
	Acted      int64 // answers that say a measure was taken
}

// ScreeningCounts counts by department; acted is the answer that says a measure
// was taken.
func (s *Store) ScreeningCounts(ctx context.Context, acted string) (counts []ScreeningCount, err error) {
	rows, err := s.db.QueryContext(ctx, `select n.department, count(*), sum(n.parties), sum(n.hits), sum(n.answered), sum(n.acted)
		from (select s.department, s.parties, count(h.hit_no) as hits, count(h.answer) as answered,
				count(case when h.answer = ? then 1 end) as acted
			from screenings as s left join screening_hits as h on h.screening_no = s.screening_no group by s.screening_no) as n
		group by n.department order by n.department`, acted)
	if err != nil {
		return nil, fmt.Errorf("screenings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c ScreeningCount
		if err := rows.Scan(&c.Department, &c.Screenings, &c.Parties, &c.Hits, &c.Answered, &c.Acted); err != nil {
			return nil, fmt.Errorf("screenings: %w", err)
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

func (s *Store) screening(ctx context.Context, no string, do func(*sql.Tx) error) error {
	if err := s.change(ctx, do); err != nil {
		return fmt.Errorf("screening %s: %w", no, err)
	}
	return nil
}
