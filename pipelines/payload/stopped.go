package payload

import (
	"context"
	"fmt"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// Stopped is a record that counts no more, because somebody decided so or its time
// was up: whoever was sent it has to be told.
type Stopped struct {
	Record    string // record_id
	State     string // repaired, withdrawn, revoked, excluded, amended, ended, expired
	Effective credit.Date
	Known     credit.Date // when the decision was received; Effective where there is none
}

// ReadStopped yields the records of a run that stopped counting, in ascending
// byte order of their ids. A record that never counted, such as one of a decision
// not to punish, is none of them.
func ReadStopped(ctx context.Context, db *engine.DB, yield func(Stopped) error) error {
	if err := readStopped(ctx, db, yield); err != nil {
		return fmt.Errorf("records that stopped counting: %w", err)
	}
	return nil
}

func readStopped(ctx context.Context, db *engine.DB, yield func(Stopped) error) error {
	rows, err := db.Query(ctx, `select s.record_id, s.state, s.state_on, coalesce(k.known_on, s.state_on)
		from intermediate.record_states as s
		left join (
			select c.case_no, min(c.known_on) as known_on
			from (
				select case_no, known_on from staging.credit__cases
				union all
				select case_no, known_on from staging.credit__revocations
				union all
				select case_no, known_on from staging.credit__force_majeure
			) as c
			group by c.case_no
		) as k on k.case_no = s.case_no
		where s.state in ('repaired', 'withdrawn', 'revoked', 'excluded', 'amended', 'ended', 'expired')
		order by s.record_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s Stopped
		var effective, known time.Time
		if err := rows.Scan(&s.Record, &s.State, &effective, &known); err != nil {
			return err
		}
		s.Effective, s.Known = dateOf(effective), dateOf(known)
		if err := yield(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// dateOf is the day of a value of type date, which comes as its midnight.
func dateOf(t time.Time) credit.Date {
	y, m, d := t.Date()
	return credit.NewDate(y, int(m), d)
}

// StoppedTables are the tables of a run that [ReadStopped] reads.
func StoppedTables() []string {
	return []string{"intermediate.record_states", "staging.credit__cases", "staging.credit__revocations", "staging.credit__force_majeure"}
}
