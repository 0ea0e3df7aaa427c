package courier_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/courier"
	"rongxin/pipelines/transport/drop"
)

func clock() time.Time { return time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC) }

// fixture is a courier's folder, and the platform that packages are carried to.
type fixture struct {
	*platform
	dir string
	log bytes.Buffer
}

func setUp(t *testing.T) *fixture { return &fixture{platform: newPlatform(t), dir: t.TempDir()} }

func open(dir string, log *slog.Logger) (*courier.Courier, error) {
	key := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+".key")
	if err := os.WriteFile(key, []byte(macKey), 0o600); err != nil {
		return nil, err
	}
	keys, err := signing.Open(signing.Settings{Digest: "sm3", MAC: "hmac-sm3", MACKeyFile: key})
	if err != nil {
		return nil, err
	}
	return courier.New(courier.Config{Settings: courier.Settings{Dir: dir}, Receiver: receiver, Source: source, Keys: keys, Now: clock, Log: log})
}

// round is one publish: it collects with the cursor that is kept, sends, and
// closes.
func (f *fixture) round(cursor *string, batches ...publish.Message) (notices []publish.Notice) {
	f.t.Helper()
	c, err := open(f.dir, slog.New(slog.NewTextHandler(&f.log, nil)))
	f.must(err)
	for more := true; more; {
		var some []publish.Notice
		some, *cursor, more, err = c.Collect(f.t.Context(), *cursor)
		f.must(err)
		notices = append(notices, some...)
	}
	for _, b := range batches {
		if a := c.Send(f.t.Context(), b); a.Outcome != publish.Handed {
			f.t.Fatalf("%+v", a)
		}
	}
	f.must(c.Close(f.t.Context()))
	return notices
}

func message(serial int) publish.Message {
	return publish.Message{
		Receiver: receiver, Key: fmt.Sprintf("%x", sha256.Sum256([]byte{byte(serial >> 8), byte(serial)})), Number: fmt.Sprintf("20260401%05d", serial), Source: source,
		Table: "measures", Run: "r-1", AsOf: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Epoch: 1,
		Rows: []publish.MessageRow{{Operation: "I", Key: "k", Content: []byte(`{"name":"某公司"}`)}},
	}
}

func stem(m publish.Message) string { return drop.Stem(m.Number, m.Table, m.Key) }

func (f *fixture) pkg(number int) string {
	return filepath.Join(f.dir, "out", fmt.Sprintf("%s-%06d.zip", receiver, number))
}

func (f *fixture) in() string { return filepath.Join(f.dir, "in") }

