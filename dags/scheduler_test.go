// Package dags holds the DAGs of Airflow, which are Python; its Go tests run them
// in the Airflow of requirements.lock, beside the real binary.
package dags_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const day = "2026-06-30"

// house is a city's set-up: binary, warehouse, inbox, a platform and an Airflow.
type house struct {
	dir, root string
	env       []string
}

// A scheduler with all its parts is started, asked by rongxin dag, and stopped.
func TestScheduler(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.startPlatform(t)
	h.startAirflow(t)
	h.must(t, "dag", "resume", "delivery")

	t.Run("a day is triggered, waited for and read", h.triggered)
	t.Run("a published run is delivered by its partition", h.delivered)
	t.Run("two runs of one task leave one result", h.twoAtOnce)
	t.Run("a past day is run again", h.backfilled)
	t.Run("what is wrong is told", h.refused)
}

func (h *house) triggered(t *testing.T) {
	var run dagRun
	h.json(t, &run, "dag", "trigger", "evaluation_early", "--day", day, "--resume", "--wait", "15m")
	if run.State != "success" || run.Day != day || len(run.Tasks) != 6 {
		t.Fatalf("%+v", run)
	}
	built := run.task(t, "run").Result.(map[string]any)
	if current := h.read(t, "warehouse/CURRENT"); built["run_id"] != current || built["as_of"] != day {
		t.Errorf("the task handed on %v, CURRENT is %s", built, current)
	}
	if stale := built["stale_inputs"].([]any); len(stale) == 0 {
		t.Error("no input is stale: the city sends every dataset of the catalogue")
	}
	if log := h.must(t, "dag", "logs", "evaluation_early", "last", "transform"); !strings.Contains(log, "level=INFO msg=table") {
		t.Errorf("what the verb logs is not in the log of its task:\n%s", log)
	}
	if out := h.must(t, "dag", "status", "evaluation_early", run.RunID); !strings.Contains(out, "announce") {
		t.Error(out)
	}
}

func (h *house) delivered(t *testing.T) {
	var runs struct{ Runs []dagRun }
	h.until(t, "the day is delivered", func() bool {
		h.json(t, &runs, "dag", "status", "delivery")
		return len(runs.Runs) > 0 && runs.Runs[0].State != "queued" && runs.Runs[0].State != "running"
	})
	if r := runs.Runs[0]; r.State != "success" || r.Day != day || r.Type != "asset_triggered" {
		t.Errorf("%+v", r)
	}
	var run dagRun
	h.json(t, &run, "dag", "status", "delivery", "last")
	if told := run.task(t, "to.reconcile"); told.Called != "hlwjg" || told.Result.(map[string]any)["equal"] != true {
		t.Errorf("%+v", told)
	}
}

func (h *house) twoAtOnce(t *testing.T) {
	var run dagRun
	h.json(t, &run, "dag", "trigger", "two_at_once", "--day", "2026-06-28", "--resume", "--wait", "15m")
	one, other := run.task(t, "one"), run.task(t, "other")
	if id := one.Result.(map[string]any)["run_id"]; id != other.Result.(map[string]any)["run_id"] || id != h.read(t, "warehouse/CURRENT") {
		t.Errorf("%v and %v, CURRENT is %s", one.Result, other.Result, h.read(t, "warehouse/CURRENT"))
	}
	if one.Tries+other.Tries < 3 {
		t.Errorf("%d and %d tries: they were not at work at once, so nothing was tried", one.Tries, other.Tries)
	}
	if made, err := filepath.Glob(filepath.Join(h.dir, "warehouse/runs/2026-06-28-*")); err != nil || len(made) != 1 {
		t.Errorf("%v, %v", made, err)
	}
}

