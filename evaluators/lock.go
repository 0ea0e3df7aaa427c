package evaluators

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// LockFile is the file beside the rules that freezes them: a line for each, its
// digest and its path.
const LockFile = "rules.lock"

const lockHead = `# What each rule file held when it came into force. A file in force never changes,
# but for effective_to: a change is a new version in a new file.
# Written by: rongxin rules lock
`

var closing = regexp.MustCompile(`(?m)^effective_to:.*\n?`)

// digest is that of a file without the day that closes it.
func digest(text []byte) string {
	sum := sha256.Sum256(closing.ReplaceAll(text, nil))
	return hex.EncodeToString(sum[:])
}

// Lock is the text of the lock of all files.
func (l *Library) Lock() []byte {
	var b bytes.Buffer
	b.WriteString(lockHead)
	for _, r := range l.rules {
		fmt.Fprintf(&b, "%s  %s\n", digest(r.source.Text), r.path)
	}
	return b.Bytes()
}

// Frozen holds the files against the lock beside them, if there is one: a file
// that is in force on the day, or was, must be locked, be as it was locked, and
// still be there. Every fault is told.
func (l *Library) Frozen(fsys fs.FS, day credit.Date) error {
	changed, unlocked, err := l.frozen(fsys, day)
	return errors.Join(append(append(changed, unlocked...), err)...)
}

// Changed is Frozen for files that are locked: what may not be locked again.
func (l *Library) Changed(fsys fs.FS, day credit.Date) error {
	changed, _, err := l.frozen(fsys, day)
	return errors.Join(append(changed, err)...)
}

func (l *Library) frozen(fsys fs.FS, day credit.Date) (changed, unlocked []error, err error) {
	lock, err := fs.ReadFile(fsys, LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	locked := map[string]string{}
	for i, line := range strings.Split(string(lock), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sum, file, ok := strings.Cut(line, "  ")
		fault := strictyaml.Fault{File: LockFile, Line: i + 1, Column: 1}
		if fault.Message = "wants a digest, two blanks and a path"; !ok || len(sum) != 2*sha256.Size {
			changed = append(changed, fault)
		} else if fault.Message = file + " is gone: runs of its days cannot be repeated without it; put it back"; !l.has(file) {
			changed = append(changed, fault)
		}
		locked[file] = sum
	}
	for _, r := range l.rules {
		sum, ok := locked[r.path]
		head, fault := r.rule.head(), strictyaml.Fault{File: r.path, Line: 1, Column: 1}
		switch {
		case head.EffectiveFrom > day || sum == digest(r.source.Text):
		case !ok:
			fault.Message = fmt.Sprintf("is in force from %s and not in %s: run rongxin rules lock", head.EffectiveFrom, LockFile)
			unlocked = append(unlocked, fault)
		default:
			fault.Message = fmt.Sprintf("has been in force since %s and was changed: put it back, and write version %d in a new file", head.EffectiveFrom, head.Version+1)
			changed = append(changed, fault)
		}
	}
	return changed, unlocked, nil
}

func (l *Library) has(file string) bool {
	return slices.Contains(l.unread, file) || slices.ContainsFunc(l.rules, func(r ruleFile) bool { return r.path == file })
}
