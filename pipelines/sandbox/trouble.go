package sandbox

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// trouble decides what fails, as the faults in force say.
type trouble struct {
	now func() time.Time // nil without a clock

	mu     sync.Mutex
	faults Faults
	until  time.Time // nobody is there before
	times  map[string]int
	poison *regexp.Regexp
}

const defaultDelay = 200 * time.Millisecond

// set puts faults in force that their check found good.
func (t *trouble) set(f Faults) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults, t.times, t.poison, t.until = f, map[string]int{}, nil, time.Time{}
	if f.Poison != "" {
		t.poison = regexp.MustCompile(f.Poison)
	}
	if f.Outage > 0 {
		t.until = t.now().Add(f.Outage)
	}
}

func (t *trouble) inForce() Faults {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.faults
}

// delay is how long a slow answer takes.
func (t *trouble) delay() time.Duration { return cmp.Or(t.inForce().Delay, defaultDelay) }

func (t *trouble) isDown() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.faults.Down > 0 || t.isOut()
}

func (t *trouble) isOut() bool { return !t.until.IsZero() && t.now().Before(t.until) }

// What a request does, for the shares.
const (
	handOver = "" // a batch
	ask      = "ask"
)

// draw says what happens to a request: the name of a fault, "down", or nothing;
// and whether a fault that can strike before or after the request was worked on
// strikes before. id tells what is handed over or asked.
func (t *trouble) draw(operation, id string) (fault string, before bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isOut() {
		return "down", true
	}
	if t.faults.Down > 0 {
		t.faults.Down--
		return "down", true
	}
	from := t.faults
	if operation == ask && from.Ask != nil {
		from = *from.Ask
	}
	shares := from.shares()
	sum := 0.0
	for _, s := range shares {
		sum += *s.value
	}
	if sum == 0 {
		return "", false
	}
	id = operation + "/" + id
	random := t.random(id, t.times[id])
	t.times[id]++
	at, before := random.Float64(), random.IntN(2) == 0
	for _, s := range shares {
		if at -= *s.value; at < 0 {
			return s.name, before
		}
	}
	return "", before
}

// count is how often draw was asked.
func (t *trouble) count(operation, id string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.times[operation+"/"+id]
}

// random is a source of its own for the nth time of id.
func (t *trouble) random(id string, n int) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(id))
	hash.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return rand.New(rand.NewPCG(t.faults.Seed, hash.Sum64()))
}

// later says which records of a batch are to be refused in processing.
func (t *trouble) later(idempotencyKey string) func(cdID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	share := t.faults.RejectLater
	if share == 0 {
		return func(string) bool { return false }
	}
	return func(cdID string) bool { return t.random("later/"+idempotencyKey+"/"+cdID, 0).Float64() < share }
}

// poisoned refuses a whole batch for one record, without telling which.
func (t *trouble) poisoned(b *batch) error {
	t.mu.Lock()
	poison := t.poison
	t.mu.Unlock()
	if poison == nil {
		return nil
	}
	for i := range b.rows {
		if poison.MatchString(b.rows[i].key) {
			return refuse(http.StatusUnprocessableEntity, "POISON", "批次内有无法处理的记录，整批退回")
		}
	}
	return nil
}