// below is every file below a folder of the courier.
func below(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestARoundIsAPackageAndItsAnswersComeBack(t *testing.T) {
	f := setUp(t)
	cursor := ""
	f.round(&cursor, message(1), message(2))
	f.round(&cursor, message(3), message(1)) // a repeat of what lies in the first package
	f.round(&cursor)                         // nothing to send is no package
	if _, err := os.Stat(f.pkg(3)); err == nil {
		t.Error("an empty package")
	}
	for n := 1; n <= 2; n++ {
		if refused := f.take(f.pkg(n)); refused != "" {
			t.Fatalf("package %d: %s", n, refused)
		}
	}
	if diff := cmp.Diff([]string{stem(message(1)), stem(message(2)), stem(message(3))}, f.order); diff != "" {
		t.Errorf("batches:\n%s", diff)
	}
	f.answer(f.in(), f.order, map[string]string{"return/measures.state.json": "", "return/measures-1.keys": ""})
	var got []string
	for _, n := range f.round(&cursor) {
		got = append(got, fmt.Sprint(n.Number, n.Outcome))
	}
	if diff := cmp.Diff([]string{"2026040100001accepted", "2026040100002accepted", "2026040100003accepted"}, got); diff != "" {
		t.Errorf("notices:\n%s", diff)
	}
	if left := below(t, filepath.Join(f.dir, "out")); len(left) > 0 {
		t.Errorf("taken, and still to be carried: %d", len(left))
	}
	// What comes again after that is sent again, in the next package of the chain.
	f.round(&cursor, message(1))
	if refused := f.take(f.pkg(3)); refused != "" {
		t.Errorf("package 3: %s", refused)
	}
}

func TestALostOrSwappedDiskIsSeen(t *testing.T) {
	f, other := setUp(t), setUp(t)
	cursor, otherCursor := "", ""
	for i := 1; i <= 3; i++ {
		f.round(&cursor, message(i))
		other.round(&otherCursor, message(10+i))
	}
	steps := []struct{ path, want string }{
		{f.pkg(2), "MISSING"}, {f.pkg(1), ""}, {f.pkg(1), "REPEATED"}, {f.pkg(3), "MISSING"},
		{other.pkg(2), "CHAIN"}, {f.pkg(2), ""}, {other.pkg(1), "CHAIN"}, {f.pkg(3), ""},
	}
	for i, s := range steps {
		if got := f.take(s.path); got != s.want {
			t.Errorf("step %d: %q, want %q", i, got, s.want)
		}
	}
}

func TestEveryAlteredByteOfAPackageIsSeen(t *testing.T) {
	f := setUp(t)
	cursor := ""
	f.round(&cursor, message(1))
	f.must(os.MkdirAll(f.in(), 0o755))
	f.take(f.pkg(1))
	whole, err := os.ReadFile(f.answer(t.TempDir(), f.order, nil))
	f.must(err)
	harmless := 0
	for at := 0; at < len(whole); at += 9 {
		altered := bytes.Clone(whole)
		altered[at] ^= 0x20
		dir := filepath.Join(t.TempDir(), "c")
		f.must(os.MkdirAll(filepath.Join(dir, "in"), 0o755))
		path := filepath.Join(dir, "in", "x.zip")
		f.must(os.WriteFile(path, altered, 0o644))
		f.must(os.Chtimes(path, time.Time{}, clock().Add(-time.Hour)))
		c, err := open(dir, slog.New(slog.DiscardHandler))
		f.must(err)
		notices, _, _, err := c.Collect(t.Context(), "")
		f.must(err)
		aside, err := filepath.Glob(filepath.Join(dir, "in", "aside", "*.zip"))
		f.must(err)
		switch {
		case len(notices) == 0 && len(aside) == 1:
		case len(notices) == 1 && string(notices[0].Receipt) != "" && notices[0].ReceiptID == "R-"+stem(message(1)):
			harmless++ // a byte that says nothing, such as a time in a header
		default:
			t.Errorf("byte %d altered: %d notices, %d set aside", at, len(notices), len(aside))
		}
	}
	t.Logf("%d of %d altered bytes say nothing", harmless, len(whole)/9)
	if harmless > len(whole)/18 {
		t.Errorf("%d of %d altered bytes passed", harmless, len(whole)/9)
	}
}

func TestAPackageThatIsNotTheNextIsToldAndNotUsed(t *testing.T) {
	big := strings.Repeat("0", 70<<20)
	cases := map[string]struct {
		files map[string]string
		spoil func(note map[string]any, parts []*part)
		want  string
	}{
		"for someone else":  {nil, func(n map[string]any, _ []*part) { n["receiver"] = "other" }, "此包不是给本系统的"},
		"of another source": {nil, func(n map[string]any, _ []*part) { n["source"] = "350200" }, "此包不是给本系统的"},
		"our own kind":      {nil, func(n map[string]any, _ []*part) { n["kind"] = "package" }, "不是有效的回执包"},
		"another chain":     {nil, func(n map[string]any, _ []*part) { n["previous"] = strings.Repeat("1", 64) }, "previous: want 64 hex digits, which are zeros for number 1 alone"},
		"a path":            {map[string]string{"return/../../x.receipt.json": "x"}, func(map[string]any, []*part) {}, "files[0]: name"},
		"an absolute path":  {map[string]string{"/etc/x": "x"}, func(map[string]any, []*part) {}, "files[0]: name"},
		"a hidden name":     {map[string]string{"return/.x": "x"}, func(map[string]any, []*part) {}, "files[0]: name"},
		"a link": {map[string]string{"return/x.receipt.json": "/etc/passwd"},
			func(_ map[string]any, parts []*part) { parts[0].header.SetMode(fs.ModeSymlink | 0o777) }, "no plain file"},
		"a bomb":             {map[string]string{"return/a.keys": big}, func(map[string]any, []*part) {}, "more than 100 times its size"},
		"a member too large": {map[string]string{"return/x.receipt.json": big}, func(map[string]any, []*part) {}, "at most 67108864 are agreed"},
		"a size that lies": {map[string]string{"return/x.receipt.json": "x"},
			func(n map[string]any, _ []*part) { n["files"].([]map[string]any)[0]["bytes"] = 2 }, "此包在途中损坏或被改动"},
		"a digest that lies": {map[string]string{"return/x.receipt.json": "x"},
			func(n map[string]any, _ []*part) { n["files"].([]map[string]any)[0]["sha256"] = zeros }, "此包在途中损坏或被改动"},
		"a member that is not named": {map[string]string{"return/x.receipt.json": "x"},
			func(n map[string]any, _ []*part) { n["files"] = []any{} }, "此包在途中损坏或被改动"},
		"too many members": {nil, func(n map[string]any, _ []*part) {
			var files []map[string]any
			for i := range 20_001 {
				files = append(files, map[string]any{"name": fmt.Sprintf("return/%d", i), "bytes": 0, "sha256": zeros})
			}
			n["files"] = files
		}, "more than 20000"},
		"no day": {nil, func(n map[string]any, _ []*part) { n["sealed_on"] = "today" }, "sealed_on"},
	}
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			f := setUp(t)
			f.must(os.MkdirAll(f.in(), 0o755))
			f.pack(f.in(), c.files, c.spoil)
			f.aside(c.want)
		})
	}
}

