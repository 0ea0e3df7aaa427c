package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/credit"
	"rongxin/internal/gb18030"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// decoding compares two decoders of GB18030 on the text of a file: P3.
var decoding = contest{
	name: "decoding", title: "GB18030 text of penalties to UTF-8 in memory",
	prepare:    preparePenalties,
	contenders: []contender{{name: "decoders", title: "both decoders by turns", run: compareDecoders}},
	goals:      []goal{{id: "P3", title: "decoder, speed against x/text", gate: 3, aim: 4, figures: said("decoders")}},
}

func compareDecoders(_ context.Context, j job) (string, error) {
	text, err := os.ReadFile(j.path("gb18030.csv"))
	if err != nil {
		return "", err
	}
	text = text[:bytes.LastIndexByte(text[:min(len(text), 16<<20)], '\n')+1]
	library := simplifiedchinese.GB18030.NewDecoder()
	out := make([]byte, 2*len(text)+8)
	return ratioOf(5, func() error {
		library.Reset()
		_, _, err := library.Transform(out, text, true)
		return err
	}, func() error {
		if _, bad := gb18030.Append(out[:0], text); bad >= 0 {
			return fmt.Errorf("byte %d does not decode", bad)
		}
		return nil
	})
}

// codeCheck compares the check of unified social credit codes in Go, both check
// signs, with the fastest SQL that checks the last one: P7.
var codeCheck = contest{
	name: "code-check", title: "unified social credit codes, one thread",
	prepare:    func(context.Context, job) error { return nil },
	contenders: []contender{{name: "checks", title: "SQL macro and Go by turns", run: compareChecks}},
	goals:      []goal{{id: "P7", title: "full check in Go, speed against a SQL macro for one sign", gate: 20, aim: 40, figures: said("checks")}},
}

// The check of sign 18 as SQL, in the quickest of the forms that were tried: the
// value of a sign from a constant list, by its ASCII code.
func checkSQL() (macro, query string) {
	const signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	values := make([]string, 128)
	for c := range values {
		values[c] = strconv.Itoa(max(strings.IndexByte(signs, byte(c)), 0))
	}
	sum := []string{"value(code, 18)"}
	for place, weight := 1, 1; place < 18; place, weight = place+1, weight*3%31 {
		sum = append(sum, fmt.Sprintf("%d * value(code, %d)", weight, place))
	}
	macro = fmt.Sprintf("create macro value(code, place) as ([%s])[ascii(substr(code, place, 1)) + 1]", strings.Join(values, ", "))
	return macro, fmt.Sprintf("select count(*) from bench.codes where (%s) %% 31 = 0", strings.Join(sum, " + "))
}

func compareChecks(ctx context.Context, j job) (string, error) {
	db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: j.out})
	if err != nil {
		return "", err
	}
	defer db.Close()
	codes := make([]string, j.rows)
	rows := make([][]any, j.rows)
	for i := range codes {
		codes[i] = code("91350100", uint64(i))
		rows[i] = []any{codes[i]}
	}
	if err := db.Load(ctx, "bench.codes", []landing.Column{{Name: "code", Type: "VARCHAR"}}, rows); err != nil {
		return "", err
	}
	macro, query := checkSQL()
	if err := db.Exec(ctx, macro); err != nil {
		return "", err
	}
	return ratioOf(5, func() error {
		var n int
		if err := db.QueryRow(ctx, query).Scan(&n); err != nil {
			return err
		}
		if n != len(codes) {
			return fmt.Errorf("SQL found %d good codes of %d", n, len(codes))
		}
		return nil
	}, func() error {
		for _, c := range codes {
			if credit.ClassifyCode(c) != credit.CodeValid {
				return fmt.Errorf("%s is not valid", c)
			}
		}
		return nil
	})
}

// ratioOf runs two pieces of work by turns and says the median of the ratios of
// their processor times: above 1 when the second is the faster.
func ratioOf(rounds int, slow, fast func() error) (string, error) {
	var list []float64
	for range rounds {
		start := cpuSeconds()
		err := slow()
		middle := cpuSeconds()
		if err := errors.Join(err, fast()); err != nil {
			return "", err
		}
		list = append(list, (middle-start)/(cpuSeconds()-middle))
	}
	return strconv.FormatFloat(median(list), 'g', 6, 64), nil
}

// cpuSeconds is the processor time of this process so far.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it never fails for oneself
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
