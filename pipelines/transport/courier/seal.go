package courier

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"rongxin/internal/credit"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
	"rongxin/warehouse/store"
)

// A package has so many batches and bytes; what is more makes another.
const (
	maxBatches = maxMembers/2 - 1
	maxPackage = 4 << 30
)

// batchOf is the name of a batch that a member is a file of.
func batchOf(member string) string {
	stem, _, _ := strings.Cut(strings.TrimPrefix(member, outPart), ".")
	return stem
}

// seal makes the next package of what lies in the spool; false when nothing does.
//
// First its note is written, and that alone decides what is in the package of
// that number. From the note the package is made, in this process or the next
// one, and always the same; only when it lies in out does its content leave the
// spool.
func (c *Courier) seal(ctx context.Context) (bool, error) {
	before, err := c.last(sealedDir, takenDir)
	if err != nil {
		return false, err
	}
	n := packageNote{
		Head:   note.Head{Kind: packageKind, Format: note.Format, Receiver: c.Receiver},
		Source: c.Source, Number: before.Number + 1, Previous: before.digest, SealedOn: credit.DateOf(c.Now()).String(),
	}
	if n.Files, err = c.spooled(ctx); err != nil || len(n.Files) == 0 {
		return false, err
	}
	text, err := note.Encode(n, c.Keys)
	if err != nil {
		return false, err
	}
	if n, err = readNote(packageKind, c.Receiver, c.Source, text); err != nil {
		return false, err
	}
	err = store.Create(c.at(sealedDir, noteFile(n.Number)), 0o600, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, m := range n.Files {
		c.carried[batchOf(m.Name)] = n.Number
	}
	if err := c.finish(ctx, n); err != nil {
		return false, err
	}
	c.Log.Warn("a package is to be carried", "receiver", c.Receiver, "package", c.at(outDir, c.fileName(n.Number)), "batches", len(n.Files)/2)
	return true, nil
}

// spooled lists the files of whole batches, as many as go into one package, each
// batch with its data before its manifest.
func (c *Courier) spooled(ctx context.Context) (members []member, err error) {
	spool := folder.Local(c.at(spoolDir))
	files, err := spool.List(ctx)
	if err != nil {
		return nil, err
	}
	sum := int64(0)
	for _, f := range files {
		if !strings.HasSuffix(f.Name, drop.ManifestEnd) {
			continue
		}
		manifest, err := folder.Read(ctx, spool, f.Name, note.MaxBytes)
		if err != nil {
			return nil, err
		}
		dataName, err := drop.DataOf(manifest, c.Receiver)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", spool, f.Name, err)
		}
		data, err := folder.Read(ctx, spool, dataName, maxMember)
		if err != nil {
			return nil, err
		}
		sum += int64(len(data) + len(manifest))
		if len(members) == 2*maxBatches || len(members) > 0 && sum > maxPackage {
			break
		}
		members = append(members, c.member(dataName, data), c.member(f.Name, manifest))
	}
	return members, nil
}

func (c *Courier) member(name string, content []byte) member {
	m := member{Name: outPart + name, Bytes: int64(len(content)), SHA256: sha256Hex(content)}
	if c.Keys.Methods().Digest == "sm3" {
		sum := sm3.Sum(content)
		m.SM3 = hex.EncodeToString(sum[:])
	}
	return m
}

func sha256Hex(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// finish makes the package of a note, unless it was made before, and clears what
// is in it from the spool. When any of that has gone from there, the package was
// made. It lies beside its note, and in out under a second name (a hard link),
// which comes back when somebody moved it away.
func (c *Courier) finish(ctx context.Context, n packageNote) error {
	spool := folder.Local(c.at(spoolDir))
	left := 0
	for _, m := range n.Files {
		if is, err := exists(c.at(spoolDir, strings.TrimPrefix(m.Name, outPart))); err != nil {
			return err
		} else if is {
			left++
		}
	}
	sealed, out := c.at(sealedDir, c.fileName(n.Number)), c.at(outDir, c.fileName(n.Number))
	made, err := exists(sealed)
	if err == nil && !made && left == len(n.Files) {
		err = store.Write(sealed, 0o640, func(w io.Writer) error { return c.pack(ctx, n, w) })
	}
	if err != nil {
		return fmt.Errorf("package %d: %w", n.Number, err)
	}
	for i := len(n.Files) - 1; i >= 0 && left > 0; i-- { // manifests first
		if err := spool.Remove(ctx, strings.TrimPrefix(n.Files[i].Name, outPart)); err != nil {
			return err
		}
	}
	if there, err := exists(out); there || err != nil {
		return err
	}
	return errors.Join(os.Link(sealed, out), store.SyncDir(c.at(outDir)))
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// pack writes the archive that a note tells of.
func (c *Courier) pack(ctx context.Context, n packageNote, w io.Writer) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	add := func(name string, content []byte) error {
		method := zip.Deflate
		if strings.HasSuffix(name, drop.SealedEnd) { // does not shrink
			method = zip.Store
		}
		f, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			return err
		}
		_, err = io.Copy(f, bytes.NewReader(content))
		return err
	}
	if err := add(noteName, n.text); err != nil {
		return err
	}
	for _, m := range n.Files {
		content, err := folder.Read(ctx, folder.Local(c.at(spoolDir)), strings.TrimPrefix(m.Name, outPart), maxMember)
		if err != nil {
			return err
		}
		if sha256Hex(content) != m.SHA256 {
			return fmt.Errorf("%s was changed after the package was begun", m.Name)
		}
		if err := add(m.Name, content); err != nil {
			return err
		}
	}
	return archive.Close()
}
