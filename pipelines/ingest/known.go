package ingest

import (
	"bytes"

	"rongxin/pipelines/contract"
)

// Bounds on what is known of a field. A value beyond them is judged each time.
const (
	maxKnown      = 4096
	maxKnownBytes = 128 << 10
)

// known are values of one field that a judge accepted before, and what it made
// of them: where values repeat, such as codes and the names of authorities, each
// is judged once.
type known struct {
	dictionary
	accepted []acceptance
}

// An acceptance is what one value became: the cells of its columns, and flags.
type acceptance struct {
	cell, beside cell // beside is of a field with two columns
	flags        flagSet
}

// repeats reports fields whose values repeat and are judged by themselves, not
// by what else the row holds.
func (p *plan) repeats(f *fieldPlan) bool {
	return p.columns[f.column].dictionary && f.Type != contract.PersonID && f.Mask == nil && f.guards == nil && p.again == nil
}

// recall judges a value of a field whose values repeat.
func (j *judge) recall(k *known, f *fieldPlan, i int, v []byte, r *row) {
	n, slot, key := k.seek(v)
	if n >= 0 {
		before := &k.accepted[n]
		j.values[f.column] = before.cell
		if f.width > 1 {
			j.values[f.column+1] = before.beside
		}
		j.flags |= before.flags
		return
	}
	flags, faults := j.flags, len(r.faults)
	j.flags = 0
	f.judge(j, f, i, v, r)
	if len(r.faults) == faults && k.len() < maxKnown && len(k.bytes)+len(v) <= maxKnownBytes {
		k.insert(slot, key, v)
		now := acceptance{cell: j.values[f.column], flags: j.flags}
		now.cell.text, now.cell.known = bytes.Clone(now.cell.text), int32(k.len())
		if f.width > 1 {
			now.beside = j.values[f.column+1] // which many rows share
		}
		k.accepted = append(k.accepted, now)
	}
	j.flags |= flags
}
