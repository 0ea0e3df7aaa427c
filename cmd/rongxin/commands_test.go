package main

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// scriptCommands are the commands of scripts besides those of testscript.
//
//	exits CODE PROGRAM ARG…         run a program that must end with this exit code
//	json [PATH=VALUE | PATH>NAME]…  the last line of stdout is one JSON object: compare or keep values in it
//	keep NAME                       keep the last line of stdout in a variable
//	city                            put a landed city with a published run into $RONGXIN_HOME
//	postgres FILE                   write the data source name of an empty schema into a file
//	mysql FILE                      and of an empty database of MySQL
//	execute FILE DSNFILE            run the statements of a file in the database of a data source name
//	events                          hold the events of lineage against the standard and print a line of each
//	journal                         check the audit chain and print it, one entry a line
//	address FILE NAME               wait for a server's --address-file and keep the address
//	get STATUS URL                  print what a server answers
//	hold FILE                       lock a file until the script ends
//	gb18030 FILE…                   turn UTF-8 files into GB18030
//	workbook FILE SHEET CSV         make a workbook of one sheet
//	pack ARCHIVE FILE…              pack files as ZIP, or one as GZIP, by the name of the archive
//	replace FILE OLD NEW            replace a text that stands once in a file
//	rules DIR                       a copy of the built-in rules
//	duckdb FILE SQL                 open a DuckDB file, or a new session after a script, for reading and print rows
//	tamper DIR SQL                  change what a sandbox holds behind its back
//
// and the program rongxin-on DATE ARG…, which is rongxin on another day.
func scriptCommands(city string) map[string]scriptCommand {
	simple := func(arguments int, do func(ts *testscript.TestScript, args []string) error) scriptCommand {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || arguments >= 0 && len(args) != arguments {
				ts.Fatalf("takes %d arguments and no !", arguments)
			}
			ts.Check(do(ts, args))
		}
	}
	return map[string]scriptCommand{
		"exits": simple(-1, exits),
		"json":  simple(-1, checkJSON),
		"keep":  simple(1, func(ts *testscript.TestScript, args []string) error { ts.Setenv(args[0], lastLine(ts)); return nil }),
		"city": simple(0, func(ts *testscript.TestScript, _ []string) error {
			return os.CopyFS(ts.Getenv("RONGXIN_HOME"), os.DirFS(city))
		}),
		"postgres": simple(1, postgresSchema), "mysql": simple(1, mysqlSchema), "execute": simple(2, execute),
		"journal": simple(0, journal), "address": simple(2, address), "get": simple(2, get), "hold": simple(1, hold),
		"gb18030": simple(-1, gb18030), "pack": simple(-1, pack), "workbook": simple(3, makeWorkbook), "replace": simple(3, replace),
		"tamper": simple(2, tamper), "duckdb": simple(2, readDuckDB), "events": simple(0, events),
		"rules": simple(1, func(ts *testscript.TestScript, args []string) error {
			return os.CopyFS(ts.MkAbs(args[0]), os.DirFS(ts.Getenv("RULES")))
		}),
	}
}

func exits(ts *testscript.TestScript, args []string) error {
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got, err = exit.ExitCode(), nil
	}
	if err == nil && got != want {
		err = fmt.Errorf("exit %d, want %d", got, want)
	}
	return err
}

func lastLine(ts *testscript.TestScript) string {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	return lines[len(lines)-1]
}

func checkJSON(ts *testscript.TestScript, args []string) error {
	object := map[string]any{}
	dec := json.NewDecoder(strings.NewReader(lastLine(ts)))
	dec.UseNumber()
	if err := dec.Decode(&object); err != nil {
		return fmt.Errorf("the last line of stdout is no JSON object: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the last line of stdout holds more than one JSON object")
	}
	for _, arg := range args {
		end := strings.IndexAny(arg, "=>")
		if end < 0 {
			return fmt.Errorf("%s: want PATH=VALUE or PATH>NAME", arg)
		}
		got, err := lookUp(object, arg[:end])
		if err != nil {
			return err
		}
		if name := arg[end+1:]; arg[end] == '>' {
			ts.Setenv(name, got)
		} else if got != name {
			return fmt.Errorf("%s is %s, want %s", arg[:end], got, name)
		}
	}
	return nil
}

