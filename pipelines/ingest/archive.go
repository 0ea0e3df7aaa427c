package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Bounds on a packed extract. Tables of the synthetic city shrink to between a
// third and a seventh as CSV, wordy XML to a thirtieth; deflate cannot go beyond
// 1,032 to 1 (zlib technical notes), and what comes near is a bomb. A small file
// of few distinct rows may shrink as much honestly, so the ratio counts only
// from ratioFloor on.
const (
	maxUnpacked = 16 << 30 // bytes; three times the largest extract in sight
	maxRatio    = 100      // unpacked to packed
	usualRatio  = 10       // and of what time is given for
	ratioFloor  = 64 << 20 // bytes unpacked
)

// unpackedName is where what was packed lies while it is read.
const unpackedName = "unpacked.tmp"

// A content is the text or workbook to read: the extract itself, or what was
// packed in it.
type content struct {
	path   string
	size   int64
	probe  *textProbe
	member string // of an archive, or ""
}

// Kinds of file that are told by their first bytes.
const (
	zipFile  = "a ZIP archive"
	gzipFile = "a GZIP archive"
	tarFile  = "a tar archive"
	workbook = "a workbook"
)

var magics = []struct{ bytes, kind, chinese string }{
	{"PK\x03\x04", zipFile, "ZIP 压缩包"}, {"PK\x05\x06", zipFile, "ZIP 压缩包"}, {"\x1F\x8B", gzipFile, "GZIP 压缩包"},
	{"\xD0\xCF\x11\xE0", "an old .xls, or a document or workbook with a password", "旧版 .xls，或设有密码的文档、工作簿"},
	{"Rar!\x1A\x07", "a RAR archive", "RAR 压缩包"}, {"7z\xBC\xAF\x27\x1C", "a 7z archive", "7z 压缩包"},
	{"\xFD7zXZ\x00", "an xz archive", "xz 压缩包"}, {"\x28\xB5\x2F\xFD", "a Zstandard archive", "Zstandard 压缩包"},
	{"%PDF-", "a PDF document", "PDF 文档"}, {"SQLite format 3\x00", "an SQLite database", "SQLite 数据库"},
}

// kindInChinese names a kind of file to the sender.
func kindInChinese(kind string) string {
	switch kind {
	case tarFile:
		return "tar 归档"
	case workbook:
		return "工作簿"
	}
	for _, m := range magics {
		if m.kind == kind {
			return m.chinese
		}
	}
	return kind
}

// otherFormat refuses a file of a kind that the contract does not ask for.
func (t *task) otherFormat(kind string) error {
	return unfit(FormatMismatch, "文件是%[3]s，契约约定为 %[2]s", "it is %[1]s, the contract says %[2]s", kind, t.Contract.Source.Format, kindInChinese(kind))
}

// kindOf tells what a file is by its first bytes, or "" for what may be text.
func kindOf(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.kind
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return tarFile
	}
	return ""
}

// isPacked reports an archive that is opened here.
func isPacked(head []byte) bool {
	kind := kindOf(head)
	return kind == zipFile || kind == gzipFile
}

// extractName is how an extract is called in its batch. A workbook is a ZIP
// archive itself and keeps its name.
func extractName(format string, head []byte) string {
	switch kind := kindOf(head); {
	case kind == gzipFile:
		format = "gz"
	case kind == zipFile && format != "xlsx":
		format = "zip"
	}
	return "extract." + format
}

// content finds what is to be read. What was packed is unpacked beside the
// extract and goes away with close.
func (t *task) content(ctx context.Context) (u content, err error) {
	u = content{path: t.path(t.File), size: t.Size, probe: t.Probe}
	switch kindOf(t.Probe.Head) {
	case gzipFile:
		err = t.unpackGZIP(ctx, &u)
	case zipFile:
		err = t.unpackZIP(ctx, &u)
	}
	if err != nil {
		return u, errors.Join(err, t.discardUnpacked())
	}
	kind := kindOf(u.probe.Head)
	isSheet := t.Contract.Source.Format == "xlsx"
	switch {
	case kind == "", isSheet && kind == zipFile, isSheet && u.path == t.path(t.File):
		return u, nil
	case u.path == t.path(t.File):
		err = t.otherFormat(kind)
	default:
		err = unfit(ArchiveNested, "压缩包里是%[2]s", "in the archive lies %[1]s", kind, kindInChinese(kind))
	}
	return u, errors.Join(err, t.discardUnpacked())
}

func (t *task) discardUnpacked() error {
	if err := os.Remove(t.path(unpackedName)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (t *task) unpackGZIP(ctx context.Context, u *content) error {
	file, err := os.Open(u.path)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return damaged(err)
	}
	return t.unpack(ctx, packed, t.Size, u)
}

// unpack writes what r yields to a file of its own, within the bounds.
func (t *task) unpack(ctx context.Context, r io.Reader, packed int64, u *content) error {
	u.path, u.size, u.probe = t.path(unpackedName), 0, &textProbe{}
	out, err := os.OpenFile(u.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	buf := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		u.size += int64(n)
		u.probe.add(buf[:n])
		if u.size > maxUnpacked || u.size > ratioFloor && u.size/maxRatio > packed {
			return unfit(ArchiveTooLarge, "解开后超过 %d MB，或超过压缩包的 %d 倍",
				"it unpacks to more than %d MB, or to more than %d times its size", maxUnpacked>>20, maxRatio)
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			u.probe.finish()
			return out.Close()
		}
		if err != nil {
			return damaged(err)
		}
	}
}

// damaged refuses an archive that cannot be unpacked; what this machine cannot
// read is another matter.
func damaged(err error) error {
	if machine := syscall.Errno(0); errors.As(err, &machine) {
		return err
	}
	return unfit(ArchiveDamaged, "", "the archive is damaged: %w", err)
}
