package courier

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
	"rongxin/warehouse/store"
)

const (
	beingCopied = 10 * time.Minute // a package may be that long on its way from the disk
	asideDir    = "aside/"
	doneDir     = "done/"
	reasonEnd   = ".reason.txt"
)

// arrived is a package of answers in the folder in.
type arrived struct {
	folder.File
	note packageNote
}

// takeIn takes in the packages of answers that are next in their row, and sets
// aside with a reason what none is or must not be used.
func (c *Courier) takeIn(ctx context.Context) error {
	err := c.ready(ctx)
	if err == nil {
		err = c.lookInto(ctx, folder.Local(c.at(inDir)))
	}
	return drop.Sorted(err)
}

func (c *Courier) lookInto(ctx context.Context, in folder.Folder) error {
	files, err := in.List(ctx)
	if err != nil {
		return err
	}
	var found []arrived
	for _, f := range files {
		if folder.CheckName(f.Name) != nil {
			c.Log.Warn("a package has a name that was not agreed, and is left where it is", "folder", in.String(), "file", f.Name)
			continue
		}
		a := arrived{File: f}
		err := in.View(ctx, f.Name, func(f folder.File, r io.ReaderAt) error {
			_, n, err := c.open(f, r)
			a.note = n
			return err
		})
		if ofMachine(err) {
			return err
		}
		if errors.Is(err, zip.ErrFormat) && c.Now().Sub(f.Modified) < beingCopied {
			continue
		}
		if err != nil {
			if err := c.setAside(ctx, f, err); err != nil {
				return err
			}
			continue
		}
		found = append(found, a)
	}
	slices.SortStableFunc(found, func(a, b arrived) int { return cmp.Compare(a.note.Number, b.note.Number) })
	for _, a := range found {
		if err := c.takeOne(ctx, in, a); err != nil {
			return fmt.Errorf("%s: %s: %w", in, a.Name, err)
		}
	}
	return nil
}

// takeOne takes in a package if it is the next, and tells if it is not.
func (c *Courier) takeOne(ctx context.Context, in folder.Folder, a arrived) error {
	last, err := c.last(backDir)
	if err != nil {
		return err
	}
	n := a.note
	switch {
	case n.Number <= last.Number:
		kept, err := c.readKept(backDir, noteFile(n.Number))
		if err == nil && kept.digest != n.digest {
			err = errors.New("another package of that number")
		}
		if err != nil {
			return c.setAside(ctx, a.File, fmt.Errorf("CHAIN: package %d of answers was taken in before, and this is another: %w", n.Number, err))
		}
		if done, err := filepath.Glob(c.at(inDir, doneDir, donePrefix(n.Number)+"*")); len(done) == 0 || err != nil {
			return errors.Join(err, c.done(ctx, in, a)) // it was taken in by a process that came no further
		}
		return c.setAside(ctx, a.File, fmt.Errorf("REPEATED: package %d of answers was taken in before; it has no further effect", n.Number))
	case n.Number > last.Number+1:
		c.Log.Warn("a package of answers waits for those before it", "receiver", c.Receiver, "file", a.Name,
			"number", n.Number, "missing", fmt.Sprintf("%d to %d", last.Number+1, n.Number-1))
		return nil
	case n.Previous != last.digest:
		return c.setAside(ctx, a.File, fmt.Errorf("CHAIN: package %d of answers does not follow the package %d that was taken in", n.Number, last.Number))
	}
	err = in.View(ctx, a.Name, func(f folder.File, r io.ReaderAt) error { return c.unpack(ctx, f, r, n) })
	var altered alteredError
	if errors.As(err, &altered) {
		return c.setAside(ctx, a.File, err)
	}
	if err != nil {
		return err
	}
	if err := c.acknowledge(n); err != nil {
		return err
	}
	err = store.Create(c.at(backDir, noteFile(n.Number)), 0o600, func(w io.Writer) error {
		_, err := w.Write(n.text)
		return err
	})
	if err != nil {
		return err
	}
	return c.done(ctx, in, a)
}

func donePrefix(number int) string { return fmt.Sprintf("%06d-", number) }

func (c *Courier) done(ctx context.Context, in folder.Folder, a arrived) error {
	return in.Move(ctx, a.Name, doneDir+donePrefix(a.note.Number)+a.Name)
}

