package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

const (
	caseHeader = "案件编号,案件类型,处理状态,主体代码,主体名称,文书号,申请日期,办结日期,处理结果\n"
	caseRow    = "1,1,0," + codeA + ",福州甲公司,榕1号,2026-06-01,,\n"
)

// box is an inbox with a lander over the catalogue.
type box struct {
	*testing.T
	dir, home string
	lander    *ingest.Lander
}

func newBox(t *testing.T) box {
	home := t.TempDir()
	return box{t, t.TempDir(), home, newLander(t, ingest.Config{Home: home, Catalog: mustCatalog(t)})}
}

func (b box) drop(rel, content string) string {
	b.Helper()
	return writeFile(b, filepath.Join(b.dir, rel), content)
}

// land empties the inbox and tells what became of each file.
func (b box) land() []string {
	b.Helper()
	deliveries, err := b.lander.LandInbox(context.Background(), ingest.Inbox{Dir: b.dir, ReceivedAt: received})
	if err != nil {
		b.Fatal(err)
	}
	var told []string
	for _, d := range deliveries {
		line := b.rel(d.Path) + " -> " + b.rel(d.MovedTo)
		if d.MovedTo == "" {
			line = b.rel(d.Path) + " left: " + d.Err.Error()
		}
		told = append(told, line)
	}
	return told
}

func (b box) rel(path string) string {
	rel, _ := filepath.Rel(b.dir, path)
	return filepath.ToSlash(rel)
}

func (b box) receipt(rel string) ingest.Receipt {
	b.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, rel+".receipt.json"))
	if err != nil {
		b.Fatal(err)
	}
	var r ingest.Receipt
	if err := json.Unmarshal(data, &r); err != nil {
		b.Fatal(err)
	}
	return r
}

// files are all that lies below a folder.
func (b box) files(folder string) []string {
	b.Helper()
	var list []string
	err := filepath.WalkDir(filepath.Join(b.dir, folder), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			list = append(list, b.rel(path))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.Fatal(err)
	}
	return list
}

func TestInbox(t *testing.T) {
	b := newBox(t)
	b.drop("credit/cases/2.csv", caseHeader+strings.Repeat(caseRow, 99)+"坏行\n")
	b.drop("credit/cases/1.csv", "坏\n")
	b.drop("credit/cases/2026/3.csv", caseHeader+caseRow)
	b.drop("2026-06-02/credit/cases/0.csv", caseHeader+"2"+caseRow)
	b.drop("credit/cases/4.csv.part", caseHeader)
	b.drop("credit/cases/.5.csv", caseHeader)
	b.drop("credit/.hidden/6.csv", caseHeader)
	b.drop("credit/casse/7.csv", caseHeader)
	b.drop("credit/8.csv", caseHeader)
	want := []string{
		"credit/8.csv -> refused/credit/8.csv",
		"2026-06-02/credit/cases/0.csv -> done/2026-06-02/credit/cases/0.csv",
		"credit/cases/1.csv -> refused/credit/cases/1.csv",
		"credit/cases/2.csv -> done/credit/cases/2.csv",
		"credit/cases/2026/3.csv -> done/credit/cases/2026/3.csv",
		"credit/casse/7.csv -> refused/credit/casse/7.csv",
	}
	if diff := cmp.Diff(want, b.land()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"credit/.hidden/6.csv", "credit/cases/.5.csv", "credit/cases/4.csv.part"}, b.files("credit")); diff != "" {
		t.Error(diff)
	}

	r := b.receipt("done/credit/cases/2.csv")
	if r.State != "landed" || r.Dataset != "credit/cases" || r.BatchID == "" || r.Rows != (landing.Rows{Read: 100, Accepted: 99, Rejected: 1}) {
		t.Errorf("%+v", r)
	}
	for _, part := range []string{"共 100 行，接收 99 行，拒收 1 行", "该行列数与表头不符 1 行", "rongxin feedback --department " + r.Department} {
		if !strings.Contains(r.Summary, part) {
			t.Errorf("the summary does not say %q: %s", part, r.Summary)
		}
	}
	if r := b.receipt("done/2026-06-02/credit/cases/0.csv"); !r.ReceivedAt.Equal(time.Date(2026, 6, 2, 4, 0, 0, 0, time.UTC)) {
		t.Errorf("received %s", r.ReceivedAt)
	}
	r = b.receipt("refused/credit/cases/1.csv")
	if r.State != "refused" || r.Refusal.Code != ingest.HeaderMismatch || r.Refusal.Place != "第 1 行" || !strings.Contains(r.Refusal.Problem, "missing column 案件编号") || !strings.Contains(r.Summary, "文件整体退回") || r.BatchID != "" {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff("文件整体退回，其中任何一行都没有入库。问题：表头与契约不符（HEADER_MISMATCH）。位置：第 1 行。详情：缺少列 "+
		strings.TrimSpace(strings.ReplaceAll(caseHeader, ",", "、"))+"；契约中没有列 坏。处理：按契约的列名改正表头；列确有变动的先修订契约。改正后放回原文件夹即可。", r.Summary); diff != "" {
		t.Error(diff)
	}
	if r := b.receipt("refused/credit/casse/7.csv"); r.Refusal.Code != ingest.DatasetUnknown || r.Refusal.Detail != "没有 credit/casse，是否为 credit/cases？" || !strings.Contains(r.Refusal.Problem, "did you mean credit/cases?") {
		t.Errorf("%+v", r.Refusal)
	}
	if r := b.receipt("refused/credit/8.csv"); r.Refusal.Code != ingest.FolderUnknown || !strings.Contains(r.Refusal.Problem, "no folder of a department") {
		t.Errorf("%+v", r.Refusal)
	}
	if told := b.land(); told != nil {
		t.Errorf("again: %v", told)
	}
}

