package publish_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/transport/rest"
	"rongxin/warehouse/ops"
)

// childAddress is set when this binary was started again by a test, to be the
// sender: the platform's address. The store is its only argument.
const childAddress = "RONGXIN_TEST_PLATFORM"

func TestMain(m *testing.M) {
	if url := os.Getenv(childAddress); url != "" {
		if err := sendAsChild(url, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const killRecords = 200 // in batches of 10

func sendAsChild(url, path string) error {
	store, err := ops.Open(context.Background(), path)
	if err != nil {
		return err
	}
	defer store.Close()
	transport, err := rest.New(rest.Config{Settings: rest.Settings{URL: url}, Now: time.Now})
	if err != nil {
		return err
	}
	publisher, err := publish.New(publish.Config{
		Store: store, Receiver: "city", Transport: transport, Tables: []string{results},
		Lanes: 1, BatchSize: 10, Now: time.Now, Schedule: []time.Duration{time.Millisecond},
		Progress: func(p publish.Progress) { fmt.Println(p.Phase, p.Batches) },
	})
	if err != nil {
		return err
	}
	_, err = publisher.Publish(context.Background(), april, newCity(killRecords).source)
	return err
}

// killer kills a sender at one point of its work.
type killer struct {
	mu       sync.Mutex
	child    *exec.Cmd
	point    string // what the sender prints, or "before 2", "taken 2", "answered 2" for the 2nd request
	requests int
}

func (k *killer) reached(point string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.child == nil || point != k.point {
		return false
	}
	k.child.Process.Signal(syscall.SIGKILL)
	return true
}

// around puts the killer in front of the platform.
func (k *killer) around(platform http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			platform.ServeHTTP(w, r)
			return
		}
		k.mu.Lock()
		k.requests++
		n := k.requests
		k.mu.Unlock()
		if k.reached(fmt.Sprint("before ", n)) {
			panic(http.ErrAbortHandler)
		}
		answer := httptest.NewRecorder()
		platform.ServeHTTP(answer, r)
		if k.reached(fmt.Sprint("taken ", n)) {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
		io.Copy(w, answer.Body)
		http.NewResponseController(w).Flush()
		time.Sleep(time.Duration(n%4) * 500 * time.Microsecond) // into the writing of the receipt
		k.reached(fmt.Sprint("answered ", n))
	}
}

// run starts a sender and tells whether it was killed at the point.
func (k *killer) run(t *testing.T, url, path, point string) (killed bool) {
	t.Helper()
	child := exec.Command(os.Args[0], path)
	child.Env = append(os.Environ(), childAddress+"="+url)
	var errors strings.Builder
	child.Stderr = &errors
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	k.mu.Lock()
	k.child, k.point, k.requests = child, point, 0
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	k.mu.Unlock()
	for lines := bufio.NewScanner(output); lines.Scan(); {
		k.reached(lines.Text())
	}
	if err := child.Wait(); err == nil {
		return false
	}
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Fatalf("at %q the sender failed: %s", point, errors.String())
	}
	return true
}

func TestASenderKilledAnywhereLosesAndDoublesNothing(t *testing.T) {
	dir := t.TempDir()
	stand, err := sandbox.New(sandbox.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stand.Close() })
	k := &killer{}
	url := serve(t, k.around(stand))
	path := filepath.Join(dir, "ops.db")

	points := []string{"plan 8", "plan 16", "plan 20", "before 1", "taken 1", "answered 1"}
	for n := range 3 {
		for _, where := range []string{"before", "taken", "answered", "send"} {
			points = append(points, fmt.Sprint(where, " ", n%2+1))
		}
	}
	killed := 0
	for _, point := range points {
		if k.run(t, url, path, point) {
			killed++
		}
	}
	if killed != len(points) {
		t.Errorf("killed %d times, want %d", killed, len(points))
	}
	if k.run(t, url, path, "") {
		t.Fatal("the last sender did not come through")
	}

	p := &platform{t: t, dir: dir, url: url, store: openStore(t, path), clock: &clock{at: noon}}
	p.holds(newCity(killRecords))
	if got := p.state(); got.Applied.I != killRecords || got.Applied.U+got.Applied.D > 0 || got.Repeats == 0 {
		t.Errorf("platform %+v, want %d inserts, no more, and repeats told apart", got, killRecords)
	}
	deliveries, err := p.store.Deliveries(t.Context(), "city", results, "", 2*killRecords)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deliveries {
		if d.Refused != nil {
			t.Errorf("record %s was sent out of turn: %s", d.Key, d.Refused.Code)
		}
	}
}
