package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"slices"
)

// An archive is the zip container of a workbook with its parts in the order of
// their names. The library hands sheets over in the order of a map, which is
// another one each time; so every part is compressed as it comes and kept, and
// all are written on Close. All carry the same day.
type archive struct {
	*zip.Writer
	press *flate.Writer
	parts []*part
}

// A part is one file of the archive, compressed.
type part struct {
	header zip.FileHeader
	packed bytes.Buffer
	press  *flate.Writer
	sum    hash.Hash32
}

// firstDay is 1980-01-01, the first that a zip archive can name.
const firstDay = 1<<5 | 1

// newArchive makes the archive that will be written to w. Its level is the
// fastest: a sheet is repetitive, and a run writes many.
func newArchive(w io.Writer) *archive {
	press, _ := flate.NewWriter(io.Discard, flate.BestSpeed) // fails only for a level that does not exist
	return &archive{Writer: zip.NewWriter(w), press: press}
}

// Create begins a part and ends the one before it.
func (a *archive) Create(name string) (io.Writer, error) {
	if err := a.finish(); err != nil {
		return nil, err
	}
	p := &part{header: zip.FileHeader{Name: name, Method: zip.Deflate, ModifiedDate: firstDay}, press: a.press, sum: crc32.NewIEEE()}
	p.press.Reset(&p.packed)
	a.parts = append(a.parts, p)
	return p, nil
}

func (p *part) Write(b []byte) (int, error) {
	p.header.UncompressedSize64 += uint64(len(b))
	p.sum.Write(b)
	return p.press.Write(b)
}

func (a *archive) finish() error {
	if len(a.parts) == 0 {
		return nil
	}
	p := a.parts[len(a.parts)-1]
	if err := p.press.Close(); err != nil {
		return err
	}
	p.header.CRC32 = p.sum.Sum32()
	p.header.CompressedSize64 = uint64(p.packed.Len())
	return nil
}

// Close writes the parts and the directory. In byte order [Content_Types].xml,
// which readers look for first, is the first.
func (a *archive) Close() error {
	err := a.finish()
	slices.SortFunc(a.parts, func(x, y *part) int { return cmp.Compare(x.header.Name, y.header.Name) })
	for _, p := range a.parts {
		if err != nil {
			break
		}
		err = a.copy(p)
	}
	return errors.Join(err, a.Writer.Close())
}

func (a *archive) copy(p *part) error {
	w, err := a.CreateRaw(&p.header)
	if err != nil {
		return err
	}
	_, err = p.packed.WriteTo(w)
	return err
}
