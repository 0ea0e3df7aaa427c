package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// receiver takes batches over HTTP and counts their records: the least that a
// receiver can do. Of a hundred requests so many fail, of each kind alike: told to
// come later, cut off after the batch was taken, answered with garbage.
type receiver struct {
	takes  time.Duration // for each batch
	faults int

	mu    sync.Mutex
	asked uint64
	taken map[[32]byte]int // records of a body
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil || request.Method != http.MethodPost {
		http.NotFound(w, request) // it tells nothing of itself
		return
	}
	time.Sleep(r.takes)
	rows := bytes.Count(body, []byte("\n{\"cd_operation\""))
	fault := r.take(body, rows)
	switch fault {
	case 1:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 2:
		panic(http.ErrAbortHandler)
	case 3:
		io.WriteString(w, "<html>")
	default:
		fmt.Fprintf(w, `{"receipt_id": "1", "batch": "%s", "accepted": %d, "rejected": []}`, numberOf(body), rows)
	}
}

// take notes a batch, once for each body, and says which fault is made, or 0.
func (r *receiver) take(body []byte, rows int) (fault uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	random := r.asked * 0x9e3779b97f4a7c15 >> 32 // spread evenly
	if int(random%100) < r.faults {
		fault = random/100%3 + 1
	}
	if fault != 1 {
		if r.taken == nil {
			r.taken = map[[32]byte]int{}
		}
		r.taken[sha256.Sum256(body)] = rows
	}
	return fault
}

func (r *receiver) records() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rows := range r.taken {
		n += rows
	}
	return n
}

// numberOf is the cd_batch of a body.
func numberOf(body []byte) []byte {
	_, rest, _ := bytes.Cut(body, []byte(`"batch":"`))
	number, _, _ := bytes.Cut(rest, []byte(`"`))
	return number
}
