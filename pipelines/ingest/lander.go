// Package ingest lands what departments send: it copies an extract, judges
// every row by its contract, and leaves a batch directory with typed records,
// the rejects with their reasons, the original bytes and batch.json.
//
// One row wrong goes to the rejects; a file whose structure is wrong is refused
// as a whole and leaves nothing. Accepted and rejected rows always add up to
// the rows read, and the same bytes land once however often they come.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// Config sets up a Lander. Only Home and Catalog are required.
type Config struct {
	Home       string // $RONGXIN_HOME
	Catalog    *contract.Catalog
	Workers    int // goroutines that judge rows; default the number of CPUs
	BlockBytes int // how much is read at once; default 1 MiB; not seen in the output
	// GroupRows is the most rows of a Parquet row group, default 65,536 (a row
	// group also ends at 8 MiB of source). It is seen in the output bytes.
	GroupRows  int
	Exceptions credit.Exceptions // reviewed codes that are valid although they do not compute
	// Child is the command line of a program that calls [ServeChild]: what
	// departments send is opened in that process, under its limits. Without it
	// everything is done in this one.
	Child []string
	// Keys make tokens and seal the extracts of datasets that tell of persons;
	// default the directory Home + ".keys".
	Keys *secret.Ring
	// Progress, when set, is told of every judged block: rows and source bytes
	// since the last call. It is called from one goroutine at a time.
	Progress func(rows, bytes int64)
	// Watch, when set, is told when a file is taken up and by which contract; what
	// it returns is told what became of it. Several goroutines may call it.
	Watch func(ctx context.Context, c *contract.Contract) func(Result, error)
}

// A Lander lands extracts. It may be used by several goroutines at once.
type Lander struct {
	cfg Config
	key func() (secret.Key, error) // for what is landed now; asked for on first need
}

// New checks the configuration and fills in the defaults.
func New(cfg Config) (*Lander, error) {
	if cfg.Home == "" || cfg.Catalog == nil {
		return nil, errors.New("ingest: Home and Catalog are required")
	}
	if cfg.Workers < 0 || cfg.BlockBytes < 0 || cfg.GroupRows < 0 {
		return nil, errors.New("ingest: Workers, BlockBytes and GroupRows must not be negative")
	}
	if cfg.Workers == 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.BlockBytes == 0 {
		cfg.BlockBytes = 1 << 20
	}
	if cfg.GroupRows == 0 {
		cfg.GroupRows = 1 << 16
	}
	if cfg.Keys == nil {
		cfg.Keys = secret.NewRing(filepath.Clean(cfg.Home) + ".keys")
	}
	return &Lander{cfg, sync.OnceValues(func() (secret.Key, error) {
		used, err := landing.KeysUsed(cfg.Home)
		if err != nil {
			return secret.Key{}, err
		}
		return cfg.Keys.Current(used...)
	})}, nil
}

// Request names one file to land.
type Request struct {
	Dataset    string             // department/dataset of the catalogue
	Contract   *contract.Contract // instead of Dataset, for one outside the catalogue
	File       string
	ReceivedAt time.Time // when we knew; its day bounds not_after: received
	Override   string    // reason to let in a batch outside its expectations
}

// Result is what landing a file led to.
type Result struct {
	Batch         landing.Batch
	AlreadyLanded bool     // the same bytes were there before; nothing was written
	FirstRejects  []Reject // a few, for messages
	Warnings      []Warning
}

// Land lands one file. A *Refusal says that the file is at fault; then nothing
// was kept, and the Result still tells the counts when rows were judged.
func (l *Lander) Land(ctx context.Context, req Request) (Result, error) {
	c := req.Contract
	if c == nil {
		var err error
		if c, err = l.cfg.Catalog.Find(req.Dataset); err != nil {
			return Result{}, err
		}
	}
	if req.ReceivedAt.IsZero() {
		return Result{}, fmt.Errorf("%s: %s: the time of receipt is missing", c.Dataset, req.File)
	}
	if req.Contract == nil {
		day := credit.DateOf(req.ReceivedAt)
		valid := l.valid(c.Dataset, day)
		if len(valid) == 0 {
			bad := unfit(ContractInvalid, "契约没有在 %s 有效的版本；第 %d 版自 %s 起", "no version of the contract is valid on %s; version %d is from %s", day, c.Version, c.EffectiveFrom)
			return Result{}, Refuse(bad.code, c.Dataset, filepath.Base(req.File), bad.place, bad.detail, bad.Error())
		}
		c = valid[0]
	}
	if info, err := os.Stat(req.File); err != nil {
		return Result{}, err
	} else if !info.Mode().IsRegular() {
		return Result{}, fmt.Errorf("%s: %s is not a file", c.Dataset, req.File)
	}
	done := func(Result, error) {}
	if l.cfg.Watch != nil {
		done = l.cfg.Watch(ctx, c)
	}
	result, err := l.land(ctx, c, req)
	done(result, err)
	if refusal := new(Refusal); err != nil && !errors.As(err, &refusal) {
		err = fmt.Errorf("%s: %s: %w", c.Dataset, credit.MaskPersonal(filepath.Base(req.File)), err)
	}
	return result, err
}