// unpack puts the members of a package where the drop looks for answers, lists of
// keys before the states that name them. Nothing is put before all were checked.
func (c *Courier) unpack(ctx context.Context, f folder.File, r io.ReaderAt, n packageNote) error {
	archive, again, err := c.open(f, r)
	if err != nil {
		return err
	}
	if again.digest != n.digest {
		return errors.New("it was changed while it was read")
	}
	files := archive.File[1:]
	for i, m := range n.Files {
		if err := copyMember(ctx, files[i], m, io.Discard); err != nil {
			return err
		}
	}
	order := func(i int) int {
		switch name := n.Files[i].Name; {
		case strings.HasSuffix(name, keysEnd):
			return 0
		case strings.HasSuffix(name, stateEnd):
			return 1
		}
		return 2
	}
	all := make([]int, len(files))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(order(a), order(b)) })
	for _, i := range all {
		name := strings.TrimPrefix(n.Files[i].Name, returnPart)
		if order(i) == 2 { // names of answers are used again in another package
			name = donePrefix(n.Number) + name
		}
		err := store.Write(c.at(answerDir, name), 0o600, func(w io.Writer) error { return copyMember(ctx, files[i], n.Files[i], w) })
		if err != nil {
			return err
		}
	}
	return nil
}

const stateEnd = ".state.json"

// acknowledge clears packages of ours that the receiver has taken out of the way.
func (c *Courier) acknowledge(n packageNote) error {
	for _, r := range n.Received {
		name := noteFile(r.Number)
		ours, err := c.readKept(sealedDir, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was acknowledged before
		}
		if err != nil {
			return err
		}
		switch {
		case r.Digest != ours.digest:
			c.Log.Warn("the receiver tells of another package of that number than ours", "receiver", c.Receiver, "number", r.Number, "result", r.Result)
			continue
		case r.Result == "refused":
			c.Log.Warn("a package was refused and is to be carried again", "receiver", c.Receiver, "package", c.fileName(r.Number), "code", r.Code, "message", r.Message)
			continue
		}
		if err := store.Move(c.at(sealedDir, name), c.at(takenDir, name)); err != nil {
			return err
		}
		if err := c.discard(c.fileName(r.Number)); err != nil {
			return err
		}
		for _, m := range ours.Files {
			delete(c.carried, batchOf(m.Name))
		}
	}
	return nil
}

// discard removes a package that was taken, first where it was to be carried.
func (c *Courier) discard(file string) error {
	for _, dir := range []string{outDir, sealedDir} {
		if err := os.Remove(c.at(dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// setAside moves a package out of the way and says why.
func (c *Courier) setAside(ctx context.Context, f folder.File, why error) error {
	in := folder.Local(c.at(inDir))
	c.Log.Warn("a package is set aside", "receiver", c.Receiver, "file", f.Name, "reason", why)
	kept := f.Modified.UTC().Format("20060102T150405Z-") + f.Name
	var reason bytes.Buffer
	fmt.Fprintf(&reason, "%s\n%s\n", inChinese(why), why)
	if err := in.Put(ctx, asideDir+kept+reasonEnd, reason.Bytes()); err != nil {
		return err
	}
	return in.Move(ctx, f.Name, asideDir+kept)
}

// inChinese tells the officer who carries packages what to do.
func inChinese(why error) string {
	switch text := why.Error(); {
	case errors.Is(why, note.ErrReceiver):
		return "此包不是给本系统的，请核对收件单位后退回。"
	case errors.Is(why, signing.ErrSignature):
		return "此包的签名不符：可能被改动，或不是平台签发的，请与平台核对。"
	case strings.Contains(text, "REPEATED"):
		return "此回执包以前已经收过，不再处理，无需再送。"
	case strings.Contains(text, "CHAIN"):
		return "此回执包与以前收到的包衔接不上，可能拿错了盘或包被更换，请与平台核对。"
	case strings.Contains(text, "ALTERED"), errors.Is(why, zip.ErrFormat), errors.Is(why, zip.ErrChecksum):
		return "此包在途中损坏或被改动，请从平台重新拷贝后再送。"
	}
	return "此包不是有效的回执包，请与平台核对。"
}
