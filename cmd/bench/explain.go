package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	explainQuestions = 1000 // to a server
	explainCold      = 20   // by a process each
)

// explaining asks why enterprises of a published city of so many rows stand where
// they stand: a server over HTTP, the register of queries included, and the
// command, a process for each question. It builds the program with go build.
var explaining = contest{
	name: "explain", title: "explanations from the published city of so many enterprises, beside the run before",
	prepare: func(ctx context.Context, j job) error {
		build := exec.CommandContext(ctx, "go", "build", "-o", j.path("rongxin"), "rongxin/cmd/rongxin")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return err
		}
		for _, args := range [][]string{
			{"city", "--enterprises", fmt.Sprint(j.rows), "--seed", "1", "--as-of", "2026-06-30", "--out", j.path("city")},
			{"land", "--inbox", j.path("city/inbox")},
			{"run", "--as-of", "2026-06-30", "--memory", largeMemory},
			{"run", "--as-of", "2026-07-31", "--memory", largeMemory},
		} {
			if _, err := j.rongxin(ctx, args...); err != nil {
				return err
			}
		}
		codes, err := j.rongxin(ctx, "sql", "--format", "csv", fmt.Sprintf(
			"select subject_id from intermediate.subjects using sample reservoir(%d rows) repeatable (7)", explainQuestions))
		if err != nil {
			return err
		}
		return os.WriteFile(j.path("codes"), codes, 0o644)
	},
	contenders: []contender{
		{name: "warm", title: "rongxin serve, a question after the other", run: askServer},
		{name: "cold", title: "rongxin explain, a process each", run: askCommand},
	},
	goals: []goal{
		{id: "P1", title: "the server", gate: 50, aim: 25, unit: " ms", atMost: true, figures: share("warm", "p95")},
		{id: "P1", title: "the server, told", unit: " ms", figures: share("warm", "p50", "p99", "CPU")},
		{id: "P1", title: "the command, told", unit: " ms", figures: share("cold", "p50", "p95")},
		{id: "P1", title: "peak memory", gate: 1024, aim: 512, unit: " MiB", atMost: true, figures: peak("warm")},
	},
}

func (j job) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, j.path("rongxin"), args...)
	cmd.Env = append(os.Environ(), "RONGXIN_HOME="+j.path("home"), "RONGXIN_LOG_LEVEL=error")
	return cmd
}

func (j job) rongxin(ctx context.Context, args ...string) ([]byte, error) {
	var errs bytes.Buffer
	cmd := j.command(ctx, args...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("rongxin %s: %w: %s", args[0], err, errs.String())
	}
	return out, err
}

// codes are those of the questions, in an order that jumps over the tables.
func (j job) codes() ([]string, error) {
	data, err := os.ReadFile(j.path("codes"))
	list := strings.Fields(string(data))
	if err == nil && len(list) < 2 {
		err = fmt.Errorf("%d questions", len(list))
	}
	if err != nil {
		return nil, err
	}
	list = list[1:] // the header
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list, nil
}

func askServer(ctx context.Context, j job) (said string, err error) {
	codes, err := j.codes()
	if err != nil {
		return "", err
	}
	serving := j.command(ctx, "serve", "--listen", "127.0.0.1:0", "--address-file", j.out+"/url")
	if err := serving.Start(); err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, serving.Process.Signal(os.Interrupt), serving.Wait()); err == nil {
			used := serving.ProcessState.UserTime() + serving.ProcessState.SystemTime()
			said += fmt.Sprintf(" %.1f", used.Seconds()*1000/float64(len(codes)))
		}
	}()
	var base []byte
	for len(base) == 0 {
		time.Sleep(20 * time.Millisecond)
		base, _ = os.ReadFile(j.out + "/url")
	}
	times := make([]float64, len(codes))
	for i, code := range codes {
		start := time.Now()
		answer, err := http.Get(strings.TrimSpace(string(base)) + "/explain/" + url.PathEscape(code) + "?purpose=bench")
		if err != nil {
			return "", err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			return "", fmt.Errorf("%s: %s, %w", code, answer.Status, err)
		}
		times[i] = milliseconds(start)
	}
	return quantiles(times), nil
}

func askCommand(ctx context.Context, j job) (string, error) {
	codes, err := j.codes()
	if err != nil {
		return "", err
	}
	times := make([]float64, min(explainCold, len(codes)))
	for i := range times {
		start := time.Now()
		if _, err := j.rongxin(ctx, "explain", codes[i], "--purpose", "bench"); err != nil {
			return "", err
		}
		times[i] = milliseconds(start)
	}
	return quantiles(times), nil
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

func quantiles(times []float64) string {
	slices.Sort(times)
	at := func(percent int) float64 { return times[(len(times)-1)*percent/100] }
	return fmt.Sprintf("%.1f %.1f %.1f", at(50), at(95), at(99))
}

// share are medians over the rounds of what a contender says: quantiles, and for
// the server processor time a question.
func share(contender string, names ...string) func(results) []figure {
	return func(r results) []figure {
		var list []figure
		for _, name := range names {
			var values []float64
			for _, s := range r[contender] {
				said := strings.Fields(s.said)
				value, err := strconv.ParseFloat(said[slices.Index([]string{"p50", "p95", "p99", "CPU"}, name)], 64)
				if err != nil {
					panic(fmt.Sprintf("%s said %q", contender, s.said))
				}
				values = append(values, value)
			}
			list = append(list, figure{name, median(values)})
		}
		return list
	}
}
