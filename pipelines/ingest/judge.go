package ingest

import (
	"errors"
	"slices"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
)

// A judge accepts or rejects the rows of blocks. It belongs to one goroutine.
type judge struct {
	*plan
	splitter splitter
	arena    arena
	row      row
	values   []cell // of the records row in the making
	flags    flagSet
	space    []byte // to write keys in
	tokens   *secret.Tokenizer
	encoder  *encoder
	known    []*known // by field; nil where values do not repeat
}

func newJudge(p *plan, s splitter) (*judge, error) {
	e, err := newEncoder()
	j := &judge{
		plan: p, splitter: s,
		row:    row{values: make([][]byte, len(p.fields))},
		values: make([]cell, len(p.columns)),
		tokens: p.tokens.Tokenizer(), encoder: e,
		known: make([]*known, len(p.fields)),
	}
	for i := range p.fields {
		if p.repeats(&p.fields[i]) {
			j.known[i] = new(known)
			j.known[i].reset()
		}
	}
	return j, err
}

// A verdict is what became of one block.
type verdict struct {
	records, rejects *rowGroup
	rows             landing.Rows
	reasons          map[string]int
	flags            [1 << len(flagCodes)]int // accepted rows by flagSet
	first            []Reject
	vault            []byte // clear values of accepted rows, an entry a line
	bytes            int64
}

// maxFirst rejects are named when a file is refused for its rejects.
const maxFirst = 5

// judge fills the row groups of v from b.
func (j *judge) judge(b *block, v *verdict) error {
	v.reasons, v.bytes = map[string]int{}, int64(len(b.data))
	for _, s := range b.spans {
		if j.again != nil && !j.again.lines[s.line] {
			continue
		}
		j.arena.used = 0 // the row groups have copied what they hold of the last row
		v.rows.Read++
		r := &j.row
		r.reset(s.line)
		if err := j.splitter.split(b, s, r, &j.arena); err != nil {
			return err
		}
		if r.isSplit() {
			j.check(r)
		}
		if len(r.faults) > 0 {
			j.reject(r, v)
			continue
		}
		j.finish(r)
		v.records.add(j.values)
		if err := j.lockAway(r, v); err != nil {
			return err
		}
		v.rows.Accepted++
		v.flags[j.flags]++
	}
	return errors.Join(v.records.flush(j.encoder), v.rejects.flush(j.encoder))
}

// check judges every value of a row, so that the sender hears of all faults at
// once.
func (j *judge) check(r *row) {
	j.flags = 0
	for i := range j.values {
		j.values[i].isThere = false
	}
	for i, v := range r.values {
		if len(v) == 0 {
			continue
		}
		if trimmed := trim(v); len(trimmed) < len(v) {
			v, r.values[i] = trimmed, trimmed
		}
		if len(v) <= j.longestNull && j.nulls[string(v)] {
			r.values[i] = nil
		}
	}
	keyOnly := j.isWithdrawal(r)
	for i := range j.fields {
		f := &j.fields[i]
		if len(r.faults) > 0 && r.isBad(i) || keyOnly && !f.inKey {
			continue // it could not even be read, or says nothing
		}
		if value := r.values[i]; len(value) > 0 {
			if k := j.known[i]; k != nil {
				j.recall(k, f, i, value, r)
			} else {
				f.judge(j, f, i, value, r)
			}
			continue
		}
		switch {
		case f.Answer:
			r.fault(i, f.Name, NotAnswered, "尚未填写")
		case f.Required.Always:
			r.fault(i, f.Name, RequiredMissing, "必填")
		case f.requires >= 0 && f.when[string(r.values[f.requires])]:
			r.fault(i, f.Name, RequiredMissing, "%s 为“%s”时必填", f.Required.Field, r.values[f.requires])
		}
	}
}

// isWithdrawal reports a row that takes its record back.
func (j *judge) isWithdrawal(r *row) bool {
	return j.withdraws >= 0 && j.withdrawals[string(r.values[j.withdraws])]
}

// finish fills the system columns of an accepted row.
func (j *judge) finish(r *row) {
	isWithdrawal := j.isWithdrawal(r)
	if j.contract.Clock != nil && !isWithdrawal {
		j.runClock()
	}
	if j.withdraws >= 0 {
		j.values[j.atWithdrawal] = boolCell(isWithdrawal)
	}
	j.identify()
	j.values[atBatchID] = j.batchValue
	j.values[atLine] = numberCell(r.line)
	j.values[atFlags] = j.flagValues[j.flags]
}

// identify sets the two ids. The match id is that of the same key without the
// subject's code.
func (j *judge) identify() {
	key := j.startKey(j.space)
	from, to := 0, 0 // the code in key
	for _, i := range j.key {
		start := len(key)
		key = j.appendKey(key, &j.fields[i], &j.values[j.fields[i].column])
		if j.fields[i].As == contract.ColumnSubjectID {
			from, to = start, len(key)
		}
	}
	record := textCell(appendID(j.arena.take(idLength)[:0], key))
	match := record
	if from < to {
		key = slices.Delete(key, from, to)
		match = textCell(appendID(j.arena.take(idLength)[:0], key))
	}
	j.values[atRecordID], j.values[atMatchID], j.space = record, match, key
}

// runClock sets clock_days and the flags that follow from it.
func (j *judge) runClock() {
	from, to := j.values[j.fields[j.clockFrom].column], numberCell(int64(j.day))
	if j.clockTo >= 0 {
		to = j.values[j.fields[j.clockTo].column]
	}
	if !from.isThere || !to.isThere {
		j.flags |= flagClock
		return
	}
	days, late, err := j.workingDays(credit.Date(from.number), credit.Date(to.number))
	if err != nil {
		j.flags |= flagClock
		return
	}
	j.values[atClockDays] = numberCell(int64(days))
	if late {
		j.flags |= flagLate
	}
}

// workingDays counts from one day to another, and says whether that is late. The
// count stands still over a weekend; the deadline does not.
func (p *plan) workingDays(from, to credit.Date) (days int, late bool, err error) {
	if days, err = p.calendar.WorkingDaysBetween(from, to); err != nil || days < p.contract.Clock.Within {
		return days, false, err
	}
	deadline, err := p.calendar.AddWorkingDays(from, p.contract.Clock.Within)
	return days, to > deadline, err
}
