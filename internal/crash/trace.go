package crash

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// An Op is one thing a program did to the files below a root, or its word to
// its caller that it is done.
type Op struct {
	Kind string // mkdir, create, write, sync, rename, remove, say
	Path string // below the root, "." is the root
	To   string // of a rename
	Size int64  // of a write
}

func (o Op) String() string { return strings.TrimSpace(o.Kind + " " + o.Path + " " + o.To) }

// Trace runs the program undisturbed and returns what it did below root, in
// order, with a say where it wrote to its standard output. A call that changes
// files in a way unknown here is an error.
func (p Program) Trace(ctx context.Context, root string) ([]Op, Ending, error) {
	dir, err := os.MkdirTemp("", "crash-*")
	if err != nil {
		return nil, Ending{}, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "log")
	end, err := p.strace(ctx, func() (string, error) {
		log, err := os.ReadFile(file)
		return string(log), err
	}, "-y", "-s", "0", "-o", file, "-e", "trace="+strings.Join(calls, ","))
	if err != nil {
		return nil, end, err
	}
	t := tracer{root: root, open: map[string]string{}}
	for _, line := range strings.Split(end.Log, "\n") {
		if err := t.line(line); err != nil {
			return nil, end, err
		}
	}
	return t.ops, end, nil
}

// tracer reads the lines of strace. Calls of several threads may be torn in
// two; they count when they end.
type tracer struct {
	root string
	open map[string]string // first halves, by thread
	ops  []Op
}

var (
	linePattern    = regexp.MustCompile(`^(\d+) +(.*)$`)
	resumedPattern = regexp.MustCompile(`^<\.\.\. \w+ resumed>(.*)$`)
	callPattern    = regexp.MustCompile(`^(\w+)\((.*)\) += (-?\d+)(.*)$`)
	fdPattern      = regexp.MustCompile(`^(AT_FDCWD|\d+)<(.*?)>(\(deleted\))?$`)
)

func (t *tracer) line(line string) error {
	m := linePattern.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	thread, text := m[1], m[2]
	if half, unfinished := strings.CutSuffix(text, "<unfinished ...>"); unfinished {
		t.open[thread] = half
		return nil
	}
	if m := resumedPattern.FindStringSubmatch(text); m != nil {
		text = t.open[thread] + m[1]
	}
	m = callPattern.FindStringSubmatch(text)
	if m == nil || strings.HasPrefix(m[3], "-") {
		return nil // it failed, or its thread ended
	}
	result, err := strconv.ParseInt(m[3], 10, 64)
	if err != nil {
		return err
	}
	return t.call(m[1], arguments(m[2]), result)
}

func (t *tracer) call(name string, args []string, result int64) error {
	switch name {
	case "close", "flock", "fchmod", "fchmodat":
		return nil
	case "write", "pwrite64":
		if strings.HasPrefix(args[0], "1<") {
			t.ops = append(t.ops, Op{Kind: "say"})
			return nil
		}
		t.add(Op{Kind: "write", Path: t.fd(args[0]), Size: result})
	case "fsync", "fdatasync":
		t.add(Op{Kind: "sync", Path: t.fd(args[0])})
	case "openat":
		if strings.Contains(args[2], "O_CREAT") {
			t.add(Op{Kind: "create", Path: t.at(args[0], args[1])})
		}
	case "mkdirat":
		t.add(Op{Kind: "mkdir", Path: t.at(args[0], args[1])})
	case "mkdir":
		t.add(Op{Kind: "mkdir", Path: t.at("", args[0])})
	case "unlinkat":
		t.add(Op{Kind: "remove", Path: t.at(args[0], args[1])})
	case "unlink", "rmdir":
		t.add(Op{Kind: "remove", Path: t.at("", args[0])})
	case "renameat", "renameat2":
		t.add(Op{Kind: "rename", Path: t.at(args[0], args[1]), To: t.at(args[2], args[3])})
	case "rename":
		t.add(Op{Kind: "rename", Path: t.at("", args[0]), To: t.at("", args[1])})
	default:
		for i := range args {
			if t.fd(args[i]) != "" || t.at("", args[i]) != "" {
				return fmt.Errorf("crash: no model of %s(%s)", name, strings.Join(args, ", "))
			}
		}
	}
	return nil
}

// add notes an operation if it is below the root.
func (t *tracer) add(o Op) {
	if o.Path != "" {
		t.ops = append(t.ops, o)
	}
}

// fd is the place below the root of an open file, or "".
func (t *tracer) fd(arg string) string {
	if m := fdPattern.FindStringSubmatch(arg); m != nil && m[3] == "" {
		return t.below(unescape(m[2]))
	}
	return ""
}

// at is the place below the root that a name stands for, or "".
func (t *tracer) at(dir, name string) string {
	name = unescape(strings.Trim(name, `"`))
	if !filepath.IsAbs(name) {
		m := fdPattern.FindStringSubmatch(dir)
		if m == nil {
			return ""
		}
		name = filepath.Join(unescape(m[2]), name)
	}
	return t.below(name)
}

func (t *tracer) below(path string) string {
	rel, err := filepath.Rel(t.root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
		return ""
	}
	return rel
}

// arguments splits what stands between the brackets of a call.
func arguments(text string) []string {
	var args []string
	quoted, depth, from := false, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<' || c == '{' || c == '[':
			depth++
		case c == '>' || c == '}' || c == ']':
			depth--
		case c == ',' && depth == 0:
			args = append(args, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return append(args, strings.TrimSpace(text[from:]))
}

var octal = regexp.MustCompile(`\\[0-7]{1,3}`)

// unescape undoes strace's octal escapes of a path.
func unescape(path string) string {
	return octal.ReplaceAllStringFunc(path, func(e string) string {
		n, _ := strconv.ParseUint(e[1:], 8, 8)
		return string([]byte{byte(n)})
	})
}