// aside collects and looks that the one package in is set aside for a reason.
func (f *fixture) aside(want string) {
	f.t.Helper()
	cursor := ""
	if notices := f.round(&cursor); len(notices) > 0 {
		f.t.Errorf("%d notices", len(notices))
	}
	reasons, err := filepath.Glob(filepath.Join(f.in(), "aside", "*.reason.txt"))
	f.must(err)
	if len(reasons) != 1 {
		f.t.Fatalf("%d packages are set aside; %s", len(reasons), &f.log)
	}
	reason, err := os.ReadFile(reasons[0])
	f.must(err)
	if !strings.Contains(string(reason), want) || !strings.HasPrefix(string(reason), "此") || !strings.Contains(f.log.String(), "a package is set aside") {
		f.t.Errorf("reason %q, want %q", reason, want)
	}
	if left := below(f.t, filepath.Join(f.dir, "answers")); len(left) > 0 {
		f.t.Errorf("and yet its content is there: %v", left)
	}
}

func TestPackagesOfAnswersAreTakenInOnceAndInOrder(t *testing.T) {
	f := setUp(t)
	cursor := ""
	f.round(&cursor, message(1))
	f.round(&cursor, message(2))
	f.take(f.pkg(1))
	first := f.answer(f.in(), f.order[:1], nil)
	f.take(f.pkg(2))
	later := t.TempDir()
	second := f.answer(later, f.order[1:], nil)

	copied := filepath.Join(f.in(), "second.zip")
	copyFile(t, second, copied)
	f.must(os.Rename(first, filepath.Join(later, "first.zip")))
	if notices := f.round(&cursor); len(notices) > 0 || !strings.Contains(f.log.String(), `missing="1 to 1"`) {
		t.Errorf("the second before the first: %d notices; %s", len(notices), &f.log)
	}
	copyFile(t, filepath.Join(later, "first.zip"), filepath.Join(f.in(), "first.zip"))
	if notices := f.round(&cursor); len(notices) != 2 {
		t.Errorf("both: %d notices", len(notices))
	}
	copyFile(t, second, copied)
	if notices := f.round(&cursor); len(notices) > 0 {
		t.Errorf("again: %d notices", len(notices))
	}
	reasons, _ := filepath.Glob(filepath.Join(f.in(), "aside", "*.reason.txt"))
	if len(reasons) != 1 {
		t.Fatalf("%d reasons", len(reasons))
	}
	if reason, _ := os.ReadFile(reasons[0]); !strings.HasPrefix(string(reason), "此回执包以前已经收过") {
		t.Errorf("reason %s", reason)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPackageThatIsBeingCopiedIsLeftAlone(t *testing.T) {
	f := setUp(t)
	cursor := ""
	f.round(&cursor, message(1))
	f.take(f.pkg(1))
	path := f.answer(f.in(), f.order, nil)
	whole, err := os.ReadFile(path)
	f.must(err)
	for _, size := range []int{0, 10, len(whole) / 2, len(whole) - 1} {
		f.must(os.WriteFile(path, whole[:size], 0o644))
		f.must(os.Chtimes(path, time.Time{}, clock().Add(-time.Minute)))
		if notices := f.round(&cursor); len(notices) > 0 {
			t.Errorf("%d bytes: %d notices", size, len(notices))
		}
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("%d bytes: it was moved", size)
		}
	}
	f.must(os.Chtimes(path, time.Time{}, clock().Add(-time.Hour)))
	f.aside("此包在途中损坏或被改动")
}

func TestAPackageThatWasMovedAwayComesBack(t *testing.T) {
	f := setUp(t)
	cursor := ""
	f.round(&cursor, message(1))
	f.must(os.Remove(f.pkg(1)))
	f.round(&cursor)
	if refused := f.take(f.pkg(1)); refused != "" {
		t.Error(refused)
	}
	c, err := open(f.dir, slog.New(slog.DiscardHandler))
	f.must(err)
	packages, err := c.Packages(t.Context())
	f.must(err)
	if len(packages) != 1 || packages[0].Taken || packages[0].File != f.pkg(1) || packages[0].Batches != 1 || packages[0].SHA256 != f.digest {
		t.Errorf("%+v", packages)
	}
	f.answer(f.in(), f.order, nil)
	f.round(&cursor)
	c, err = open(f.dir, slog.New(slog.DiscardHandler))
	f.must(err)
	if packages, err = c.Packages(t.Context()); err != nil || len(packages) != 1 || !packages[0].Taken {
		t.Errorf("%+v, %v", packages, err)
	}
	for _, dir := range []string{"out", "sealed"} {
		if left := below(t, filepath.Join(f.dir, dir)); len(left) > 0 {
			t.Errorf("%s still holds %d files", dir, len(left))
		}
	}
}

func TestARefusedPackageStaysToBeCarried(t *testing.T) {
	f := setUp(t)
	cursor := ""
	f.round(&cursor, message(1))
	f.take(f.pkg(1))
	f.unsettled[0]["result"], f.unsettled[0]["code"], f.unsettled[0]["message"] = "refused", "ALTERED", "member 2"
	f.answer(f.in(), nil, nil)
	f.round(&cursor)
	if _, err := os.Stat(f.pkg(1)); err != nil || !strings.Contains(f.log.String(), "a package was refused and is to be carried again") {
		t.Errorf("%v; %s", err, &f.log)
	}
}

func TestAPackageIsSigned(t *testing.T) {
	keys, err := signing.Open(signing.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := courier.New(courier.Config{Settings: courier.Settings{Dir: t.TempDir()}, Receiver: receiver, Source: source, Keys: keys, Now: clock}); err == nil {
		t.Error("without a key agreed")
	}
}
