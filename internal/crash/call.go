//go:build linux && amd64

package crash

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Call is a system call on something below the root, or a write to standard
// output, which is the program's word to its caller.
type Call struct {
	Name string
	Path string // below the root, "." is the root; "stdout"
	To   string // of a rename
	New  bool   // of an open: the file may be made
	Size int64  // of a write that was made
}

func (c Call) String() string { return strings.TrimSpace(c.Name + " " + c.Path + " " + c.To) }

// How the arguments of a call name what it is about.
const (
	byFD    = iota // a file descriptor
	byName         // a path
	byAt           // a directory and a path in it
	byFDs          // two file descriptors, the second is written to
	byNames        // two paths
	byAts          // two of directory and path
)

var calls = map[uint64]struct {
	name string
	by   int
}{
	unix.SYS_OPENAT: {"open", byAt}, unix.SYS_OPEN: {"open", byName}, unix.SYS_CREAT: {"creat", byName},
	unix.SYS_WRITE: {"write", byFD}, unix.SYS_PWRITE64: {"write", byFD},
	unix.SYS_WRITEV: {"write", byFD}, unix.SYS_PWRITEV: {"write", byFD}, unix.SYS_PWRITEV2: {"write", byFD},
	unix.SYS_COPY_FILE_RANGE: {"copy", byFDs}, unix.SYS_SENDFILE: {"sendfile", byFD},
	unix.SYS_FTRUNCATE: {"truncate", byFD}, unix.SYS_TRUNCATE: {"truncate", byName}, unix.SYS_FALLOCATE: {"allocate", byFD},
	unix.SYS_FSYNC: {"sync", byFD}, unix.SYS_FDATASYNC: {"sync", byFD},
	unix.SYS_RENAME: {"rename", byNames}, unix.SYS_RENAMEAT: {"rename", byAts}, unix.SYS_RENAMEAT2: {"rename", byAts},
	unix.SYS_UNLINK: {"remove", byName}, unix.SYS_UNLINKAT: {"remove", byAt}, unix.SYS_RMDIR: {"remove", byName},
	unix.SYS_MKDIR: {"mkdir", byName}, unix.SYS_MKDIRAT: {"mkdir", byAt},
	unix.SYS_LINK: {"link", byNames}, unix.SYS_LINKAT: {"link", byAts},
	unix.SYS_FCHMOD: {"chmod", byFD}, unix.SYS_CHMOD: {"chmod", byName}, unix.SYS_FCHMODAT: {"chmod", byAt},
	unix.SYS_FLOCK: {"lock", byFD}, unix.SYS_CLOSE: {"close", byFD},
}

// syscallInfo is struct ptrace_syscall_info of the kernel.
type syscallInfo struct {
	Op   uint8
	_    [3]uint8
	Arch uint32
	_    [2]uint64 // instruction and stack pointer
	Data [7]uint64 // entry: number and arguments; exit: result, and whether it is an error
}

const ptraceGetSyscallInfo = 0x420e

const (
	opEntry = 1
	opExit  = 2
)

// call looks at a thread that enters or leaves a system call.
func (t *tracer) call(thread int) error {
	var info syscallInfo
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, ptraceGetSyscallInfo, uintptr(thread),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return errno
	}
	switch info.Op {
	case opEntry:
		return t.enter(thread, info.Data[0], info.Data[1:])
	case opExit:
		return t.leave(thread, int64(info.Data[0]))
	}
	return nil
}

func (t *tracer) enter(thread int, number uint64, args []uint64) error {
	kind, known := calls[number]
	if !known {
		return nil
	}
	c := Call{Name: kind.name}
	switch kind.by {
	case byFD:
		c.Path = t.fd(thread, args[0])
	case byFDs:
		c.Path = t.fd(thread, args[2])
	case byName:
		c.Path = t.at(thread, atCWD, args[0])
	case byAt:
		c.Path = t.at(thread, args[0], args[1])
		c.New = number == unix.SYS_OPENAT && args[2]&unix.O_CREAT != 0
	case byNames:
		c.Path, c.To = t.at(thread, atCWD, args[0]), t.at(thread, atCWD, args[1])
	case byAts:
		c.Path, c.To = t.at(thread, args[0], args[1]), t.at(thread, args[2], args[3])
	}
	if c.Path == "" {
		return nil
	}
	t.entered++
	t.made[thread] = c
	switch v := t.judge(t.entered, c); {
	case v.Kill:
		process, err := processOf(thread)
		if err != nil {
			return err
		}
		return unix.Kill(process, unix.SIGKILL)
	case v.Errno != 0:
		t.failing[thread] = v.Errno
		var regs unix.PtraceRegs
		if err := unix.PtraceGetRegs(thread, &regs); err != nil {
			return err
		}
		regs.Orig_rax = ^uint64(0) // a call that does not exist
		return unix.PtraceSetRegs(thread, &regs)
	}
	return nil
}

func (t *tracer) leave(thread int, result int64) error {
	c, known := t.made[thread]
	if !known {
		return nil
	}
	delete(t.made, thread)
	if e, failing := t.failing[thread]; failing {
		delete(t.failing, thread)
		var regs unix.PtraceRegs
		if err := unix.PtraceGetRegs(thread, &regs); err != nil {
			return err
		}
		regs.Rax = uint64(-int64(e))
		return unix.PtraceSetRegs(thread, &regs)
	}
	if result >= 0 {
		c.Size = result
		t.end.Calls = append(t.end.Calls, c)
	}
	return nil
}

var atCWD = uint64(0xffffff9c) // AT_FDCWD, -100 as 32 bits

// fd is the place below the root of an open file, or "".
func (t *tracer) fd(thread int, number uint64) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", thread, int32(number)))
	if err != nil {
		return ""
	}
	if path == t.stdout {
		return "stdout"
	}
	return t.below(path)
}

// at is the place below the root that a path stands for, or "".
func (t *tracer) at(thread int, dir, address uint64) string {
	path := cString(thread, uintptr(address))
	if path == "" {
		return ""
	}
	if !filepath.IsAbs(path) {
		from := fmt.Sprintf("/proc/%d/cwd", thread)
		if uint32(dir) != uint32(atCWD) {
			from = fmt.Sprintf("/proc/%d/fd/%d", thread, int32(dir))
		}
		base, err := os.Readlink(from)
		if err != nil {
			return ""
		}
		path = filepath.Join(base, path)
	}
	return t.below(path)
}

func (t *tracer) below(path string) string {
	rel, err := filepath.Rel(t.root, path)
	if err != nil || !filepath.IsLocal(rel) || strings.HasSuffix(rel, " (deleted)") {
		return ""
	}
	return rel
}

// cString reads a text out of the memory of a thread.
func cString(thread int, address uintptr) string {
	var text [unix.PathMax]byte
	n, _ := unix.PtracePeekData(thread, address, text[:]) // up to the end of its page at least
	end := bytes.IndexByte(text[:n], 0)
	if end < 0 {
		return ""
	}
	return string(text[:end])
}

// processOf is the process that a thread belongs to.
func processOf(thread int) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "\nTgid:\t")
	id, _, _ := strings.Cut(rest, "\n")
	if !found {
		return 0, fmt.Errorf("crash: no process of thread %d", thread)
	}
	return strconv.Atoi(id)
}
