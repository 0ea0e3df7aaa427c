package drop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
)

// Config says what a drop works with.
type Config struct {
	Receiver    string        // the agreed name, which stands in every note
	Out, Return folder.Folder //
	Format      Format        //
	Keys        signing.Provider
	Now         func() time.Time
	Log         *slog.Logger // what was set aside
}

// Format says how data files are written. The zero Format is CSV in UTF-8 with
// lines that end in LF.
type Format struct {
	Form     string `yaml:"form"`     // csv or xml
	Encoding string `yaml:"encoding"` // UTF-8 or GB18030
	LineEnd  string `yaml:"line_end"` // LF or CRLF
}

// filled has the defaults in place of what is empty.
func (f Format) filled() Format {
	return Format{cmp.Or(f.Form, formCSV), cmp.Or(f.Encoding, utf8Encoding), cmp.Or(f.LineEnd, "LF")}
}

// The words of formats and encodings, as settings and manifests have them.
const (
	formCSV, formXML          = "csv", "xml"
	utf8Encoding, gbkEncoding = "UTF-8", "GB18030"
)

// Check tells everything that is wrong with a format.
func (f Format) Check() error {
	var faults []error
	f = f.filled()
	if f.Form != formCSV && f.Form != formXML {
		faults = append(faults, fmt.Errorf("form: %q is neither csv nor xml", f.Form))
	}
	if f.Encoding != utf8Encoding && f.Encoding != gbkEncoding {
		faults = append(faults, fmt.Errorf("encoding: %q is neither UTF-8 nor GB18030", f.Encoding))
	}
	if f.LineEnd != "LF" && f.LineEnd != "CRLF" {
		faults = append(faults, fmt.Errorf("line_end: %q is neither LF nor CRLF", f.LineEnd))
	}
	return errors.Join(faults...)
}

// Drop hands batches over as files.
type Drop struct {
	Config
	sent atomic.Bool // something, so that the folders are there
}

var _ publish.Transport = (*Drop)(nil)

// New returns a drop; it looks at no file yet.
func New(cfg Config) (*Drop, error) {
	if err := cfg.Format.Check(); err != nil {
		return nil, err
	}
	if err := note.CheckKeys(cfg.Keys); err != nil {
		return nil, err
	}
	cfg.Format = cfg.Format.filled()
	return &Drop{Config: cfg}, nil
}

// Check looks whether both folders are there and can be written to.
func (d *Drop) Check(ctx context.Context) error {
	return errors.Join(Sorted(folder.Try(ctx, d.Out)), Sorted(folder.Try(ctx, d.Return)))
}

// Send puts the two files of a batch into out, the manifest last.
func (d *Drop) Send(ctx context.Context, batch publish.Message) publish.Answer {
	m, data, err := d.render(batch)
	var unfit unfitError
	if errors.As(err, &unfit) {
		return publish.Answer{Outcome: publish.Refused, Code: unfit.code, Text: unfit.text}
	}
	if err == nil {
		err = d.put(ctx, m, data)
	}
	if err != nil {
		return Failed(fmt.Errorf("%s: batch %s: %w", d.Out, batch.Number, err))
	}
	d.sent.Store(true)
	return publish.Answer{Outcome: publish.Handed}
}

// Failed is the answer to a batch that an error met, sorted by what it means for
// another attempt.
func Failed(err error) publish.Answer {
	a := publish.Answer{Outcome: publish.Unavailable, Err: err}
	switch {
	case errors.Is(err, errFenced):
		a.Outcome = publish.Fenced
	case errors.Is(err, folder.ErrSetup):
		a.Outcome = publish.Misconfigured
	case errors.Is(err, context.DeadlineExceeded):
		a.Outcome = publish.TimedOut
	case errors.Is(err, context.Canceled):
		a.Outcome = publish.Interrupted
	case errors.Is(err, folder.ErrConnection):
		a.Outcome = publish.Cut
	}
	return a
}

// Sorted marks an error of a question as [publish.Transport] asks for.
func Sorted(err error) error {
	switch {
	case err == nil, errors.Is(err, publish.ErrCannotAsk), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, folder.ErrSetup):
		return fmt.Errorf("%w: %w", publish.ErrSetup, err)
	}
	return fmt.Errorf("%w: %w", publish.ErrTemporary, err)
}

var errFenced = errors.New("a later publisher has handed this batch over")

// put writes what is not there yet. A batch that lies there whole stays as it is,
// under the epoch of whoever put it there: with a higher one it would pass those
// of its lane that lie behind it, and fence them. A manifest never stands beside
// data that it does not speak of.
func (d *Drop) put(ctx context.Context, m manifest, data []byte) error {
	text, err := note.Encode(m, d.Keys)
	if err != nil {
		return err
	}
	name := m.stem() + ManifestEnd
	there, err := folder.Read(ctx, d.Out, name, note.MaxBytes)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		earlier, err := readManifest(there, d.Receiver)
		switch {
		case err != nil: // it is not ours, or was damaged where it lies
			d.Log.Warn("a damaged manifest is replaced", "folder", d.Out.String(), "file", name, "error", err)
		case earlier.Epoch > m.Epoch:
			return fmt.Errorf("%s has epoch %d, ours is %d: %w", name, earlier.Epoch, m.Epoch, errFenced)
		case earlier.Key == m.Key && earlier.Data == m.Data:
			if whole, err := d.holds(ctx, m.Data); whole || err != nil {
				return err
			}
		}
		if err != nil || earlier.Data != m.Data {
			if err := d.Out.Remove(ctx, name); err != nil {
				return err
			}
		}
	}
	if err := d.Out.Put(ctx, m.Data.Name, data); err != nil {
		return err
	}
	return d.Out.Put(ctx, name, text)
}

// holds reports whether a data file lies in out in its length.
func (d *Drop) holds(ctx context.Context, want dataFile) (whole bool, err error) {
	err = d.Out.View(ctx, want.Name, func(f folder.File, _ io.ReaderAt) error {
		whole = f.Size == want.Bytes
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return whole, err
}

// Unfinished files are left for that long.
const sweepAfter = 24 * time.Hour

// Used tells whether a batch was handed over.
func (d *Drop) Used() bool { return d.sent.Load() }

// Close removes what a killed sender left behind where it sent something, and
// ends the connections.
func (d *Drop) Close(ctx context.Context) error {
	var err error
	if d.Used() {
		before := d.Now().Add(-sweepAfter)
		err = Sorted(errors.Join(d.Out.Sweep(ctx, "", before), d.Return.Sweep(ctx, asideDir, before)))
	}
	return errors.Join(err, d.Out.Close(), d.Return.Close())
}