// What was put away keeps its name; what comes under the same name later gets a
// number. The same bytes are landed before.
func TestInboxNeverOverwrites(t *testing.T) {
	b := newBox(t)
	for _, content := range []string{caseHeader + caseRow, caseHeader + "2" + caseRow, caseHeader + caseRow, "坏\n", "坏了\n"} {
		b.drop("credit/cases/月报.csv", content)
		b.land()
	}
	if diff := cmp.Diff([]string{"done/credit/cases/月报.2.csv", "done/credit/cases/月报.2.csv.receipt.json", "done/credit/cases/月报.3.csv",
		"done/credit/cases/月报.3.csv.receipt.json", "done/credit/cases/月报.csv", "done/credit/cases/月报.csv.receipt.json"}, b.files("done")); diff != "" {
		t.Error(diff)
	}
	if n := len(b.files("refused")); n != 4 {
		t.Errorf("%d files below refused", n)
	}
	first, again := b.receipt("done/credit/cases/月报.csv"), b.receipt("done/credit/cases/月报.3.csv")
	if again.State != "landed_before" || again.BatchID != first.BatchID || !strings.Contains(again.Summary, "未重复入库") {
		t.Errorf("%+v", again)
	}
}

// A run that was killed after the receipt and before the move leaves a receipt
// without its file; the next run ends what it began.
func TestInboxAfterAKill(t *testing.T) {
	b := newBox(t)
	b.drop("credit/cases/1.csv", caseHeader+caseRow)
	if _, err := b.lander.Land(context.Background(), ingest.Request{Dataset: "credit/cases", File: filepath.Join(b.dir, "credit/cases/1.csv"), ReceivedAt: received}); err != nil {
		t.Fatal(err)
	}
	b.drop("done/credit/cases/1.csv.receipt.json", `{"state": "landed"}`)
	b.land()
	if r := b.receipt("done/credit/cases/1.csv"); r.State != "landed_before" || r.Rows.Accepted != 1 {
		t.Errorf("%+v", r)
	}
	if got := b.files("."); len(got) != 3 { // the lock, the file and its receipt
		t.Errorf("%v", got)
	}
	if batches, err := landing.List(b.home); err != nil || len(batches) != 1 {
		t.Error(batches, err)
	}
}

