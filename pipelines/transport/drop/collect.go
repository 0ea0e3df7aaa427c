package drop

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
)

const (
	takenDir, asideDir = "taken/", "aside/"
	fencedCode         = "FENCED"
	reasonEnd          = ".reason.txt"
	collectAtOnce      = 100              // files
	halfWritten        = 10 * time.Minute // a file may be that long in the writing
)

// handed is one file whose answer was returned by Collect. The cursor lists
// them: the next call, which shows that the caller keeps their answers, moves
// them to taken.
type handed struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Collect reads receipts and feedback in return, receipts first. What it could
// not read, what contradicts, and what is about the files of a replaced publisher
// is set aside with the reason, and told in the log.
func (d *Drop) Collect(ctx context.Context, since string) (notices []publish.Notice, next string, more bool, err error) {
	if err := d.settle(ctx, since); err != nil {
		return nil, "", false, Sorted(fmt.Errorf("%s: %w", d.Return, err))
	}
	files, err := d.Return.List(ctx)
	if err != nil {
		return nil, "", false, Sorted(err)
	}
	files = slices.DeleteFunc(files, func(f folder.File) bool { return !d.isAnswer(f.Name) })
	slices.SortStableFunc(files, func(a, b folder.File) int { return -cmp.Compare(kindOf(a.Name), kindOf(b.Name)) })

	var list []handed
	lines := map[string][]byte{} // first line by the name in taken
	for _, f := range files {
		if more = len(list) == collectAtOnce; more {
			break
		}
		a, hand, err := d.take(ctx, f, lines)
		if err != nil {
			return nil, "", false, Sorted(fmt.Errorf("%s: %s: %w", d.Return, f.Name, err))
		}
		if hand != nil {
			list = append(list, *hand)
			notices = append(notices, a.notice())
		}
	}
	if len(list) == 0 {
		return nil, "", false, nil
	}
	text, err := json.Marshal(list)
	return notices, string(text), more, err
}

// isAnswer reports a file that is an answer by its name.
func (d *Drop) isAnswer(name string) bool {
	switch {
	case kindOf(name) == "":
		return false
	case folder.CheckName(name) != nil || len(name) > maxName:
		d.Log.Warn("a file of the receiver has a name that was not agreed, and is left where it is", "folder", d.Return.String(), "file", name)
		return false
	}
	return true
}

// settle moves the files of a cursor to taken. One that is another by now stays.
func (d *Drop) settle(ctx context.Context, since string) error {
	if since == "" {
		return nil
	}
	var list []handed
	if err := json.Unmarshal([]byte(since), &list); err != nil {
		return fmt.Errorf("cursor: %w", err)
	}
	for _, h := range list {
		text, err := folder.Read(ctx, d.Return, h.Name, note.MaxBytes)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if sha256Hex(text) != h.SHA256 {
			continue
		}
		a, err := readAnswer(kindOf(h.Name), d.Receiver, text, d.Keys)
		if err != nil {
			continue // keys were changed meanwhile; Collect tells
		}
		if err := d.Return.Move(ctx, h.Name, takenDir+a.kept()); err != nil {
			return err
		}
	}
	return nil
}

// take reads one file. Without an answer the file was set aside, or is left
// alone for now.
func (d *Drop) take(ctx context.Context, f folder.File, lines map[string][]byte) (a answer, h *handed, err error) {
	text, err := folder.Read(ctx, d.Return, f.Name, note.MaxBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a, nil, nil
	case errors.Is(err, folder.ErrTooLarge), errors.Is(err, folder.ErrIrregular):
		return a, nil, d.setAside(ctx, f, err)
	case err != nil:
		return a, nil, err
	}
	a, err = readAnswer(kindOf(f.Name), d.Receiver, text, d.Keys)
	if errors.Is(err, note.ErrHalf) && d.Now().Sub(f.Modified) < halfWritten {
		return a, nil, nil
	}
	if err != nil {
		return a, nil, d.setAside(ctx, f, err)
	}
	if a.Code == fencedCode {
		return a, nil, d.setAside(ctx, f, errors.New("a publisher that was replaced had left the batch there: it is open, and handed over again when its answer is due"))
	}
	first, err := d.firstLine(ctx, a.kept(), lines)
	if err != nil {
		return a, nil, err
	}
	if first == nil {
		lines[a.kept()] = a.line
	} else if !bytes.Equal(first, a.line) {
		return a, nil, d.setAside(ctx, f, fmt.Errorf("it contradicts the %s that was taken before as %s%s", a.Kind, takenDir, a.kept()))
	}
	return a, &handed{f.Name, sha256Hex(text)}, nil
}

// firstLine is what was said before in an answer of that name, or nil.
func (d *Drop) firstLine(ctx context.Context, kept string, lines map[string][]byte) ([]byte, error) {
	if line, is := lines[kept]; is {
		return line, nil
	}
	text, err := folder.Read(ctx, d.Return, takenDir+kept, note.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), err
}

// setAside moves a file out of the way and says why.
func (d *Drop) setAside(ctx context.Context, f folder.File, why error) error {
	d.Log.Warn("a file of the receiver is set aside", "folder", d.Return.String(), "file", f.Name, "reason", why)
	kept := f.Modified.UTC().Format("20060102T150405Z-") + f.Name
	if err := d.Return.Put(ctx, asideDir+kept+reasonEnd, []byte(why.Error()+"\n")); err != nil {
		return err
	}
	return d.Return.Move(ctx, f.Name, asideDir+kept)
}
