package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"rongxin/pipelines/publish"
)

// A point is where a sender is struck: "before 3", "taken 3" or "answered 3" for
// its third request, "plan 7" or "send 7" for what it prints, and anywhere once it
// has been sending for Wait. The zero point is nowhere.
type point struct {
	Where  string
	Wait   time.Duration  // 0 for ever
	Signal syscall.Signal // SIGKILL or SIGSTOP
}

// killPoint picks where a sender is killed: mostly about a request, since that
// is where something can be lost. Only those of HTTP can be seen from outside.
func killPoint(random *rand.Rand, by string, planned int) point {
	p := point{Signal: syscall.SIGKILL, Wait: 2 * time.Second} // should it not come there
	about := []string{"before ", "taken ", "answered "}
	if by != "rest" {
		about = []string{"send "}
	}
	switch draw := random.IntN(20); {
	case draw < 13:
		p.Where = fmt.Sprint(about[random.IntN(len(about))], 1+random.IntN(8))
	case draw < 14:
		p.Where = fmt.Sprint("plan ", 1+random.IntN(planned))
	default:
		p.Wait = time.Duration(1 + random.IntN(int(400*time.Millisecond)))
	}
	return p
}

// stopPoint picks where a sender is stopped: while it waits for an answer. One
// that is stopped in the middle of a change keeps the store to itself.
func stopPoint(random *rand.Rand, by string) point {
	if by != "rest" {
		return point{Signal: syscall.SIGSTOP, Where: fmt.Sprint("send ", 1+random.IntN(3))}
	}
	return point{Signal: syscall.SIGSTOP, Where: fmt.Sprint([]string{"before ", "taken "}[random.IntN(2)], 1+random.IntN(3))}
}

// work is one sender at work, with what stands between it and the platform.
type work struct {
	cmd    *exec.Cmd
	point  point
	said   strings.Builder // on stderr
	sum    publish.Summary // empty when it did not come to its end
	struck chan struct{}   // closed when it has been struck
	begun  chan struct{}   // closed when it has said something
	ended  chan struct{}   // closed when it is gone
	err    error           // how it ended

	proxy    *httputil.ReverseProxy
	mu       sync.Mutex
	requests int
}

// start lets a sender work, to be struck at the point. Its requests go through an
// address of its own, so that those of a sender before it are not counted.
func start(ctx context.Context, s sender, p point) (*work, error) {
	to, err := url.Parse(s.Route.URL)
	if err != nil {
		return nil, err
	}
	w := &work{point: p, struck: make(chan struct{}), begun: make(chan struct{}), ended: make(chan struct{}), proxy: httputil.NewSingleHostReverseProxy(to)}
	w.proxy.Transport = upstream
	w.proxy.ErrorLog = log.New(io.Discard, "", 0)
	// What the platform does to a connection is done to the sender's.
	w.proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.Route.URL = "http://" + listener.Addr().String()
	server := &http.Server{Handler: w, ErrorLog: w.proxy.ErrorLog}
	go server.Serve(listener)
	if err := w.begin(ctx, s); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	context.AfterFunc(ctx, func() { server.Close() })
	go func() { <-w.ended; server.Close() }()
	return w, nil
}

// upstream keeps the connections to the platform.
var upstream = &http.Transport{MaxIdleConnsPerHost: 64}

func (w *work) begin(ctx context.Context, s sender) (err error) {
	if w.cmd, err = child(ctx, "sender", s); err != nil {
		return err
	}
	w.cmd.Stderr = &w.said
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	w.mu.Lock() // nothing is reached before it runs
	defer w.mu.Unlock()
	if err := w.cmd.Start(); err != nil {
		return err
	}
	go func() {
		defer close(w.ended)
		w.err = w.follow(out)
	}()
	return nil
}

// follow reads what the sender prints until it ends.
func (w *work) follow(out io.Reader) error {
	sending := false
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !isClosed(w.begun) {
			close(w.begun)
		}
		line := lines.Text()
		if strings.HasPrefix(line, "send") && w.point.Wait > 0 && !sending {
			sending = true
			time.AfterFunc(w.point.Wait, func() { w.reached(w.point.Where) })
		}
		if !strings.HasPrefix(line, "{") {
			w.reached(line)
		} else if err := json.Unmarshal([]byte(line), &w.sum); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), w.cmd.Wait())
}

func (w *work) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.proxy.ServeHTTP(answer, r)
		return
	}
	w.mu.Lock()
	w.requests++
	n := w.requests
	w.mu.Unlock()
	w.reached(fmt.Sprint("before ", n))
	w.proxy.ServeHTTP(&taken{answer, func() { w.reached(fmt.Sprint("taken ", n)) }}, r)
	time.Sleep(time.Duration(n%4) * 300 * time.Microsecond) // into the writing of the receipt
	w.reached(fmt.Sprint("answered ", n))
}

// taken calls do when the platform has answered and before the sender knows.
type taken struct {
	http.ResponseWriter
	do func()
}

func (t *taken) WriteHeader(status int) {
	t.do()
	t.ResponseWriter.WriteHeader(status)
}

func (t *taken) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// reached strikes the sender, once, when that is its point.
func (w *work) reached(where string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if where == w.point.Where && !isClosed(w.struck) {
		close(w.struck)
		w.cmd.Process.Signal(w.point.Signal) // one that has ended by itself is done
		if w.point.Signal == syscall.SIGSTOP {
			time.Sleep(100 * time.Millisecond) // until all its threads stand still
		}
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// done tells whether it published its day.
func (w *work) done() bool { return w.sum.Run != "" }

// fault is how a sender ended that was not struck.
func (w *work) fault() error {
	if w.err == nil {
		return nil
	}
	return fmt.Errorf("at %q the sender failed: %w: %s", w.point.Where, w.err, w.said.String())
}