func (h *house) backfilled(t *testing.T) {
	const first, last = "2026-06-28", "2026-06-29"
	var would struct {
		Days []string `json:"would_run"`
	}
	h.json(t, &would, "dag", "backfill", "evaluation", "--from", first, "--to", last, "--dry-run")
	if !slices.Equal(would.Days, []string{first, last}) {
		t.Errorf("would run %v", would.Days)
	}
	h.json(t, &would, "dag", "backfill", "landing", "--from", first, "--to", last, "--dry-run") // by partition
	if !slices.Equal(would.Days, []string{first, last}) {
		t.Errorf("would run %v", would.Days)
	}
	// A DAG that is resumed runs its last interval too, beside the backfill.
	var made struct{ Completed bool }
	h.json(t, &made, "dag", "backfill", "evaluation", "--from", last, "--to", last, "--resume", "--wait", "15m")
	if !made.Completed {
		t.Error("the backfill has not ended")
	}
	var runs struct{ Runs []dagRun }
	h.json(t, &runs, "dag", "status", "evaluation")
	i := slices.IndexFunc(runs.Runs, func(r dagRun) bool { return r.Type == "backfill" })
	if i < 0 {
		t.Fatalf("%+v", runs)
	}
	var run dagRun
	h.json(t, &run, "dag", "status", "evaluation", runs.Runs[i].RunID)
	if run.Day != last || run.State != "success" || run.task(t, "announce").State != "skipped" {
		t.Errorf("%+v", run)
	}
	if built := run.task(t, "run").Result.(map[string]any); built["as_of"] != last {
		t.Errorf("built %v", built)
	}
}

func (h *house) refused(t *testing.T) {
	for _, c := range []struct {
		code       int
		want       string
		args, more []string
	}{
		{78, "Airflow does not know it (404)", []string{"dag", "trigger", "absent", "--day", day}, nil},
		{78, "yearly_evaluation is paused and would run nothing", []string{"dag", "trigger", "yearly_evaluation", "--day", day}, nil},
		{78, "has no task absent", []string{"dag", "logs", "evaluation_early", "last", "absent"}, nil},
		{78, "Airflow does not allow it (401)", []string{"dag", "list"}, []string{"RONGXIN_AIRFLOW_PASSWORD_FILE=" + h.write(t, "wrong", "wrong")}},
		{75, "Airflow cannot be reached", []string{"dag", "list"}, []string{"RONGXIN_AIRFLOW_URL=http://127.0.0.1:9"}},
		{78, "Airflow does not accept the request (422)", []string{"dag", "status", "evaluation_early", "--limit", "-1"}, nil},
	} {
		out, code := h.run(c.more, c.args...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("rongxin %v: exit %d, want %d and %q:\n%s", c.args, code, c.code, c.want, out)
		}
	}
}

// What rongxin dag status tells.
type dagRun struct {
	RunID            string `json:"run_id"`
	State, Day, Type string
	Tasks            []dagTask
}

type dagTask struct {
	Task, State, Called string
	Tries               int
	Result              any
}

func (r dagRun) task(t *testing.T, name string) dagTask {
	t.Helper()
	i := slices.IndexFunc(r.Tasks, func(task dagTask) bool { return task.Task == name })
	if i < 0 {
		t.Fatalf("%s has no task %s: %+v", r.RunID, name, r.Tasks)
	}
	return r.Tasks[i]
}

func newHouse(t *testing.T) *house {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{dir: t.TempDir(), root: root}
	build := exec.Command("go", "build", "-o", h.binary(), "./cmd/rongxin")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	h.env = append(os.Environ(), "RONGXIN_HOME="+h.path("warehouse"), "RONGXIN_LOG_LEVEL=info", "AIRFLOW_HOME="+h.path("airflow"),
		"AIRFLOW_VAR_RONGXIN_BINARY="+h.binary(), "AIRFLOW_VAR_RONGXIN_INBOX="+h.path("city/inbox"), "AIRFLOW_VAR_RONGXIN_OUT="+h.path("out"))
	h.must(t, "city", "--enterprises", "200", "--as-of", day, "--out", h.path("city"))
	h.must(t, "land", "--inbox", h.path("city/inbox"), "--settle", "0s")
	return h
}

func (h *house) path(name string) string { return filepath.Join(h.dir, name) }
func (h *house) binary() string          { return h.path("rongxin") }

func (h *house) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(h.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// write makes a file that only its owner may read.
func (h *house) write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return h.path(name)
}

// run calls the binary, with further variables, and returns all it said and its exit code.
func (h *house) run(more []string, args ...string) (string, int) {
	cmd := exec.Command(h.binary(), args...)
	cmd.Dir, cmd.Env = h.dir, append(slices.Clip(h.env), more...)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

func (h *house) must(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(h.binary(), args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.dir, h.env, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("rongxin %v: %v\n%s\n%s", args, err, &errs, h.tail())
	}
	return out.String()
}

func (h *house) json(t *testing.T, result any, args ...string) {
	t.Helper()
	out := h.must(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), result); err != nil {
		t.Fatalf("rongxin %v: %v\n%s", args, err, out)
	}
}

