package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/parquet-go/parquet-go"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// ErrBusy is returned when another process replays in the same home.
var ErrBusy = errors.New("another replay is at work here")

// ReplayRequest names a batch of which the refused rows are to be judged again.
type ReplayRequest struct {
	Parent      landing.Batch
	Children    []landing.Batch // replays of it that landed before
	Contract    *contract.Contract
	Corrections []Correction // of its dataset, in force on the day
	ReceivedAt  time.Time    // the day of the replay, from which what it lands is known
	DryRun      bool         // judge, and land nothing
}

// Replay judges the refused rows of a batch once more, from its kept extract, by
// the contract and the corrections of today, and lands those that are accepted
// now as a batch of their own. What is judged by its day of receipt is judged by
// the parent's. No row lands twice: what an earlier replay let in is left alone,
// and the batch is named by all that it follows from. A result without accepted
// rows landed nothing. ErrBusy says that another replay is at work.
func (l *Lander) Replay(ctx context.Context, req ReplayRequest) (Result, error) {
	result, err := l.replay(ctx, req)
	if refusal := new(Refusal); err != nil && !errors.As(err, &refusal) {
		err = fmt.Errorf("replay %s batch %s: %w", req.Parent.Dataset, req.Parent.ID, err)
	}
	return result, err
}

func (l *Lander) replay(ctx context.Context, req ReplayRequest) (Result, error) {
	if req.ReceivedAt.Before(req.Parent.ReceivedAt) {
		return Result{}, fmt.Errorf("a replay on %s is before the batch was received, %s",
			credit.DateOf(req.ReceivedAt), credit.DateOf(req.Parent.ReceivedAt))
	}
	lock := flock.New(filepath.Join(l.cfg.Home, "landing", ".replay.lock"))
	if ok, err := lock.TryLock(); err != nil {
		return Result{}, err
	} else if !ok {
		return Result{}, ErrBusy
	}
	defer lock.Unlock()

	lines, err := l.openLines(req)
	if err != nil || len(lines) == 0 {
		return Result{}, err
	}
	again := &Again{Lines: lines, Corrections: req.Corrections}
	id, err := replayID(req, again)
	if err != nil {
		return Result{}, err
	}
	staged, err := store.Stage(landing.Dir(l.cfg.Home, req.Parent.Dataset, id))
	if err != nil {
		return Result{}, err
	}
	defer staged.Discard()
	b, err := l.judgeAgain(ctx, req, again, staged, id)
	if err != nil || req.DryRun || b.Rows.Accepted == 0 {
		return Result{Batch: b}, err
	}
	if err := landing.Write(staged, b); err != nil {
		return Result{}, err
	}
	return Result{Batch: b}, staged.Commit()
}

// judgeAgain fills a staged directory with what is accepted now. The extract is
// there only as long as it is read.
func (l *Lander) judgeAgain(ctx context.Context, req ReplayRequest, again *Again, staged *store.Dir, id string) (landing.Batch, error) {
	c, b := req.Contract, req.Parent
	b.ID, b.Parent, b.ReceivedAt, b.Override = id, req.Parent.ID, req.ReceivedAt, ""
	var key secret.Key
	var err error
	if l.isPersonal(c, req.Parent.ReceivedAt) {
		if key, err = l.key(); err != nil {
			return b, err
		}
		b.KeyID = key.ID()
	}
	dir, err := filepath.Abs(staged.Path(""))
	if err != nil {
		return b, err
	}
	t := l.task(c, dir, &b, credit.DateOf(req.Parent.ReceivedAt), key)
	t.File, t.Again = strings.TrimSuffix(t.File, landing.SealedSuffix), again
	if t.Probe, err = l.recover(ctx, req.Parent, t.path(t.File)); err != nil {
		return b, err
	}
	out, err := l.judge(ctx, t)
	if err = errors.Join(err, os.Remove(t.path(t.File))); err != nil {
		return b, err
	}
	c = t.version(out.Version)
	b.Contract, b.Columns = landing.ContractRef{Version: c.Version, SHA256: c.Hash}, c.Columns()
	b.Rows = landing.Rows{Read: out.Rows.Accepted, Accepted: out.Rows.Accepted}
	b.Reasons, b.Flags, b.Records, b.Rejects = map[string]int{}, out.Flags, out.Records, out.Rejects
	b.Vault, err = t.seal(&out, key)
	return b, err
}

