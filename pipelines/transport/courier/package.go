package courier

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
)

// packageNote is package.json; the package comment defines it.
type packageNote struct {
	note.Head
	Source   string     `json:"source"`
	Number   int        `json:"number"`
	Previous string     `json:"previous"`
	SealedOn string     `json:"sealed_on"`
	Files    []member   `json:"files"`
	Received []received `json:"received,omitempty"`

	digest string // SHA-256 of its first line
	text   []byte // the note with its codes
}

// member is one other file of a package.
type member struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	SM3    string `json:"sm3,omitempty"`
}

// received is what became of one of our packages.
type received struct {
	Number  int    `json:"number"`
	Digest  string `json:"digest"`
	Result  string `json:"result"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

const (
	packageKind, returnedKind = "package", "returned"
	noteName                  = "package.json"
	outPart, returnPart       = "out/", "return/"
	maxMembers                = 20_000
	maxMember                 = 64 << 20
	maxKeysList               = 8 << 30
	maxUnpacked               = 16 << 30
	ratioFloor                = 64 << 20
	maxRatio                  = 100
	keysEnd                   = ".keys"
)

var noPackage = strings.Repeat("0", 64) // before number 1

var (
	digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	dayForm    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

// readNote reads a note of that kind and checks all that it says of itself.
func readNote(kind, receiver, source string, text []byte) (n packageNote, err error) {
	read, err := note.Decode(text, &n)
	if err != nil {
		return n, err
	}
	n.digest, n.text = sha256Hex(read.Line), text
	if err := n.Head.Check(kind, receiver); err != nil {
		return n, err
	}
	part := map[string]string{packageKind: outPart, returnedKind: returnPart}[kind]
	switch {
	case n.Source != source:
		return n, fmt.Errorf("source is %.40q, want %s: %w", n.Source, source, note.ErrReceiver)
	case n.Number < 1 || n.Number > 999_999:
		return n, fmt.Errorf("number is %d, want 1 to 999999", n.Number)
	case !digestForm.MatchString(n.Previous) || n.Number == 1 != (n.Previous == noPackage):
		return n, errors.New("previous: want 64 hex digits, which are zeros for number 1 alone")
	case !dayForm.MatchString(n.SealedOn):
		return n, fmt.Errorf("sealed_on is %.40q, want a day such as 2026-04-01", n.SealedOn)
	case len(n.Files) > maxMembers || len(n.Received) > maxMembers:
		return n, fmt.Errorf("files: more than %d", maxMembers)
	}
	return n, n.checkMembers(part)
}

func (n packageNote) checkMembers(part string) error {
	seen, sum := map[string]bool{}, int64(0)
	for i, m := range n.Files {
		name, within := strings.CutPrefix(m.Name, part)
		limit := int64(maxMember)
		if strings.HasSuffix(name, keysEnd) {
			limit = maxKeysList
		}
		switch {
		case !within || strings.Contains(name, "/") || folder.CheckName(name) != nil || seen[m.Name]:
			return fmt.Errorf("files[%d]: name %.100q: want one below %s, once", i, m.Name, part)
		case m.Bytes < 0 || m.Bytes > limit:
			return fmt.Errorf("files[%d]: %s: %d bytes, at most %d are agreed", i, m.Name, m.Bytes, limit)
		case !digestForm.MatchString(m.SHA256):
			return fmt.Errorf("files[%d]: %s: sha256: want 64 hex digits", i, m.Name)
		}
		seen[m.Name] = true
		if sum += m.Bytes; sum > maxUnpacked {
			return fmt.Errorf("files: more than %d GB in all", int64(maxUnpacked)>>30)
		}
	}
	for i, r := range n.Received {
		if r.Number < 1 || !digestForm.MatchString(r.Digest) || !slices.Contains([]string{"taken", "repeated", "refused"}, r.Result) {
			return fmt.Errorf("received[%d]: want a number, a digest, and taken, repeated or refused", i)
		}
	}
	return nil
}

func noteFile(number int) string { return fmt.Sprintf("%06d.json", number) }

// fileName is what a package of ours is called.
func (c *Courier) fileName(number int) string {
	return fmt.Sprintf("%s-%06d.zip", c.Receiver, number)
}

// notes are those kept in a folder of ours, ascending by number.
func (c *Courier) notes(dir string) (notes []packageNote, err error) {
	files, err := c.noteFiles(dir)
	for _, name := range files {
		n, err := c.readKept(dir, name)
		if err != nil {
			return nil, err
		}
		notes = append(notes, n)
	}
	return notes, err
}

func (c *Courier) noteFiles(dir string) (names []string, err error) {
	paths, err := filepath.Glob(c.at(dir, "[0-9][0-9][0-9][0-9][0-9][0-9].json"))
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names, err
}

func (c *Courier) readKept(dir, name string) (packageNote, error) {
	kind := packageKind
	if dir == backDir {
		kind = returnedKind
	}
	text, err := os.ReadFile(c.at(dir, name))
	if err != nil {
		return packageNote{}, err
	}
	n, err := readNote(kind, c.Receiver, c.Source, text)
	if err == nil && noteFile(n.Number) != name {
		err = fmt.Errorf("it is note %d", n.Number)
	}
	if err != nil {
		return n, fmt.Errorf("%s was damaged: %w", filepath.Join(c.at(dir), name), err)
	}
	return n, nil
}

// last is the note of the highest number in these folders; its digest is that
// of no package where there is none.
func (c *Courier) last(dirs ...string) (last packageNote, err error) {
	last.digest = noPackage
	for _, dir := range dirs {
		files, err := c.noteFiles(dir)
		if len(files) == 0 && err == nil {
			continue
		}
		if err != nil {
			return last, err
		}
		n, err := c.readKept(dir, files[len(files)-1])
		if err != nil {
			return last, err
		}
		if n.Number > last.Number {
			last = n
		}
	}
	return last, nil
}