// tail is the end of what Airflow said.
func (h *house) tail() string {
	data, _ := os.ReadFile(h.path("airflow.log"))
	return string(data[max(0, len(data)-4000):])
}

func (h *house) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatalf("ten minutes have gone, and it does not hold that %s\n%s", what, h.tail())
}

func (h *house) startPlatform(t *testing.T) {
	t.Helper()
	cmd := exec.Command(h.binary(), "sandbox", "--listen", "127.0.0.1:0", "--dir", h.path("platform"), "--address-file", h.path("platform.url"))
	cmd.Env = h.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	h.until(t, "the platform answers", func() bool {
		address, err := os.ReadFile(h.path("platform.url"))
		return err == nil && len(address) > 0
	})
	h.env = append(h.env, "RONGXIN_PLATFORM="+h.read(t, "platform.url"))
}

// startAirflow starts scheduler, DAG processor, triggerer and API server on free
// ports of the loopback, with a database of their own.
func (h *house) startAirflow(t *testing.T) {
	t.Helper()
	api, logs, triggers := freePort(t), freePort(t), freePort(t)
	bundles := fmt.Sprintf(`[{"name": "dags", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {"path": %q}},
		{"name": "tests", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {"path": %q}}]`, h.root+"/dags", h.root+"/dags/tests/dags")
	url := fmt.Sprintf("http://127.0.0.1:%d", api)
	passwords := h.write(t, "passwords.json", `{"admin": "spring"}`)
	h.env = append(h.env,
		"AIRFLOW__API__PORT="+fmt.Sprint(api), "AIRFLOW__API__HOST=127.0.0.1", "AIRFLOW__API__BASE_URL="+url, "AIRFLOW__API__WORKERS=1",
		"AIRFLOW__CORE__EXECUTION_API_SERVER_URL="+url+"/execution/",
		"AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT="+fmt.Sprint(logs), "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT="+fmt.Sprint(triggers),
		"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE="+passwords, "AIRFLOW__CORE__PARALLELISM=4",
		"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST="+bundles, "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME=0.5",
		"AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES=1", "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL=3600",
		"RONGXIN_AIRFLOW_URL="+url, "RONGXIN_AIRFLOW_USER=admin", "RONGXIN_AIRFLOW_PASSWORD_FILE="+h.write(t, "password", "spring\n"))

	h.airflow(t, "db", "migrate")
	h.airflow(t, "pools", "import", h.root+"/dags/pools.json")
	log, err := os.Create(h.path("airflow.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	// The shell ends its whole group when the test binary is gone, however it went.
	cmd := exec.Command("bash", "-c", `trap 'trap - TERM; kill 0' TERM; "$0" airflow standalone & wait`, h.root+"/scripts/airflow.sh")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.dir, h.env, log, log
	runtime.LockOSThread() // Pdeathsig is of the thread
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.stopAirflow(t, cmd) })
	h.until(t, "all DAGs are known", func() bool {
		out, code := h.run(nil, "dag", "list")
		return code == 0 && strings.Contains(out, "two_at_once") && strings.Contains(out, "evaluation") && strings.Contains(out, "delivery")
	})
}

func (h *house) airflow(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(h.root+"/scripts/airflow.sh", append([]string{"airflow"}, args...)...)
	cmd.Dir, cmd.Env = h.dir, h.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("airflow %v: %v\n%s", args, err, out)
	}
}

// stopAirflow asks the parts to stop, and after ten seconds kills what has not:
// all that was started below the command, in whatever group it put itself.
func (h *house) stopAirflow(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	started := below(t, cmd.Process.Pid)
	syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	}
	for _, pid := range started {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// below lists the processes that a process started, and those that they started.
func below(t *testing.T, pid int) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Error(err)
	}
	children := map[int][]int{}
	for _, file := range files {
		status, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		var child, parent int
		fmt.Sscanf(file, "/proc/%d/", &child)
		_, after, _ := strings.Cut(string(status), "PPid:")
		fmt.Sscan(after, &parent)
		children[parent] = append(children[parent], child)
	}
	found := slices.Clone(children[pid])
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
