package metrics

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Home gathers the text files of a home, as a collector of the machine does. A
// file that cannot be read is told and keeps nobody else's figures back.
func Home(home string) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		files, err := filepath.Glob(filepath.Join(Dir(home), "*.prom"))
		faults := []error{err}
		var all []series
		for _, file := range files {
			list, err := read(file)
			faults = append(faults, err)
			for _, s := range list {
				if s.Verb == "" && FileName(s.values[0]) == filepath.Base(file) || s.Verb != "" && FileName(s.Verb) == filepath.Base(file) {
					all = append(all, s)
				}
			}
		}
		slices.SortFunc(all, func(a, b series) int { return strings.Compare(a.key(), b.key()) })
		return families(all), errors.Join(faults...)
	})
}

// families puts series, sorted by name, into Prometheus's form.
func families(list []series) []*dto.MetricFamily {
	var all []*dto.MetricFamily
	for _, s := range list {
		if len(all) == 0 || all[len(all)-1].GetName() != s.Name {
			t := s.Type.proto()
			all = append(all, &dto.MetricFamily{Name: &s.Name, Help: &s.Help, Type: &t})
		}
		m := &dto.Metric{}
		if s.Type == Counter {
			m.Counter = &dto.Counter{Value: &s.value}
		} else {
			m.Gauge = &dto.Gauge{Value: &s.value}
		}
		for i, name := range s.Labels {
			m.Label = append(m.Label, &dto.LabelPair{Name: &name, Value: &s.values[i]})
		}
		slices.SortFunc(m.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
		family := all[len(all)-1]
		family.Metric = append(family.Metric, m)
	}
	return all
}

// NewCounter makes the counter of a verb that serves.
func NewCounter(m Metric) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.Labels)
}

// NewGauge makes the gauge of a verb that serves.
func NewGauge(m Metric) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}, m.Labels)
}
