package sandbox

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// packageNote is package.json.
type packageNote struct {
	Kind     string       `json:"kind"` // package, or returned
	Format   int          `json:"format"`
	Receiver string       `json:"receiver"`
	Source   string       `json:"source"`
	Number   int          `json:"number"`
	Previous string       `json:"previous"`
	SealedOn string       `json:"sealed_on"`
	Files    []packedFile `json:"files"`
	Received []received   `json:"received,omitempty"`
}

type packedFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	SM3    string `json:"sm3,omitempty"`
}

// Bounds of a package.
const (
	maxMembers  = 20_000
	maxUnpacked = 16 << 30
	maxRatio    = 100 // unpacked to packed, from maxData on
	noteName    = "package.json"
)

// parcel is a package that was opened.
type parcel struct {
	*zip.ReadCloser
	packageNote
	digest  string // of the first line of its note; "" when the note is not to be believed
	agreed  Agreed
	members map[string]*zip.File
}

// openPackage checks a package in the order of the interface, up to whom it is
// for. A refusal with a digest can be answered.
func (k *Courier) openPackage(path string) (*parcel, error) {
	p := &parcel{agreed: k.cfg.Agreed, members: map[string]*zip.File{}}
	archive, err := zip.OpenReader(path)
	if err != nil {
		p.ReadCloser = new(zip.ReadCloser)
		return p, refuse(0, "ALTERED", "不是完整的 ZIP：%v", err)
	}
	p.ReadCloser = archive
	if err := p.checkBounds(path); err != nil {
		return p, err
	}
	text, err := readMember(archive.File[0], maxNote)
	if err != nil {
		return p, err
	}
	first, err := p.agreed.readNote(text, &p.packageNote)
	if err != nil {
		return p, err
	}
	p.digest = hashOf("sha256", first)
	if p.Kind != "package" || p.Receiver != k.cfg.Name || !sourceCode.MatchString(p.Source) || p.Number < 1 {
		return p, refuse(0, "RECEIVER", "不是给 %s 的批次包", k.cfg.Name)
	}
	return p, nil
}

func (p *parcel) checkBounds(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	var unpacked uint64
	for _, f := range p.File {
		unpacked += f.UncompressedSize64
		if len(f.Name) > 200 || f.UncompressedSize64 > maxData || p.members[f.Name] != nil {
			return refuse(0, "TOO_LARGE", "成员 %.50q 过大、重名或名称过长", f.Name)
		}
		p.members[f.Name] = f
	}
	switch {
	case len(p.File) == 0 || p.File[0].Name != noteName:
		return refuse(0, "ALTERED", "第一个成员应为 %s", noteName)
	case len(p.File) > maxMembers || unpacked > maxUnpacked || unpacked > maxData && unpacked > maxRatio*uint64(info.Size()):
		return refuse(0, "TOO_LARGE", "成员过多或解开后过大")
	}
	return nil
}

// check compares each member with the note.
func (p *parcel) check() error {
	if len(p.Files) != len(p.File)-1 {
		return refuse(0, "ALTERED", "应有 %d 个成员，实有 %d 个", len(p.Files), len(p.File)-1)
	}
	for i, want := range p.Files {
		f := p.File[i+1]
		name, ok := strings.CutPrefix(f.Name, "out/")
		if f.Name != want.Name || !ok || !isWhole(name) {
			return refuse(0, "ALTERED", "成员 %.80q 与 package.json 不符", f.Name)
		}
		text, err := readMember(f, maxData)
		if err != nil {
			return err
		}
		if int64(len(text)) != want.Bytes || hashOf("sha256", text) != want.SHA256 ||
			p.agreed.settings.Digest == "sm3" && hashOf("sm3", text) != want.SM3 {
			return refuse(0, "ALTERED", "成员 %s 的字节数或摘要不符", f.Name)
		}
	}
	return nil
}

func readMember(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, refuse(0, "ALTERED", "%s：%v", f.Name, err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil || int64(len(text)) > limit {
		return nil, refuse(0, "ALTERED", "%s：过大或损坏：%v", f.Name, err)
	}
	return text, nil
}

// unpack puts the members where the batches of a drop lie, manifests last.
func (p *parcel) unpack(dir string) error {
	files := slices.Clone(p.File[1:])
	slices.SortStableFunc(files, func(a, b *zip.File) int {
		return strings.Compare(orderOf(a.Name), orderOf(b.Name))
	})
	for _, f := range files {
		text, err := readMember(f, maxData)
		if err == nil {
			err = placeBytes(dir, strings.TrimPrefix(f.Name, "out/"), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func orderOf(name string) string {
	if strings.HasSuffix(name, manifestEnd) {
		return "2"
	}
	return "1"
}

// answerFiles are the whole files of the return folder.
func (k *Courier) answerFiles() ([]string, error) {
	notes, err := endings(k.Return, ".json")
	keys, keysErr := endings(k.Return, ".keys")
	return append(keys, notes...), errors.Join(err, keysErr)
}

// seal writes a package of answers and returns the digest of its note.
func (k *Courier) seal(n packageNote, files []string) (digest string, err error) {
	n.Files = []packedFile{}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(k.Return, name))
		if err != nil {
			return "", err
		}
		f := packedFile{Name: "return/" + name, Bytes: int64(len(text)), SHA256: hashOf("sha256", text)}
		if k.cfg.Agreed.settings.Digest == "sm3" {
			f.SM3 = hashOf("sm3", text)
		}
		n.Files = append(n.Files, f)
	}
	note, err := k.cfg.Agreed.writeNote(n)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(note), "\n")
	err = place(k.Answers, fmt.Sprintf("%s-%06d.zip", k.cfg.Name, n.Number), func(w io.Writer) error {
		b := bufio.NewWriter(w)
		archive := zip.NewWriter(b)
		add := func(name string, text []byte) error {
			member, err := archive.Create(name)
			if err == nil {
				_, err = member.Write(text)
			}
			return err
		}
		if err := add(noteName, note); err != nil {
			return err
		}
		for _, name := range files {
			text, err := os.ReadFile(filepath.Join(k.Return, name))
			if err == nil {
				err = add("return/"+name, text)
			}
			if err != nil {
				return err
			}
		}
		return errors.Join(archive.Close(), b.Flush())
	})
	return hashOf("sha256", []byte(first)), err
}
