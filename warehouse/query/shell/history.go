package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"rongxin/internal/credit"
)

// remembered is how many lines of a history are read again.
const remembered = 1000

// A History is what was asked before, in a file that its owner alone can read.
// Each line is added as it is entered, so that nothing is lost with a terminal
// and two shells do not forget each other's.
type History struct {
	file  *os.File
	lines []string
}

// OpenHistory opens or makes the file. When it has grown to twice what is
// remembered, the older half is dropped.
func OpenHistory(path string) (*History, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	h := &History{file: f}
	if err := h.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("history %s: %w", path, err), f.Close())
	}
	return h, nil
}

func (h *History) read() error {
	info, err := h.file.Stat()
	if err != nil || !info.Mode().IsRegular() { // /dev/null remembers nothing
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := h.file.Chmod(0o600); err != nil {
			return err
		}
	}
	data, err := io.ReadAll(h.file)
	if err != nil {
		return err
	}
	h.lines = strings.FieldsFunc(strings.ToValidUTF8(string(data), "�"), func(r rune) bool { return r == '\n' })
	if len(h.lines) < 2*remembered {
		return nil
	}
	h.lines = h.lines[len(h.lines)-remembered:]
	if err := h.file.Truncate(0); err != nil {
		return err
	}
	_, err = io.WriteString(h.file, strings.Join(h.lines, "\n")+"\n")
	return err
}

// Add writes one line. What holds a person's number is not written, nor what
// cannot stand on a line.
func (h *History) Add(line string) error {
	if strings.ContainsRune(line, '\n') || credit.MaskPersonal(line) != line {
		return nil
	}
	_, err := io.WriteString(h.file, line+"\n")
	return err
}

// Close closes the file.
func (h *History) Close() error { return h.file.Close() }
