package ingest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// A task is one extract to judge, in plain data, so that it can be handed to a
// process of its own. The extract lies in Dir, and what becomes of it goes there
// too.
type task struct {
	Contract   *contract.Contract
	Earlier    []*contract.Contract // versions still valid, the newest first
	Dir        string               // absolute
	File       string               // of the extract in Dir
	Size       int64                // of the extract in bytes
	Name       string               // as the department called it, for messages
	Probe      *textProbe
	Batch      string
	Day        credit.Date // of receipt
	Exceptions credit.Exceptions
	Tokens     secret.TokenKey // of a dataset that tells of persons
	Workers    int
	BlockBytes int
	GroupRows  int
	Again      *Again // nil: every row is judged for the first time
}

// An outcome is what became of a whole extract.
type outcome struct {
	Version          int // of the contract that the extract was judged by
	Encoding, Member string
	Rows             landing.Rows
	Reasons, Flags   map[string]int
	First            []Reject
	Vault            *store.Digest // of the clear values, not sealed yet

	// Of the files that were written: their sizes, and in the process that landed
	// their digests too.
	Records, Rejects store.Digest
}

// do opens the extract, judges every row and writes records and rejects. It is
// all that ever looks into what a department sent. The error is a *Refusal, or
// of this machine.
func (t *task) do(ctx context.Context, progress func(rows, bytes int64)) (outcome, error) {
	if t.Contract.IsPersonal() && t.Tokens.IsZero() {
		return outcome{}, fmt.Errorf("%s: %w: a dataset that tells of persons is judged with one", t.Contract.Dataset, secret.ErrKey)
	}
	x, err := t.openByVersion(ctx)
	if bad := (badFile{}); errors.As(err, &bad) {
		return outcome{}, t.refuse(bad)
	}
	if err != nil {
		return outcome{}, err
	}
	conveyor := conveyor{
		reader: x.reader, splitters: x.splitters, workers: t.Workers, groupRows: t.GroupRows, progress: progress,
		plan: newPlan(t.Contract, t.Batch, t.Day, t.Exceptions, t.Tokens),
	}
	conveyor.plan.again = t.Again.prepare()
	out, err := conveyor.run(ctx, t.path)
	err = errors.Join(err, x.close())
	if bad := (badFile{}); errors.As(inMember(x.member, err), &bad) {
		return out, t.refuse(bad)
	}
	out.Version, out.Encoding, out.Member = t.Contract.Version, x.encoding, x.member
	return out, err
}

// openByVersion opens the extract by the newest version of the contract that its
// header fits: a department that has not changed over yet sends the columns of
// an earlier one. When none fits, what is wrong is told by the newest.
func (t *task) openByVersion(ctx context.Context) (*extract, error) {
	x, err := t.open(ctx)
	for _, earlier := range t.Earlier {
		if bad := (badFile{}); !errors.As(err, &bad) || !bad.code.isOfHeader() {
			return x, err
		}
		older := *t
		older.Contract = earlier
		if found, olderErr := older.open(ctx); olderErr == nil {
			t.Contract = earlier
			return found, nil
		}
	}
	return x, err
}

// version is the contract of a number, of those that the task has.
func (t *task) version(number int) *contract.Contract {
	for _, earlier := range t.Earlier {
		if earlier.Version == number {
			return earlier
		}
	}
	return t.Contract
}

// digest reads what the task wrote, all of it.
func (t *task) digest(out *outcome) error {
	for name, of := range map[string]*store.Digest{landing.RecordsName: &out.Records, landing.RejectsName: &out.Rejects} {
		written := of.Bytes
		var err error
		if *of, err = store.Sum(t.path(name)); err != nil {
			return err
		}
		if of.Bytes != written {
			return fmt.Errorf("%s: %d bytes were written, and %d are there", name, written, of.Bytes)
		}
	}
	return nil
}

func (t *task) path(name string) string { return filepath.Join(t.Dir, name) }

// refuse refuses the extract.
func (t *task) refuse(bad badFile) *Refusal {
	return Refuse(bad.code, t.Contract.Dataset, t.Name, bad.place, bad.detail, bad.Error())
}
