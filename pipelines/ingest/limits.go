package ingest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"syscall"
	"time"
)

// Limits on a process that opens what a department sent. A file that needs more
// is refused, and the parent stays up however little care a reader takes.
const (
	childMemory = 512 << 20 // resident bytes, watched by the parent
	// The kernel refuses data beyond childData, 64 MB less: the rest is the
	// program itself, mapped from disk. The collector works harder from childHeap on.
	childHeap = childMemory / 2
	// Nearly all of what landing holds is used again, block by block. So the heap,
	// once the buffers are there, need not grow far beyond them, and takes the same
	// for a small file as for a large one. Before, collecting would find nothing.
	startGrowth  = 100 // percent
	steadyGrowth = 25
	startBlocks  = 4
	childFiles   = 64 // open at once
	// One worker more holds about so much.
	workerMemory = 48 << 20
)

// limits of one task follow from the size of its extract: no honest file takes
// a second for each of its megabytes, of what is packed for each as it may have
// been before.
type limits struct {
	CPU  time.Duration
	Wall time.Duration // processors are shared, disks are slow
	File int64         // bytes of one written file
}

func limitsOf(t *task) limits {
	megabytes := time.Duration(t.Size >> 20)
	written := 4 * t.Size
	if isPacked(t.Probe.Head) {
		megabytes, written = usualRatio*megabytes, maxRatio*t.Size
	}
	return limits{
		CPU:  5*time.Second + megabytes*time.Second,
		Wall: time.Minute + 10*megabytes*time.Second,
		File: 1<<30 + written,
	}
}

// impose sets the limits of this process for good. It is called before anything
// of a department is opened.
func (l limits) impose() error {
	seconds := uint64(l.CPU / time.Second) // the kernel kills then
	debug.SetMemoryLimit(childHeap)
	debug.SetGCPercent(startGrowth)
	var faults []error
	for _, r := range []struct {
		resource int
		limit    uint64
	}{
		{syscall.RLIMIT_DATA, childData},
		{syscall.RLIMIT_CPU, seconds},
		{syscall.RLIMIT_FSIZE, uint64(l.File)},
		{syscall.RLIMIT_NOFILE, childFiles},
		{syscall.RLIMIT_CORE, 0}, // a core file would hold what was sent
	} {
		if err := syscall.Setrlimit(r.resource, &syscall.Rlimit{Cur: r.limit, Max: r.limit}); err != nil {
			faults = append(faults, fmt.Errorf("limit %d: %w", r.resource, err))
		}
	}
	return errors.Join(faults...)
}

// Why the process of a file was stopped from here.
var (
	errMemory = errors.New("it takes too much memory")
	errTime   = errors.New("it takes too long")
)

// stopped is what a file is refused for when its process was stopped.
func stopped(code RefusalCode) badFile {
	if code == LimitMemory {
		return unfit(code, "内存上限 %d MB", "reading it takes more than %d MB of memory", childMemory>>20)
	}
	return unfit(code, "", "%s", code.explain().English)
}
