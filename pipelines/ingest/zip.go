package ingest

import (
	"archive/zip"
	"context"
	"errors"
	"os"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rongxin/internal/boundzip"
	"rongxin/internal/gb18030"
)

// Bounds on the directory of a ZIP archive, whose entries are all held in
// memory: a delivery has a handful of members.
const (
	maxDirectory = 1 << 20 // bytes
	maxMembers   = 1000
	maxListed    = 20 // members named in a message
)

// workbookMember is in every .xlsx, which is a ZIP archive itself (ECMA-376
// part 2).
const workbookMember = "[Content_Types].xml"

// unpackZIP unpacks the one member that the contract means. Names of members
// choose and are shown; no path is ever made of one.
func (t *task) unpackZIP(ctx context.Context, u *content) error {
	file, err := os.Open(u.path)
	if err != nil {
		return err
	}
	defer file.Close()
	archive, err := boundzip.Open(file, t.Size, maxDirectory)
	switch isSheet := t.Contract.Source.Format == "xlsx"; {
	case errors.Is(err, boundzip.ErrDirectory):
		return unfit(ArchiveTooLarge, "压缩包的目录超过 %[2]d KB", "%[1]w: more than %[2]d KB", err, maxDirectory>>10)
	case err != nil && isSheet: // a broken workbook; its reader says more
		return nil
	case err != nil:
		return damaged(err)
	}
	if slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == workbookMember }) {
		if t.Contract.Source.Format != "xlsx" {
			return t.otherFormat(workbook)
		}
		return nil
	}
	member, err := t.chooseMember(archive.File)
	if err != nil {
		return err
	}
	u.member = memberName(member)
	if member.Flags&1 != 0 { // APPNOTE 4.4.4
		return unfit(ArchiveProtected, "", "it is encrypted")
	}
	packed, err := member.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return unfit(ArchiveMethod, "压缩方法编号 %d", "it is packed by method %d", member.Method)
	}
	if err != nil {
		return damaged(err)
	}
	defer packed.Close()
	return t.unpack(ctx, packed, int64(min(member.CompressedSize64, uint64(t.Size))), u)
}

func (t *task) chooseMember(files []*zip.File) (*zip.File, error) {
	if len(files) > maxMembers {
		return nil, unfit(ArchiveTooLarge, "压缩包里有 %d 个文件，上限 %d 个", "the archive has %d members, more than %d", len(files), maxMembers)
	}
	glob := t.Contract.Source.Member
	var all, fit []*zip.File
	for _, f := range files {
		if name := memberName(f); isData(f, name) {
			all = append(all, f)
			if matches(glob, name) {
				fit = append(fit, f)
			}
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(all) == 0:
		return nil, unfit(ArchiveEmpty, "", "the archive holds no file")
	case len(fit) == 0:
		return nil, unfit(MemberMissing, "没有名为 %s 的文件；压缩包里有 %s", "no member is called %s; the archive holds %s", glob, listed(all))
	}
	return nil, unfit(MemberAmbiguous, "共 %d 个文件：%s", "the archive holds %d files: %s", len(fit), listed(fit))
}

// isData leaves out what packing programs add: folders, links, and what is
// hidden or made by macOS.
func isData(f *zip.File, name string) bool {
	if !f.Mode().IsRegular() || strings.HasSuffix(name, "/") {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return part == "__MACOSX" || strings.HasPrefix(part, ".") && strings.Trim(part, ".") != ""
	})
}

// matches compares the last part of a name, or all of it when the glob has a
// slash.
func matches(glob, name string) bool {
	if glob == "" {
		return true
	}
	if !strings.Contains(glob, "/") {
		name = path.Base(name)
	}
	ok, err := path.Match(glob, name)
	return ok && err == nil
}

// memberName makes a name fit to be shown. One that is not marked as UTF-8 is
// GB18030 where Chinese programs wrote it.
func memberName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		if text, bad := gb18030.Append(nil, []byte(name)); bad < 0 {
			name = string(text)
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\\':
			return '/'
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, name)
}

func listed(files []*zip.File) string {
	var names []string
	for _, f := range files[:min(len(files), maxListed)] {
		names = append(names, shorten(memberName(f)))
	}
	if len(files) > maxListed {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
