package shell

import (
	"bufio"
	"io"
)

// FromReader gives the lines of a file or a pipe, without prompts.
func FromReader(r io.Reader) Lines {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	return reader{lines}
}

type reader struct{ *bufio.Scanner }

func (r reader) Line(string) (string, error) {
	if r.Scan() {
		return r.Text(), nil
	}
	if err := r.Err(); err != nil {
		return "", err
	}
	return "", io.EOF
}
