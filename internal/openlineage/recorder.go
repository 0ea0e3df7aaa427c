package openlineage

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Config says where events go.
type Config struct {
	Dir       string         // of a file a day, 2026-06-30.jsonl
	Namespace string         // of our jobs and datasets
	Producer  string         // a URI that names this program
	Parent    string         // namespace/job/run id of who called, as OPENLINEAGE_PARENT_ID has it; empty without one
	Zone      *time.Location // whose days the files are named by
	Now       func() time.Time
	URL       string        // events are sent there too; empty sends none
	Token     string        // for the Authorization header; empty sends none
	Timeout   time.Duration // of all sending together
}

// dated is an event and the day it stands under.
type dated struct {
	day  string
	line []byte
}

// A Recorder tells of the jobs of one call of the program. It may be used by
// several goroutines. A nil recorder tells nothing.
type Recorder struct {
	cfg    Config
	parent *Parent

	mu        sync.Mutex
	faults    []error  // of the file
	unwritten []dated  // what waits for the home to be made
	unsent    [][]byte // what is to be sent at the end
}

// New checks the configuration. Nothing is written or sent yet.
func New(cfg Config) (*Recorder, error) {
	r := &Recorder{cfg: cfg}
	var faults []error
	if cfg.Parent != "" {
		p, err := parseParent(cfg.Parent)
		r.parent = p
		faults = append(faults, err)
	}
	return r, errors.Join(append(faults, CheckURL(cfg.URL))...)
}

// CheckURL says what is wrong with an address that events are to be sent to; an
// empty one is none.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return errors.New("want http://host:port/path or https://…, such as http://127.0.0.1:5000/api/v1/lineage")
	}
	return nil
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// parseParent reads namespace/job/run id. A namespace may hold slashes.
func parseParent(text string) (*Parent, error) {
	rest, id, _ := cutLast(text)
	namespace, job, _ := cutLast(rest)
	if namespace == "" || job == "" || !uuidForm.MatchString(id) {
		return nil, fmt.Errorf("%q names no parent run: want NAMESPACE/JOB/RUN_UUID", text)
	}
	p := &Parent{}
	p.Run.ID, p.Job.Namespace, p.Job.Name = strings.ToLower(id), namespace, job
	return p, nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

// A Run is a job that has begun. A nil run tells nothing.
type Run struct {
	recorder *Recorder
	id       string
	job      Job
	parent   *Parent
	facet    *Rongxin
}

// Start tells that a job begins, as part of the run that called the program.
func (r *Recorder) Start(job Job, inputs ...Dataset) *Run {
	if r == nil {
		return nil
	}
	return r.start(job, r.parent, nil, inputs)
}

// Start tells that a job begins, as part of this one.
func (r *Run) Start(job Job, inputs ...Dataset) *Run {
	if r == nil {
		return nil
	}
	p := &Parent{}
	p.Run.ID, p.Job.Namespace, p.Job.Name = r.id, r.job.Namespace, r.job.Name
	return r.recorder.start(job, p, r.facet, inputs)
}

func (r *Recorder) start(job Job, parent *Parent, facet *Rongxin, inputs []Dataset) *Run {
	if job.Namespace == "" {
		job.Namespace = r.cfg.Namespace
	}
	run := &Run{recorder: r, id: newID(r.cfg.Now()), job: job, parent: parent, facet: facet}
	run.tell("START", nil, inputs, nil)
	return run
}

// Know adds what the run is known and proven by to the events that follow, also
// of the runs that are started as part of it.
func (r *Run) Know(facet Rongxin) {
	if r != nil {
		r.facet = &facet
	}
}

// Complete tells that the job is done.
func (r *Run) Complete(inputs, outputs []Dataset) {
	if r != nil {
		r.tell("COMPLETE", nil, inputs, outputs)
	}
}

// Fail tells that the job is broken off. The message goes into the event as it
// is: whoever calls keeps rows, enterprises and persons out of it.
func (r *Run) Fail(message string) {
	if r != nil {
		r.tell("FAIL", &Error{Message: message, Language: "Go"}, nil, nil)
	}
}

func (r *Run) tell(kind string, fault *Error, inputs, outputs []Dataset) {
	e := Event{Type: kind, Time: r.recorder.cfg.Now().UTC(), Run: RunOf{ID: r.id}, Job: r.job, Inputs: inputs, Outputs: outputs}
	if r.parent != nil || fault != nil || r.facet != nil {
		e.Run.Facets = &RunFacets{Error: fault}
		if r.parent != nil {
			p := *r.parent
			e.Run.Facets.Parent = &p
		}
		if r.facet != nil {
			f := *r.facet
			e.Run.Facets.Rongxin = &f
		}
	}
	if f := r.job.Facets; f != nil && f.Type != nil { // signed below, and other goroutines may hold it
		kind := *f.Type
		e.Job.Facets = &JobFacets{Type: &kind}
	}
	e.sign(r.recorder.cfg.Producer)
	r.recorder.write(e)
}

// write appends the event to the file of its day.
func (r *Recorder) write(e Event) {
	line, err := json.Marshal(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fault(err)
		return
	}
	if r.cfg.URL != "" {
		r.unsent = append(r.unsent, line)
	}
	r.unwritten = append(r.unwritten, dated{e.Time.In(r.cfg.Zone).Format(time.DateOnly), line})
	r.flush()
}

// flush writes what is not written, once there is a folder that Dir may stand in:
// a home that is not there is not made for this.
func (r *Recorder) flush() {
	if _, err := os.Stat(filepath.Dir(r.cfg.Dir)); err != nil {
		return
	}
	for _, e := range r.unwritten {
		if err := appendLine(filepath.Join(r.cfg.Dir, e.day+".jsonl"), e.line); err != nil {
			r.fault(err)
		}
	}
	r.unwritten = nil
}

func (r *Recorder) fault(err error) {
	if len(r.faults) == 0 { // the first says it
		r.faults = append(r.faults, fmt.Errorf("lineage: %w", err))
	}
}

// appendLine writes a line under a lock of the file, so that those of several
// processes do not mingle. Behind one that was cut off, by a full disk, it begins
// anew.
func appendLine(file string, line []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// Of the open file itself, so that either of the two that follow gives it back.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	defer syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	text := append(slices.Clip(line), '\n')
	if last := []byte{'\n'}; info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			text = append([]byte{'\n'}, text...)
		}
	}
	_, err = f.Write(text)
	return err
}

// Close writes and sends what is left, and returns what went wrong with file or
// address, as a warning.
func (r *Recorder) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	faults := r.faults
	if len(r.unsent) > 0 {
		faults = append(faults, r.send(ctx))
	}
	r.unsent, r.faults = nil, nil
	return errors.Join(faults...)
}

// newID is a UUID of version 7: ids of later runs sort after those of earlier ones.
func newID(now time.Time) string {
	var b [16]byte
	rand.Read(b[:])
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16|uint64(b[6])<<8|uint64(b[7]))
	b[6], b[8] = 0x70|b[6]&0x0f, 0x80|b[8]&0x3f
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
