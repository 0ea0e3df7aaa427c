package metrics

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Report is what one call of a verb has to tell. The zero value tells nothing.
// It is for one goroutine.
type Report struct {
	told    []series
	renewed []renewal
	faults  []error
}

// series is a value under a metric and the values of its labels.
type series struct {
	Metric
	values []string
	value  float64
}

func (s series) key() string { return s.Name + "\x00" + strings.Join(s.values, "\x00") }

// renewal takes back what earlier calls told of a part of a metric.
type renewal struct {
	name   string
	prefix []string
}

// Set tells the value of a gauge; the values of its labels stand in the order of
// its definition.
func (r *Report) Set(m Metric, value float64, values ...string) { r.tell(Gauge, m, value, values) }

// Add counts n more in a counter, which goes on from what earlier calls counted.
func (r *Report) Add(m Metric, n float64, values ...string) { r.tell(Counter, m, n, values) }

// Renew takes back what earlier calls told of a gauge, of all of it or of the part
// whose first labels have these values. What is not taken back stays, so that a
// call about one receiver leaves alone what is known of the others.
func (r *Report) Renew(m Metric, first ...string) {
	r.renewed = append(r.renewed, renewal{m.Name, first})
}

func (r *Report) tell(t Type, m Metric, value float64, values []string) {
	if m.Type != t || m.Live || len(values) != len(m.Labels) {
		r.faults = append(r.faults, fmt.Errorf("metric %s: a %s with %d labels told as a %s with %d", m.Name, m.Type, len(m.Labels), t, len(values)))
		return
	}
	r.told = append(r.told, series{m, slices.Clone(values), value})
}

// onto lays the report over what earlier calls of the verb told.
func (r *Report) onto(earlier []series, verb string) ([]series, error) {
	faults := slices.Clone(r.faults)
	all := map[string]series{}
	for _, s := range earlier {
		if s.Type == Counter || !r.takesBack(s) {
			all[s.key()] = s
		}
	}
	for _, s := range r.told {
		if !s.belongsTo(verb) {
			faults = append(faults, fmt.Errorf("metric %s is not told by %s", s.Name, verb))
			continue
		}
		if s.Type == Counter {
			s.value += all[s.key()].value
		}
		all[s.key()] = s
	}
	list := make([]series, 0, len(all))
	for _, s := range all {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b series) int { return strings.Compare(a.key(), b.key()) })
	return list, errors.Join(faults...)
}

func (r *Report) takesBack(s series) bool {
	return slices.ContainsFunc(r.renewed, func(n renewal) bool {
		return n.name == s.Name && len(n.prefix) <= len(s.values) && slices.Equal(n.prefix, s.values[:len(n.prefix)])
	})
}

// belongsTo tells whether a verb may tell the series.
func (s series) belongsTo(verb string) bool {
	if s.Verb == "" {
		return s.values[0] == verb
	}
	return s.Verb == verb
}
