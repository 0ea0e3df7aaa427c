package metrics

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Dir is the directory of the text files in a home.
func Dir(home string) string { return filepath.Join(home, "metrics") }

// Write lays the report over what earlier calls of the verb told and replaces the
// verb's text file in one step. A file that cannot be read is begun anew, and an
// error says so; counters then begin at 0, as those of a program that is started
// again. Faults of the report itself are told and leave out no more than what is
// wrong.
func (r *Report) Write(ctx context.Context, home, verb string) (err error) {
	dir := Dir(home)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	switch ok, err := lock.TryLockContext(ctx, 10*time.Millisecond); {
	case err != nil:
		return fmt.Errorf("metrics: %s: %w", lock.Path(), err)
	case !ok:
		return fmt.Errorf("metrics: %s is held by another process", lock.Path())
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	file := filepath.Join(dir, FileName(verb))
	earlier, readErr := read(file)
	if errors.Is(readErr, fs.ErrNotExist) {
		readErr = nil
	}
	earlier = slices.DeleteFunc(earlier, func(s series) bool { return !s.belongsTo(verb) })
	all, faults := r.onto(earlier, verb)
	if leftovers, err := filepath.Glob(file + "[0-9]*"); err == nil { // of calls that were killed while they wrote
		for _, name := range leftovers {
			os.Remove(name)
		}
	}
	write := prometheus.WriteToTextfile(file, prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families(all), nil }))
	return errors.Join(readErr, faults, write)
}

// read reads the series of a text file that are defined today; those of another
// version of the program are left out.
func read(file string) ([]series, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	found, err := parser.TextToMetricFamilies(f)
	if err != nil {
		return nil, fmt.Errorf("metrics: %s: %w; it is begun anew", file, err)
	}
	var list []series
	for _, d := range All() {
		family := found[d.Name]
		if family == nil || family.GetType() != d.Type.proto() || d.Live {
			continue
		}
		for _, m := range family.Metric {
			s := series{Metric: d, value: m.GetGauge().GetValue() + m.GetCounter().GetValue()}
			for _, label := range d.Labels {
				i := slices.IndexFunc(m.Label, func(l *dto.LabelPair) bool { return l.GetName() == label })
				if i >= 0 {
					s.values = append(s.values, m.Label[i].GetValue())
				}
			}
			if len(s.values) == len(d.Labels) && len(m.Label) == len(d.Labels) {
				list = append(list, s)
			}
		}
	}
	return list, nil
}