// recover puts the bytes of a kept extract at target and proves that they are
// those that came.
func (l *Lander) recover(ctx context.Context, parent landing.Batch, target string) (*textProbe, error) {
	file, err := os.Open(filepath.Join(landing.Dir(l.cfg.Home, parent.Dataset, parent.ID), parent.Extract.File))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var in io.Reader = file
	if parent.Extract.Sealed != nil {
		if in, err = l.cfg.Keys.Unseal(file); err != nil {
			return nil, err
		}
	}
	digest, probe, err := take(ctx, in, target)
	if err == nil && digest != parent.Extract.Digest {
		err = fmt.Errorf("%w: the extract %s is not what was received", store.ErrDigest, parent.Extract.File)
	}
	return probe, err
}

// refusedRow is what a replay must know of a reject.
type refusedRow struct {
	Line        int64   `parquet:"line"`
	Reason      string  `parquet:"reason"`
	SubjectID   *string `parquet:"subject_id"`
	SubjectName *string `parquet:"subject_name"`
}

// openLines are the lines that the parent refused and no replay let in since.
// Under the contract that refused them only those are looked at whose code was
// corrected or excepted; another contract may accept any.
func (l *Lander) openLines(req ReplayRequest) ([]int64, error) {
	if req.Parent.Rows.Rejected == 0 {
		return nil, nil
	}
	refused, err := readRows[refusedRow](l.cfg.Home, req.Parent, landing.RejectsName, req.Parent.Rejects)
	if err != nil {
		return nil, err
	}
	letIn := map[int64]bool{}
	for _, child := range req.Children {
		rows, err := readRows[struct {
			Line int64 `parquet:"line"`
		}](l.cfg.Home, child, landing.RecordsName, child.Records)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			letIn[row.Line] = true
		}
	}
	corrections := byCode(req.Corrections)
	var lines []int64
	for _, row := range refused {
		if !letIn[row.Line] && (req.Contract.Hash != req.Parent.Contract.SHA256 || l.mayPass(row, corrections)) {
			lines = append(lines, row.Line)
		}
	}
	slices.Sort(lines)
	return lines, nil
}

func (l *Lander) mayPass(row refusedRow, corrections map[string][]Correction) bool {
	if row.SubjectID == nil || row.Reason != CodeInvalid && row.Reason != ScientificCode {
		return false
	}
	name := ""
	if row.SubjectName != nil {
		name = *row.SubjectName
	}
	_, corrected := choose(corrections[*row.SubjectID], name)
	_, excepted := l.cfg.Exceptions.Find(*row.SubjectID)
	return corrected || excepted
}

// readRows reads a file of a batch after checking its digest.
func readRows[T any](home string, b landing.Batch, name string, digest store.Digest) ([]T, error) {
	path := filepath.Join(landing.Dir(home, b.Dataset, b.ID), name)
	if err := store.Check(path, digest); err != nil {
		return nil, err
	}
	return parquet.ReadFile[T](path)
}

// replayID names a replay by its parent, the contract, the corrections and the
// lines it looks at.
func replayID(req ReplayRequest, again *Again) (string, error) {
	what, err := json.Marshal(struct {
		Parent, Contract string
		Again            *Again
	}{req.Parent.ID, req.Contract.Hash, again})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat([]byte(req.Parent.Dataset), []byte{0}, what))
	return hex.EncodeToString(sum[:8]), nil
}
