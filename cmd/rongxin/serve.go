package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"rongxin/evaluators/explain"
	"rongxin/internal/metrics"
	"rongxin/warehouse/run"
)

func (a *app) serveCmd() *cobra.Command {
	var listen, addressFile string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the published run on this machine: explanations, run facts, metrics",
		Long: `GET /healthz              200 while a run is published and readable
GET /run                  the published run's manifest
GET /explain/CODE         why an enterprise stands where it stands, as JSON; with
                          ?format=html&purpose=… a page to read and print, with
                          ?format=text plain text. Each question is registered.
GET /                     a form that asks for code or name and for the purpose
GET /metrics              Prometheus metrics: its own, and what all verbs told in
                          this home; no enterprise in a label

It follows CURRENT: after a new run is published the next request reads it.`,
		Example: "  rongxin serve --listen 127.0.0.1:8086",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.serveHTTP(cmd.Context(), a.newServer().routes(), listen, addressFile, "serve")
			if a.kept != nil {
				err = errors.Join(err, a.kept.Close())
			}
			return err
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8086", "address to serve on; port 0 picks a free one")
	cmd.Flags().StringVar(&addressFile, "address-file", "", "write the address here once serving")
	return cmd
}

// server answers from one published run at a time.
type server struct {
	*app
	mu      sync.Mutex // one question at a time
	current *explainer

	requests *prometheus.CounterVec
	asOf     *prometheus.GaugeVec
}

func (a *app) newServer() *server {
	return &server{app: a, requests: metrics.NewCounter(metrics.ServeRequests), asOf: metrics.NewGauge(metrics.ServeAsOf)}
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metricsHandler(s.requests, s.asOf))
	for path, answer := range map[string]func(http.ResponseWriter, *http.Request) error{
		"/healthz": s.healthz, "/run": s.manifest, "/explain/{subject}": s.explainCode,
		"/explain": s.explainAsked, "/{$}": s.form,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			status := "200"
			if err := answer(w, r); err != nil {
				status = s.refuse(w, err)
			}
			s.requests.WithLabelValues(path, status).Inc()
		})
	}
	return mux
}

// refuse answers an error without telling more than its text.
func (s *server) refuse(w http.ResponseWriter, err error) string {
	code := http.StatusInternalServerError
	switch {
	case errors.Is(err, explain.ErrUnknownSubject):
		code = http.StatusNotFound
	case errors.Is(err, explain.ErrAmbiguousName):
		code = http.StatusConflict
	case errors.Is(err, errPurpose):
		code = http.StatusBadRequest
	case errors.Is(err, run.ErrNoRun):
		code = http.StatusServiceUnavailable
	}
	var page pageError
	if !errors.As(err, &page) {
		http.Error(w, err.Error(), code)
	} else if err := writeForm(w, code, page.page); err != nil {
		s.log.Warn("answer not written", "err", err)
	}
	return strconv.Itoa(code)
}

// open follows CURRENT; from the first run on the operations store is open too.
// The caller holds mu.
func (s *server) open() error {
	id, err := run.Current(s.cfg.Home)
	if err != nil || s.current != nil && id == s.current.run.ID {
		return err
	}
	r, err := run.Open(s.cfg.Home, id)
	if err != nil {
		return err
	}
	lasting := context.Background() // what is opened outlives the question
	if s.kept == nil {
		if s.kept, err = s.ops(lasting); err != nil {
			return err
		}
	}
	x, err := s.app.explainer(lasting, r)
	if err != nil {
		return err
	}
	if s.current != nil {
		err = s.current.close()
	}
	s.current = x
	if day, dayErr := asOfTime(r); dayErr == nil {
		s.asOf.WithLabelValues().Set(float64(day.Unix()))
	}
	return err
}

func (s *server) healthz(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	return writeJSON(w, map[string]string{"run_id": s.current.run.ID, "as_of": s.current.run.Manifest.AsOf})
}

func (s *server) manifest(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	return writeJSON(w, s.current.run.Manifest)
}

func writeJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(v)
}
