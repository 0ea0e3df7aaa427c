package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
	"rongxin/warehouse/store"
)

// Settings are the section courier of a receiver.
type Settings struct {
	Dir         string `yaml:"dir"` // where packages lie, a folder of this receiver alone
	drop.Format `yaml:",inline"`
}

// Check tells everything that is wrong with the settings, without a look at the
// files. Each fault begins with its key.
func (s Settings) Check() error {
	var faults []error
	if s.Dir == "" {
		faults = append(faults, errors.New("dir: is empty: name a folder of this receiver alone"))
	}
	return errors.Join(append(faults, s.Format.Check())...)
}

// Config says what a courier works with.
type Config struct {
	Settings
	Receiver string // the agreed name, which stands in every note
	Source   string // cd_source
	Keys     signing.Provider
	Now      func() time.Time
	Log      *slog.Logger // what must be carried, and what was set aside
}

// Below the folder of a receiver. A person looks into the first two only.
const (
	outDir    = "out"      // packages that are to be carried; each stays until its receipt is here
	inDir     = "in"       // packages that were brought back
	spoolDir  = "spool"    // batches for the next package
	answerDir = "answers"  // what the packages in hold
	sealedDir = "sealed"   // the packages in out, and their notes
	takenDir  = "taken"    // notes of those that the receiver has taken
	backDir   = "returned" // notes of packages that were taken in
)

// Courier hands batches over in packages. It is a drop into a folder of its own
// that is packed when the round ends.
type Courier struct {
	Config
	*drop.Drop

	mu      sync.Mutex
	carried map[string]int // packages by the batches in them, which are not known to be taken; nil until looked up
}

var _ publish.Transport = (*Courier)(nil)

// New returns a courier; it looks at no file yet.
func New(cfg Config) (*Courier, error) {
	if err := cfg.Settings.Check(); err != nil {
		return nil, err
	}
	if m := cfg.Keys.Methods(); m.MAC == "" && m.Signature == "" {
		return nil, fmt.Errorf("%w: signing: a package that is carried has a mac or a signature: agree on one", publish.ErrSetup)
	}
	c := &Courier{Config: cfg}
	var err error
	c.Drop, err = drop.New(drop.Config{Receiver: cfg.Receiver, Out: folder.Local(c.at(spoolDir)), Return: folder.Local(c.at(answerDir)),
		Format: cfg.Format, Keys: cfg.Keys, Now: cfg.Now, Log: cfg.Log})
	return c, err
}

func (c *Courier) at(parts ...string) string {
	return filepath.Join(append([]string{c.Dir}, parts...)...)
}

// ready makes the folders below that of the receiver, which must be there, and
// finishes what an earlier process was sealing.
func (c *Courier) ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.carried != nil {
		return nil
	}
	if _, err := folder.Local(c.Dir).List(ctx); err != nil {
		return err
	}
	for _, name := range []string{outDir, inDir, spoolDir, answerDir, sealedDir, takenDir, backDir} {
		if err := errors.Join(store.MakeDirs(c.at(name)), store.Sweep(c.at(name))); err != nil {
			return err
		}
	}
	notes, err := c.notes(sealedDir)
	if err != nil {
		return err
	}
	carried, kept := map[string]int{}, map[string]bool{}
	for _, n := range notes {
		kept[c.at(sealedDir, c.fileName(n.Number))] = true
		if err := c.finish(ctx, n); err != nil {
			return err
		}
		for _, m := range n.Files {
			carried[batchOf(m.Name)] = n.Number
		}
	}
	packages, err := filepath.Glob(c.at(sealedDir, "*.zip"))
	if err != nil {
		return err
	}
	for _, path := range packages { // taken, by a process that came no further
		if !kept[path] {
			if err := c.discard(filepath.Base(path)); err != nil {
				return err
			}
		}
	}
	c.carried = carried
	return nil
}

// Check looks whether the folder is there and can be written to.
func (c *Courier) Check(ctx context.Context) error {
	return drop.Sorted(folder.Try(ctx, folder.Local(c.Dir)))
}

// Send puts a batch where the next package is packed from. One that lies in a
// package that the receiver is not known to have is there already.
func (c *Courier) Send(ctx context.Context, batch publish.Message) publish.Answer {
	if err := c.ready(ctx); err != nil {
		return drop.Failed(err)
	}
	if _, is := c.carried[drop.Stem(batch.Number, batch.Table, batch.Key)]; is {
		return publish.Answer{Outcome: publish.Handed}
	}
	return c.Drop.Send(ctx, batch)
}

// Collect takes in the packages that were brought back, and then the answers
// that were in them.
func (c *Courier) Collect(ctx context.Context, since string) (notices []publish.Notice, next string, more bool, err error) {
	if err := c.takeIn(ctx); err != nil {
		return nil, "", false, err
	}
	return c.Drop.Collect(ctx, since)
}

// Holdings reads the newest state that was brought back.
func (c *Courier) Holdings(ctx context.Context, table string) (publish.Holdings, error) {
	if err := c.takeIn(ctx); err != nil {
		return publish.Holdings{}, err
	}
	return c.Drop.Holdings(ctx, table)
}

// Close takes in what was brought back meanwhile, and seals what was handed over
// since the last package.
func (c *Courier) Close(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		if !c.Used() {
			return nil // whoever asked for something was told
		}
		return drop.Sorted(err)
	}
	if err := c.takeIn(ctx); err != nil {
		return err
	}
	for {
		sealed, err := c.seal(ctx)
		if err != nil {
			return drop.Sorted(fmt.Errorf("%s: %w", c.at(outDir), err))
		}
		if !sealed {
			return c.Drop.Close(ctx)
		}
	}
}
