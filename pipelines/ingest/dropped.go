package ingest

import (
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"rongxin/internal/credit"
)

// dropped is a file as it was found in an inbox.
type dropped struct {
	rel        string // path in the inbox
	info       fs.FileInfo
	dataset    string // by its folders; empty where there are too few
	receivedAt time.Time
}

// newDropped reads the folders of a file. Below one that is named after a day,
// such as 2026-06-30, lies what came on that day.
func newDropped(rel string, info fs.FileInfo, receivedAt time.Time) dropped {
	f := dropped{rel: rel, info: info, receivedAt: receivedAt}
	folders := strings.Split(filepath.ToSlash(filepath.Dir(rel)), "/")
	if day, err := credit.ParseDate(folders[0]); err == nil && day.String() == folders[0] {
		f.receivedAt, folders = Noon(day), folders[1:]
	}
	if len(folders) >= 2 {
		f.dataset = folders[0] + "/" + folders[1]
	}
	return f
}

// Noon in China stands for a day of which the hour is not told.
func Noon(d credit.Date) time.Time {
	y, m, day := d.YMD()
	return time.Date(y, time.Month(m), day, 12, 0, 0, 0, credit.ChinaTime)
}

// misplaced says why a file cannot be landed as it lies there, or "". A link is
// never followed: it may lead anywhere.
func (f dropped) misplaced() RefusalCode {
	switch {
	case !f.info.Mode().IsRegular():
		return NotAFile
	case f.dataset == "":
		return FolderUnknown
	}
	return ""
}

func compareDropped(a, b dropped) int {
	if c := strings.Compare(a.dataset, b.dataset); c != 0 {
		return c
	}
	if c := a.receivedAt.Compare(b.receivedAt); c != 0 {
		return c
	}
	return strings.Compare(a.rel, b.rel)
}

// isUnfinished reports the name of a file that is being written, or that an
// operating system keeps for itself.
func isUnfinished(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".tmp")
}