// A link is put aside and never followed; a name that is nearly too long, or no
// text, has a receipt as well.
func TestInboxOddThings(t *testing.T) {
	b := newBox(t)
	secret := writeFile(t, filepath.Join(t.TempDir(), "secret.csv"), caseHeader+caseRow)
	b.drop("credit/cases/a.csv", caseHeader+caseRow)
	if err := os.Symlink(secret, filepath.Join(b.dir, "credit/cases/link.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(secret), filepath.Join(b.dir, "credit/linked")); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("长", 83) + ".csv" // 253 bytes
	b.drop("credit/cases/"+long, caseHeader+"2"+caseRow)
	b.drop("credit/cases/\xff\n.csv", caseHeader+"3"+caseRow)
	told := strings.Join(b.land(), "\n")
	for _, want := range []string{"link.csv -> refused/credit/cases/link.csv", "credit/linked -> refused/credit/linked", "a.csv -> done/", "\xff\n.csv -> done/credit/cases/\xff\n.csv"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not told:\n%s", want, told)
		}
	}
	if batches, err := landing.List(b.home); err != nil || len(batches) != 3 {
		t.Error(len(batches), err)
	}
	receipts := 0
	for _, name := range b.files("done") {
		if strings.HasSuffix(name, ".receipt.json") {
			receipts++
		}
	}
	if receipts != 3 {
		t.Errorf("%d receipts:\n%q", receipts, b.files("done"))
	}
	if data, err := os.ReadFile(secret); err != nil || len(data) == 0 {
		t.Error("the link was followed", err)
	}
}

// What cannot be landed for a reason of this machine's stays, and the others
// land.
func TestInboxLeavesWhatFails(t *testing.T) {
	b := newBox(t)
	b.drop("credit/cases/1.csv", caseHeader+caseRow)
	b.drop("tax/arrears/2.csv", "x\n")
	// Where the batches of a dataset should lie is a file.
	writeFile(t, filepath.Join(b.home, "landing", "credit", "cases"), "x")
	told := b.land()
	if len(told) != 2 || !strings.HasPrefix(told[0], "credit/cases/1.csv left: ") || told[1] != "tax/arrears/2.csv -> refused/tax/arrears/2.csv" {
		t.Errorf("%v", told)
	}
	if diff := cmp.Diff([]string{"credit/cases/1.csv"}, b.files("credit")); diff != "" {
		t.Error(diff)
	}
}

// Two runs never take from one inbox at once.
func TestInboxIsLocked(t *testing.T) {
	b := newBox(t)
	other := flock.New(filepath.Join(b.dir, ".lock"))
	if ok, err := other.TryLock(); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := b.lander.LandInbox(context.Background(), ingest.Inbox{Dir: b.dir, ReceivedAt: received}); !errors.Is(err, ingest.ErrInboxBusy) {
		t.Error(err)
	}
	if err := other.Unlock(); err != nil {
		t.Fatal(err)
	}
	if told := b.land(); told != nil {
		t.Error(told)
	}
}

// A young file is looked at twice: one that grew meanwhile, or went away, is
// left for the next time; one that did not is taken, and an old one at once.
func TestInboxSettles(t *testing.T) {
	b := newBox(t)
	now := time.Now()
	for _, name := range []string{"old", "young", "growing", "gone"} {
		path := b.drop("credit/cases/"+name+".csv", caseHeader+fmt.Sprint(len(name))+caseRow)
		age := time.Second
		if name == "old" {
			age = time.Minute
		}
		if err := os.Chtimes(path, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	slept := time.Duration(0)
	in := ingest.Inbox{Dir: b.dir, ReceivedAt: received, Settle: 5 * time.Second, Now: func() time.Time { return now },
		Sleep: func(_ context.Context, d time.Duration) error {
			slept += d
			b.drop("credit/cases/growing.csv", caseHeader+caseRow+caseRow)
			return os.Remove(filepath.Join(b.dir, "credit/cases/gone.csv"))
		}}
	deliveries, err := b.lander.LandInbox(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	var taken []string
	for _, d := range deliveries {
		taken = append(taken, filepath.Base(d.MovedTo))
	}
	if diff := cmp.Diff([]string{"old.csv", "young.csv"}, taken); diff != "" || slept != 5*time.Second {
		t.Error(slept, diff)
	}
	if diff := cmp.Diff([]string{"credit/cases/growing.csv"}, b.files("credit")); diff != "" {
		t.Error(diff)
	}
}

// Many datasets land side by side, each in the order of names.
func TestInboxKeepsOrder(t *testing.T) {
	b := newBox(t)
	for i := range 12 {
		b.drop(fmt.Sprintf("credit/cases/%02d.csv", i), caseHeader+fmt.Sprint(i)+caseRow)
		b.drop(fmt.Sprintf("tax/arrears/%02d.csv", i), fmt.Sprint(i, "\n"))
		b.drop(fmt.Sprintf("credit/honours/%02d.csv", i), fmt.Sprint(i, "\n"))
	}
	told := b.land()
	if len(told) != 36 || !slices.IsSorted(told) {
		t.Errorf("%v", told)
	}
	if n := len(b.files("done")); n != 24 {
		t.Errorf("%d files are done", n)
	}
}

// A writing context writes whenever somebody asks whether to go on, as copying
// does before each piece.
type writing struct {
	context.Context
	write func()
}

func (w writing) Err() error {
	w.write()
	return w.Context.Err()
}

// A file that is written to while it is copied is not landed: its digest would
// be of something nobody sent.
func TestChangingFile(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "in.csv"), caseHeader+strings.Repeat(caseRow, 100_000))
	out, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	home := t.TempDir()
	l := newLander(t, ingest.Config{Home: home, Catalog: mustCatalog(t)})
	ctx := writing{context.Background(), func() {
		if _, err := out.WriteString(caseRow); err != nil {
			t.Error(err)
		}
	}}
	_, err = l.Land(ctx, ingest.Request{Dataset: "credit/cases", File: file, ReceivedAt: received})
	if !errors.Is(err, ingest.ErrChanging) {
		t.Error(err)
	}
	if batches, err := landing.List(home); err != nil || len(batches) != 0 {
		t.Error(batches, err)
	}
}

// Who mends a snapshot must send all of it again: the mended rows alone would
// withdraw the others.
func TestReceiptOfASnapshotAsksForAllOfIt(t *testing.T) {
	b := newBox(t)
	row := func(name, grade string) string {
		return codeA + "," + name + ",2026-06-01," + grade + ",,,,市民政局\n"
	}
	b.drop("civil/charities/1.csv", "统一社会信用代码,单位名称,认定日期,是否有公开募捐资格,募捐资格证书日期,年度工作报告年度,撤销日期,登记机关\n"+
		strings.Repeat(row("福州甲基金会", "是"), 19)+row("福州甲基金会", "有"))
	b.land()
	r := b.receipt("done/civil/charities/1.csv")
	if r.Rows.Rejected != 1 || !strings.Contains(r.Summary, "请重报全部数据") || strings.Contains(r.Summary, "拒收的行改正后请重新报送") {
		t.Errorf("%+v", r)
	}
}

// Landing sees one delivery and flags a row of a snapshot each time it comes;
// the receipt says that the first time counts.
func TestReceiptOfASnapshotLeavesLatenessToTheRun(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"items.yml", "civil/charities.yml"} {
		data, err := fs.ReadFile(pipelines.Catalog(), name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(data), "\nexpect: {", "\nclock: {from: 认定日期, within: 7 working days}\nexpect: {", 1)
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	catalog, err := contract.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	b := box{t, t.TempDir(), home, newLander(t, ingest.Config{Home: home, Catalog: catalog})}
	for file, decided := range map[string]string{"old": "2026-05-06", "new": "2026-06-12"} {
		b.drop("civil/charities/"+file+".csv", "统一社会信用代码,单位名称,认定日期,是否有公开募捐资格,募捐资格证书日期,年度工作报告年度,撤销日期,登记机关\n"+
			codeA+",福州甲基金会,"+decided+",是,,,,市民政局\n")
	}
	b.land()
	for file, want := range map[string]bool{"old": true, "new": false} {
		if r := b.receipt("done/civil/charities/" + file + ".csv"); strings.Contains(r.Summary, "是否迟报以首次报送为准") != want || (len(r.Flags) == 1) != want {
			t.Errorf("%s: %+v", file, r)
		}
	}
}
