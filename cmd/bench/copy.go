package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/engine"
)

// copies is the yardstick: DuckDB reads typed columns and checks nothing.
func copies(dataset, file string) contender {
	return contender{name: "copy", title: "DuckDB COPY, no checks, UTF-8", run: func(ctx context.Context, j job) (string, error) {
		return "", copyTyped(ctx, j, dataset, j.path(file), "")
	}}
}

// keeps is copies with what landing does beside its checks: the extract kept and
// named by its digest, an id for each record, durable files, and the digest of
// what was written. The goals were set in trials that did none of these.
func keeps(dataset, file string) contender {
	return contender{name: "copy-kept", title: "the same, extract kept, ids, digests, durable", run: func(ctx context.Context, j job) (string, error) {
		c, err := theContract(dataset, "auto")
		if err != nil {
			return "", err
		}
		extract := filepath.Join(j.out, "extract.csv")
		var kept errgroup.Group // the digest beside the copy, as landing takes it
		kept.Go(func() error { return digest(j.path(file)) })
		kept.Go(func() error { return rewrite(j.path(file), extract, asItIs) })
		if err := kept.Wait(); err != nil {
			return "", err
		}
		key := engine.Quote(dataset)
		for _, field := range c.Key {
			key += " || chr(0) || coalesce(cast(" + engine.Ident(field) + " as varchar), '')"
		}
		if err := copyTyped(ctx, j, dataset, extract, ", substr(sha256("+key+"), 1, 24) as record_id"); err != nil {
			return "", err
		}
		return "", errors.Join(flush(extract), flush(copied(j)), digest(copied(j)))
	}}
}

func copied(j job) string { return filepath.Join(j.out, "copy.parquet") }

func copyTyped(ctx context.Context, j job, dataset, file, more string) error {
	c, err := theContract(dataset, "auto")
	if err != nil {
		return err
	}
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: j.out})
	if err != nil {
		return err
	}
	defer db.Close()
	columns := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		kind := f.SQLType()
		if f.Type == contract.Money {
			kind = "DECIMAL(18,6)" // as written, in 万元
		}
		columns[i] = engine.Quote(f.Name) + ": " + engine.Quote(kind)
	}
	return db.Exec(ctx, fmt.Sprintf(`set preserve_insertion_order = false;
		copy (select *%s from read_csv(%s, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
			columns = {%s})) to %s (format parquet, compression zstd)`,
		more, engine.Quote(file), strings.Join(columns, ", "), engine.Quote(copied(j))))
}

func digest(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(sha256.New(), file)
	return err
}

// rewrite writes what change makes of a file to another.
func rewrite(from, to string, change func(io.Reader) io.Reader) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(struct{ io.Writer }{out}, change(in))
	return errors.Join(err, out.Close())
}

// asItIs hides what a file system could share: the bytes are read.
func asItIs(r io.Reader) io.Reader { return struct{ io.Reader }{r} }

func flush(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