func (l *Lander) land(ctx context.Context, c *contract.Contract, req Request) (Result, error) {
	if err := store.Sweep(filepath.Dir(landing.Dir(l.cfg.Home, c.Dataset, "arrival"))); err != nil {
		return Result{}, err
	}
	// The batch is named by its content, which is known only once it is copied.
	arrival, err := store.Stage(landing.Dir(l.cfg.Home, c.Dataset, "arrival"))
	if err != nil {
		return Result{}, err
	}
	defer arrival.Discard()
	digest, probe, err := receive(ctx, req.File, arrival.Path("extract"))
	if err != nil {
		return Result{}, err
	}
	id := batchID(c, digest.SHA256, credit.DateOf(req.ReceivedAt))
	final := landing.Dir(l.cfg.Home, c.Dataset, id)
	if b, err := landing.Read(final); !errors.Is(err, fs.ErrNotExist) {
		return Result{Batch: b, AlreadyLanded: err == nil}, err
	}
	staged, err := store.Stage(final)
	if err != nil {
		return Result{}, err
	}
	defer staged.Discard()
	name := extractName(c.Source.Format, probe.Head)
	if err := os.Rename(arrival.Path("extract"), staged.Path(name)); err != nil {
		return Result{}, err
	}
	b := landing.Batch{
		ID: id, Dataset: c.Dataset, Department: c.Department, Title: c.Title, Delivery: c.Source.Delivery,
		ReceivedAt: req.ReceivedAt,
		Extract:    landing.Extract{Name: credit.MaskPersonal(strings.ToValidUTF8(filepath.Base(req.File), "\uFFFD")), File: name, Format: c.Source.Format, Digest: digest},
	}
	var key secret.Key
	if l.isPersonal(c, req.ReceivedAt) {
		if key, err = l.key(); err != nil {
			return Result{}, err
		}
		b.KeyID = key.ID()
	}
	first, warnings, err := l.fill(ctx, c, req, staged, probe, key, &b)
	if err != nil {
		return Result{Batch: b, FirstRejects: first}, err
	}
	err = staged.Commit()
	if errors.Is(err, store.ErrExists) {
		b, err = landing.Read(final) // somebody landed the same bytes meanwhile
		return Result{Batch: b, AlreadyLanded: err == nil}, err
	}
	return Result{Batch: b, FirstRejects: first, Warnings: warnings}, err
}

// fill writes records, rejects and batch.json into the staged directory.
func (l *Lander) fill(ctx context.Context, c *contract.Contract, req Request, staged *store.Dir, probe *textProbe, key secret.Key, b *landing.Batch) ([]Reject, []Warning, error) {
	dir, err := filepath.Abs(staged.Path(""))
	if err != nil {
		return nil, nil, err
	}
	t := l.task(c, dir, b, credit.DateOf(req.ReceivedAt), key)
	t.Probe = probe
	// Meanwhile the extract goes to the disk, so that Commit need not wait for it.
	kept := b.Extract
	var keeping errgroup.Group
	keeping.Go(func() (err error) {
		kept, err = keep(staged, kept, key)
		return err
	})
	out, err := l.judge(ctx, t)
	if err = errors.Join(err, keeping.Wait()); err != nil {
		return nil, nil, err
	}
	if kept.Sealed != nil {
		if err := os.Remove(t.path(t.File)); err != nil {
			return nil, nil, err
		}
	}
	c = t.version(out.Version)
	t.Contract = c
	b.Title, b.Contract, b.Columns = c.Title, landing.ContractRef{Version: c.Version, SHA256: c.Hash}, c.Columns()
	b.Extract = kept
	b.Extract.Encoding, b.Extract.Member = out.Encoding, credit.MaskPersonal(out.Member)
	b.Rows, b.Reasons, b.Flags = out.Rows, out.Reasons, out.Flags
	b.Records, b.Rejects = out.Records, out.Rejects
	if b.Vault, err = t.seal(&out, key); err != nil {
		return out.First, nil, err
	}
	if r := out.Rows; r.Accepted+r.Rejected != r.Read || total(out.Reasons) != r.Rejected {
		return out.First, nil, fmt.Errorf("internal error: %d accepted and %d rejected rows (%d by reason) of %d read",
			r.Accepted, r.Rejected, total(out.Reasons), r.Read)
	}
	few, warnings, err := l.compareVolume(c, *b)
	if err != nil {
		return out.First, nil, err
	}
	if bad, is := merge(append(unexpected(c, out), few...)); is {
		if req.Override == "" {
			return out.First, nil, t.refuse(bad)
		}
		b.Override = req.Override
	}
	return out.First, warnings, landing.Write(staged, *b)
}

