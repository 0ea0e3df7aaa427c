package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// BrokenChain is the finding of [Store.VerifyJournal].
type BrokenChain struct {
	Seq    int64 // the first record that is not as it was written
	Reason string
}

func (b *BrokenChain) Error() string {
	return fmt.Sprintf("journal: broken at record %d: %s", b.Seq, b.Reason)
}

// VerifyJournal recomputes the whole chain and returns a [*BrokenChain] naming
// the first record that was changed, removed, inserted or moved. Records cut
// off the end are found as long as the stored head was not rewritten with them;
// whoever can rewrite all of it can only be found by comparing with a
// [Store.Head] that was kept elsewhere.
func (s *Store) VerifyJournal(ctx context.Context) error {
	last := Record{Digest: ChainStart}
	var broken *BrokenChain
	err := s.scanJournal(ctx, EntryFilter{After: -1}, func(r Record, at string) bool {
		if reason := last.breaks(r, at); reason != "" {
			broken = &BrokenChain{last.Seq + 1, reason}
			return false
		}
		last = r
		return true
	})
	if err != nil {
		return err
	}
	if broken != nil {
		return broken
	}
	seq, digest, err := s.Head(ctx)
	if err != nil {
		return err
	}
	// Another process may have appended since the scan: the head may be ahead
	// of what was read, but then the next record must be there.
	if seq < last.Seq || seq == last.Seq && digest != last.Digest {
		return &BrokenChain{last.Seq, "the head of the chain is another record"}
	}
	return s.hasNext(ctx, last.Seq, seq)
}

// breaks says why next cannot follow r, or nothing.
func (r Record) breaks(next Record, at string) string {
	switch {
	case next.Seq != r.Seq+1:
		return fmt.Sprintf("missing: record %d follows record %d", next.Seq, r.Seq)
	case next.Prev != r.Digest:
		return "does not continue the record before it"
	case at != formatTime(next.At) || next.Digest != next.digest():
		return "content does not match its digest"
	}
	return ""
}

func (s *Store) hasNext(ctx context.Context, last, head int64) error {
	if last == head {
		return nil
	}
	var seq int64
	err := s.db.QueryRowContext(ctx, `select seq from journal where seq = ?`, last+1).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return &BrokenChain{last + 1, fmt.Sprintf("missing: the chain went up to record %d", head)}
	}
	return err
}

// Head returns the number and digest of the last record, 0 and [ChainStart]
// for an empty journal. Kept where the store's owner cannot write, it anchors
// the chain.
func (s *Store) Head(ctx context.Context) (seq int64, digest string, err error) {
	err = s.db.QueryRowContext(ctx, `select seq, digest from journal_head`).Scan(&seq, &digest)
	if err != nil {
		return 0, "", fmt.Errorf("journal: %w", err)
	}
	return seq, digest, nil
}
