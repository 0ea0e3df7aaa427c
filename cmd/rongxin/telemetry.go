package main

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"rongxin/internal/metrics"
)

// metricsPatience is how long a call that is done waits to tell so.
const metricsPatience = 5 * time.Second

// measured writes what a call has to tell into the metrics of the home, whatever
// came of it. That it cannot is a warning: the work is done, and its exit code
// stands. A home that is not there is not made for this.
func (a *app) measured(ctx context.Context, cmd *cobra.Command, began time.Time, code int) {
	if info, err := os.Stat(a.cfg.Home); !a.begun || cmd.Hidden || err != nil || !info.IsDir() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), metricsPatience)
	defer cancel()
	verb, now := verbOf(cmd), a.now()
	a.told.Set(metrics.LastRun, seconds(now), verb)
	a.told.Set(metrics.Duration, now.Sub(began).Seconds(), verb)
	a.told.Set(metrics.ExitCode, float64(code), verb)
	a.told.Add(metrics.Runs, 1, verb, strconv.Itoa(code))
	if slices.Contains([]int{exitDone, exitNothing}, code) {
		a.told.Set(metrics.LastSuccess, seconds(now), verb)
	}
	if err := a.told.Write(ctx, a.cfg.Home, verb); err != nil {
		a.log.Warn("metrics not written", "err", err)
	}
	if a.cfg.Pushgateway != "" {
		if err := metrics.Push(ctx, a.cfg.Pushgateway, a.cfg.Home, verb); err != nil {
			a.log.Warn("metrics not pushed", "err", err)
		}
	}
}

// verbOf is a verb's name without that of the program.
func verbOf(cmd *cobra.Command) string {
	_, verb, _ := strings.Cut(cmd.CommandPath(), " ")
	return verb
}

// seconds is a moment as metrics have it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// metricsHandler shows at /metrics what a verb that serves tells of itself and of
// its process, and what all verbs told in the home.
func (a *app) metricsHandler(own ...prometheus.Collector) http.Handler {
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	process.MustRegister(own...)
	return promhttp.HandlerFor(prometheus.Gatherers{process, metrics.Home(a.cfg.Home)},
		promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, ErrorLog: unreadMetrics{a}})
}

// unreadMetrics logs what could not be gathered.
type unreadMetrics struct{ *app }

func (u unreadMetrics) Println(what ...any) {
	u.log.Warn("metrics not gathered", "err", what[len(what)-1])
}
