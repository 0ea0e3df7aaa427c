package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
)

// TestMain lets the test binary be the process that judges, well behaved or not.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		if child, ok := children[os.Args[1]]; ok {
			child()
			return
		}
	}
	os.Exit(m.Run())
}

var held [][]byte // by the child that eats memory

var children = map[string]func(){
	"judge": func() {
		if err := ingest.ServeChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	},
	"eats memory": func() {
		for {
			block := make([]byte, 8<<20)
			for i := range block {
				block[i] = 1
			}
			held = append(held, block)
			time.Sleep(time.Millisecond)
		}
	},
	"burns": func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: 5, Max: 5}); err != nil {
			panic(err)
		}
		for {
		}
	},
	"panics":        func() { panic("榕城示例有限公司") },
	"says nothing":  func() {},
	"says nonsense": func() { fmt.Println(strings.Repeat("x", 100)) },
	"never ends":    func() { select {} },
	"lies": func() {
		var task struct{ Dir string }
		if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
			os.Exit(1)
		}
		for _, name := range []string{landing.RecordsName, landing.RejectsName} {
			if err := os.WriteFile(filepath.Join(task.Dir, name), []byte("x"), 0o600); err != nil {
				os.Exit(1)
			}
		}
		fmt.Println(`{"Outcome":{"Rows":{"read":3,"accepted":3},"Records":{"bytes":2},"Rejects":{"bytes":2}}}`)
	},
	"is killed": func() {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			self.Kill()
		}
		select {}
	},
}

// child is the configuration that judges in the named process.
func child(t testing.TB, name string) ingest.Config {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return ingest.Config{Child: []string{self, name}}
}

// A process of its own finds what this one finds, byte for byte.
func TestChildFindsTheSame(t *testing.T) {
	exceptions, err := credit.ParseExceptions("e.yml", []byte(`exceptions:
  - {code: 91350203M0001QAY9B, reason: 试点, approver: 王, approved_on: 2026-01-05}
`))
	if err != nil {
		t.Fatal(err)
	}
	header := []any{"代码", "文书号", "日期", "得分", "金额"}
	for name, tt := range map[string]struct{ yaml, content string }{
		"csv":       {plain, good},
		"typed":     {typed, file(rowOf("代码=91350203M0001QAY9B"), rowOf("得分=x"), rowOf("编号=3"))},
		"sheet":     {sheetYAML, workbook(t, nil, header, []any{codeA, "榕1号", "2026-03-01", 95.5, 12}, []any{codeB})},
		"refused":   {plain, "编号,名称\n1,甲\n"},
		"too many":  {plain + "expect: {max_reject_ratio: 2%}\n", good},
		"not UTF-8": {strings.Replace(plain, "format: csv", "format: csv, encoding: utf-8", 1), "编号,名称,备注\n1,\xff,x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c := mustContract(t, tt.yaml)
			var told int64
			cfg, keys := child(t, "judge"), secret.NewRing(filepath.Join(t.TempDir(), "keys"))
			cfg.Keys, cfg.Exceptions, cfg.Progress = keys, exceptions, func(rows, _ int64) { told += rows }
			here, errHere := landWith(t, ingest.Config{Keys: keys, Exceptions: exceptions}, c, tt.content)
			there, errThere := landWith(t, cfg, c, tt.content)
			if diff := cmp.Diff(here.Result, there.Result); diff != "" {
				t.Error(diff)
			}
			var refusal *ingest.Refusal
			if fmt.Sprint(errHere) != fmt.Sprint(errThere) || errors.As(errThere, &refusal) != (errThere != nil) {
				t.Errorf("here %v, there %v", errHere, errThere)
			}
			if told != there.Batch.Rows.Read {
				t.Errorf("%d rows told of %d", told, there.Batch.Rows.Read)
			}
		})
	}
}

// Whatever becomes of the process, this one goes on: the file is refused when
// it was the file, and when it was not the error is one that a retry may mend.
func TestChildThatFails(t *testing.T) {
	for name, tt := range map[string]struct {
		want    string
		refused ingest.RefusalCode
	}{
		"eats memory":   {"more than 512 MB of memory", ingest.LimitMemory},
		"burns":         {"too long for its size", ingest.LimitTime},
		"panics":        {"broke down on it", ingest.ReaderFailed},
		"says nothing":  {"ended early", ""},
		"says nonsense": {"ended early", ""},
		"is killed":     {"ended early: signal: killed", ""},
		"lies":          {"2 bytes were written, and 1 are there", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := child(t, name)
			_, err := landWith(t, cfg, mustContract(t, plain), good)
			refusal := new(ingest.Refusal)
			if errors.As(err, &refusal); err == nil || !strings.Contains(err.Error(), tt.want) || refusal.Code != tt.refused {
				t.Errorf("want %q, refused %q; got %v", tt.want, tt.refused, err)
			}
			if strings.Contains(fmt.Sprint(err), "榕城") {
				t.Errorf("tells what the file holds: %v", err)
			}
		})
	}
}

func TestChildThatCannotStart(t *testing.T) {
	_, err := landWith(t, ingest.Config{Child: []string{filepath.Join(t.TempDir(), "none")}}, mustContract(t, plain), good)
	var refusal *ingest.Refusal
	if !errors.Is(err, os.ErrNotExist) || errors.As(err, &refusal) {
		t.Error(err)
	}
}

// Who cancels need not wait for the process, which ends too.
func TestChildCancelled(t *testing.T) {
	l := newLander(t, child(t, "never ends"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := l.Land(ctx, ingest.Request{Contract: mustContract(t, plain), ReceivedAt: received,
		File: writeFile(t, filepath.Join(t.TempDir(), "in.csv"), good)})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Error(err, time.Since(start))
	}
}

// A process whose parent is gone ends, wherever it is: here it waits for an
// extract that never comes.
func TestChildLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "extract.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	task, err := json.Marshal(map[string]any{
		"Contract": mustContract(t, plain), "Dir": dir, "File": "extract.csv", "Probe": map[string]any{}, "Workers": 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(child(t, "judge").Child[0], "judge")
	cmd.Env = []string{}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	if _, err := stdin.Write(task); err != nil {
		t.Error(err)
	}
	var limits []byte
	for range 100 { // until the last of them is set
		select {
		case <-ended:
			t.Fatal("did not wait for its extract")
		case <-time.After(100 * time.Millisecond):
		}
		if limits, err = os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid)); err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`Max open files +64 +64`).Match(limits) {
			break
		}
	}
	data := `Max data size +469762048 +469762048 +bytes`
	if testing.Short() { // as under the race detector, which needs more
		data = `Max data size`
	}
	for _, want := range []string{data, `Max cpu time +5 +5 +seconds`, `Max file size +\d+ +\d+ +bytes`, `Max open files +64 +64`, `Max core file size +0 +0`} {
		if !regexp.MustCompile(want).Match(limits) {
			t.Errorf("has not set itself the limit %s:\n%s", want, limits)
		}
	}
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", cmd.Process.Pid))
	if err != nil || len(environment) > 0 {
		t.Errorf("%d bytes of environment, %v", len(environment), err)
	}
	stdin.Close()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("still there", cmd.Process.Kill(), <-ended)
	}
}

// A contract reaches another process as it is.
func TestContractsTravel(t *testing.T) {
	for _, c := range mustCatalog(t).All() {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		got := new(contract.Contract)
		if err := json.Unmarshal(data, got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("%s: %s", c.Dataset, diff)
		}
	}
}