// valid returns the versions of a contract that hold on a day, the newest first.
func (l *Lander) valid(dataset string, day credit.Date) []*contract.Contract {
	return slices.DeleteFunc(l.cfg.Catalog.Versions(dataset), func(c *contract.Contract) bool { return !c.ValidOn(day) })
}

// isPersonal reports whether an extract may tell of persons, by whichever version
// of the contract it will be judged.
func (l *Lander) isPersonal(c *contract.Contract, receivedAt time.Time) bool {
	return c.IsPersonal() || slices.ContainsFunc(l.earlier(c, credit.DateOf(receivedAt)), (*contract.Contract).IsPersonal)
}

// earlier returns the versions before c that hold on a day too.
func (l *Lander) earlier(c *contract.Contract, day credit.Date) []*contract.Contract {
	return slices.DeleteFunc(l.valid(c.Dataset, day), func(e *contract.Contract) bool { return e.Version >= c.Version })
}

// task is the work on one batch whose extract lies in dir.
func (l *Lander) task(c *contract.Contract, dir string, b *landing.Batch, day credit.Date, key secret.Key) *task {
	t := &task{
		Contract: c, Earlier: l.earlier(c, day), Dir: dir, File: b.Extract.File, Size: b.Extract.Bytes, Name: b.Extract.Name,
		Batch: b.ID, Day: day, Exceptions: l.cfg.Exceptions,
		Workers: l.cfg.Workers, BlockBytes: l.cfg.BlockBytes, GroupRows: l.cfg.GroupRows,
	}
	if !key.IsZero() {
		t.Tokens = key.TokenKey()
	}
	return t
}

// judge has a task done, in a process of its own where the configuration says
// how to start one.
func (l *Lander) judge(ctx context.Context, t *task) (out outcome, err error) {
	if len(l.cfg.Child) == 0 {
		out, err = t.do(ctx, l.cfg.Progress)
	} else {
		out, err = l.inChild(ctx, t)
	}
	if err != nil {
		return out, err
	}
	return out, t.digest(&out)
}

// unexpected says how a batch breaks the expectations of its contract.
func unexpected(c *contract.Contract, out outcome) []badFile {
	r := out.Rows
	if r.Read < c.Expect.MinRows {
		return []badFile{unfit(TooFewRows, "共 %d 行，契约要求至少 %d 行", "%d rows, the contract expects %d at least", r.Read, c.Expect.MinRows)}
	}
	if r.Rejected*1_000_000 <= c.Expect.MaxRejectPPM*r.Read {
		return nil
	}
	var reasons []string
	for reason, n := range out.Reasons {
		reasons = append(reasons, fmt.Sprintf("%s %d", reason, n))
	}
	slices.Sort(reasons)
	var first []string
	for _, reject := range out.First {
		first = append(first, reject.String())
	}
	return []badFile{unfit(TooManyRejects, "共 %[2]d 行，拒收 %[1]d 行，契约允许 %[3]s%%", "%[1]d of %[2]d rows rejected, the contract allows %[3]s%% (%[4]s; first %[5]s)",
		r.Rejected, r.Read, contract.FormatScaled(nil, c.Expect.MaxRejectPPM, 4),
		strings.Join(reasons, ", "), strings.Join(first, ", "))}
}

// merge makes one of several faults of a whole file, under the code of the first.
func merge(faults []badFile) (one badFile, is bool) {
	for i, bad := range faults {
		if i == 0 {
			one = bad
			continue
		}
		one.detail += "；" + bad.detail
		one.err = fmt.Errorf("%w; %w", one.err, bad.err)
	}
	return one, len(faults) > 0
}
