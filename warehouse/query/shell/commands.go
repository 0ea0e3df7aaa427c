package shell

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/warehouse/query"
)

// A command of the shell: how it is written, and what it does.
type command struct{ name, usage, does string }

// commands are all of them, in the order in which help shows them.
func commands() []command {
	return []command{
		{`\d`, `\d [NAME]`, "lists the tables, all or those with NAME in theirs; of one: its columns and what it holds"},
		{`\l`, `\l`, "lists the runs"},
		{`\c`, `\c RUN|DATE`, "goes on with another run, or the one that spoke for a day"},
		{`\format`, `\format [FORM]`, "how answers are shown: " + strings.Join(query.Formats(), ", ")},
		{`\o`, `\o [FILE]`, "the next answer goes to a file, in the form its name ends with; without FILE: to the screen after all"},
		{`\timing`, `\timing`, "tells how long answers take, or no longer"},
		{`\?`, `\?`, "this page"},
		{`\q`, `\q`, "leaves, as does Ctrl-D"},
	}
}

// Command does what a line that begins with \ says.
func (s *Shell) Command(ctx context.Context, line string) error {
	name, argument, _ := strings.Cut(line, " ")
	argument = strings.TrimSpace(argument)
	switch name {
	case `\d`:
		return s.describe(argument)
	case `\l`:
		return s.Runs(s.Out)
	case `\c`:
		return s.change(ctx, argument)
	case `\format`:
		return s.setFormat(argument)
	case `\o`:
		return s.setFile(argument)
	case `\timing`:
		s.timing = !s.timing
		fmt.Fprintf(s.Err, "timing is %s\n", map[bool]string{true: "on", false: "off"}[s.timing])
	case `\?`:
		fmt.Fprintln(s.Out, "A statement ends with ; and may go over several lines. Ctrl-C ends it without ending the shell.")
		for _, c := range commands() {
			fmt.Fprintf(s.Out, "  %-16s %s\n", c.usage, c.does)
		}
	default:
		return fmt.Errorf(`no command %s; \? lists them`, name)
	}
	return nil
}

// describe lists tables, all or those whose names have a text in them, or shows
// one.
func (s *Shell) describe(name string) error {
	name = strings.ToLower(strings.TrimSuffix(name, ";"))
	entry, description, err := s.Describe(name)
	if err == nil {
		for _, c := range entry.Columns {
			fmt.Fprintf(s.Out, "%-30s %s\n", c.Name, c.Type)
		}
		fmt.Fprintln(s.Out, strings.TrimSpace(fmt.Sprintf("(%d rows) %s", entry.Rows, description)))
		return nil
	}
	_, short, _ := strings.Cut(name, ".")
	for _, part := range []string{name, short} { // the schema is easily mistaken
		for _, t := range s.Run.Manifest.Tables {
			if strings.Contains(t.Name, part) {
				fmt.Fprintf(s.Out, "%-40s %9d rows\n", t.Name, t.Rows)
				err = nil
			}
		}
		if err == nil || short == "" {
			break
		}
	}
	return err
}

func (s *Shell) change(ctx context.Context, name string) error {
	if name == "" {
		return errors.New(`\c RUN or \c DATE; \l lists the runs`)
	}
	other, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	err = s.Session.Close()
	s.Session = other
	fmt.Fprintln(s.Err, s.Greeting())
	return err
}

// Greeting says which run is read.
func (s *Shell) Greeting() string {
	return fmt.Sprintf("run %s, as of %s, %d tables", s.Run.ID, s.Run.Manifest.AsOf, len(s.Run.Manifest.Tables))
}

func (s *Shell) setFormat(name string) error {
	switch {
	case name == "":
		fmt.Fprintln(s.Err, s.Format)
	case !query.IsFormat(name):
		return fmt.Errorf(`\format is %s, not %q`, strings.Join(query.Formats(), ", "), name)
	case IsBinary(name) && !s.Stop:
		return fmt.Errorf(`%s is no form for a screen: \o FILE.%s, then the statement`, name, name)
	default:
		s.Format = name
	}
	return nil
}

func (s *Shell) setFile(path string) error {
	if path != "" && IsBinary(s.Format) && FormatOf(path, "") == "" {
		return fmt.Errorf("%s: name the file .%s", path, s.Format)
	}
	s.file = path
	return nil
}

// IsBinary reports whether a form is for files alone.
func IsBinary(format string) bool { return format == query.Parquet || format == query.XLSX }

// FormatOf is the form that the end of a file's name tells, or else other.
func FormatOf(path, other string) string {
	if end := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), "."); slices.Contains(query.Formats(), end) {
		return end
	}
	return other
}

// Send has the next answer go to a file.
func (s *Shell) Send(path string) error { return s.setFile(path) }