// lookup follows a path such as extracts.0.rows.read; len is a list's length.
func lookUp(v any, path string) (string, error) {
	for _, step := range strings.Split(path, ".") {
		var next any
		ok := false
		switch parent := v.(type) {
		case map[string]any:
			next, ok = parent[step]
		case []any:
			if i, err := strconv.Atoi(step); err == nil && i < len(parent) {
				next, ok = parent[i], true
			} else if step == "len" {
				next, ok = len(parent), true
			}
		}
		if !ok {
			return "", fmt.Errorf("%s: no %s", path, step)
		}
		v = next
	}
	if text, ok := v.(string); ok {
		return text, nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

func tamper(ts *testscript.TestScript, args []string) error {
	db, err := sql.Open("sqlite", ts.MkAbs(filepath.Join(args[0], "platform.db")))
	if err != nil {
		return err
	}
	result, err := db.Exec(args[1])
	if err == nil {
		var changed int64
		if changed, err = result.RowsAffected(); changed != 1 {
			err = errors.Join(err, fmt.Errorf("%s: changed %d rows, want 1", args[1], changed))
		}
	}
	return errors.Join(err, db.Close())
}

func journal(ts *testscript.TestScript, _ []string) error {
	ctx := context.Background()
	c := Config{Home: ts.Getenv("RONGXIN_HOME"), OpsDSNFile: ts.Getenv("RONGXIN_OPS_DSN_FILE")}
	place, err := c.opsPlace()
	if err != nil {
		return err
	}
	s, err := ops.Open(ctx, place)
	if err != nil {
		return err
	}
	defer s.Close()
	for r, err := range s.Entries(ctx, ops.EntryFilter{}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(ts.Stdout(), "%s by=%s subject=%s run=%s purpose=%s %s\n", r.Action, r.Actor, r.Subject, r.Run, r.Purpose, r.Detail)
	}
	return s.VerifyJournal(ctx)
}

// readDuckDB prints rows as any other program that reads DuckDB's files gets them.
func readDuckDB(ts *testscript.TestScript, args []string) error {
	source, script := ts.MkAbs(args[0])+"?access_mode=read_only", "select 1"
	if strings.HasSuffix(args[0], ".sql") {
		source, script = "", ts.ReadFile(args[0])
	}
	db, err := sql.Open("duckdb", source)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(script); err != nil {
		return err
	}
	rows, err := db.Query(args[1])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		fmt.Fprintln(ts.Stdout(), line)
	}
	return rows.Err()
}

func postgresSchema(ts *testscript.TestScript, args []string) error {
	place, drop, err := opstest.Schema()
	if err != nil {
		return err
	}
	ts.Defer(func() { ts.Check(drop()) })
	return os.WriteFile(ts.MkAbs(args[0]), []byte(place+"\n"), 0o600)
}

func address(ts *testscript.TestScript, args []string) error {
	for range 500 {
		if data, err := os.ReadFile(ts.MkAbs(args[0])); err == nil {
			ts.Setenv(args[1], strings.TrimSpace(string(data)))
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("waited in vain for %s", args[0])
}

func get(ts *testscript.TestScript, args []string) error {
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Get(args[1])
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if got := strconv.Itoa(answer.StatusCode); got != args[0] {
		err = fmt.Errorf("%s answers %s, want %s", args[1], got, args[0])
	}
	_, copyErr := io.Copy(ts.Stdout(), answer.Body)
	return errors.Join(err, copyErr)
}

func hold(ts *testscript.TestScript, args []string) error {
	lock := flock.New(ts.MkAbs(args[0]))
	ts.Defer(func() { ts.Check(lock.Unlock()) })
	return lock.Lock()
}

func gb18030(ts *testscript.TestScript, args []string) error {
	for _, file := range args {
		text, err := simplifiedchinese.GB18030.NewEncoder().String(ts.ReadFile(file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(ts.MkAbs(file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func pack(ts *testscript.TestScript, args []string) error {
	out, err := os.Create(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	defer out.Close()
	if strings.HasSuffix(args[0], ".gz") {
		w := gzip.NewWriter(out)
		_, err := io.WriteString(w, ts.ReadFile(args[1]))
		return errors.Join(err, w.Close())
	}
	archive := zip.NewWriter(out)
	for _, file := range args[1:] {
		w, err := archive.Create(file)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, ts.ReadFile(file)); err != nil {
			return err
		}
	}
	return archive.Close()
}

func makeWorkbook(ts *testscript.TestScript, args []string) error {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", args[1]); err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimSpace(ts.ReadFile(args[2])), "\n") {
		row := strings.Split(line, ",")
		if err := book.SetSheetRow(args[1], "A"+strconv.Itoa(i+1), &row); err != nil {
			return err
		}
	}
	return book.SaveAs(ts.MkAbs(args[0]))
}

func replace(ts *testscript.TestScript, args []string) error {
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		return fmt.Errorf("%q stands %d times in %s", args[1], n, args[0])
	}
	return os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o644)
}
