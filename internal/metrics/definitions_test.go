package metrics_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"rongxin/internal/metrics"
)

// What is defined is listed: of everything else nobody would read.
func TestAllListsEveryDefinition(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "definitions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defined := 0
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			defined += len(g.Specs)
		}
	}
	all := metrics.All()
	if len(all) != defined {
		t.Errorf("All lists %d metrics, definitions.go defines %d", len(all), defined)
	}
	names := map[string]bool{}
	for _, m := range all {
		if names[m.Name] {
			t.Errorf("%s is listed twice", m.Name)
		}
		names[m.Name] = true
	}
}

// Names, units and helps follow Prometheus's conventions, as its own linter sees them.
func TestDefinitionsFollowConventions(t *testing.T) {
	for _, m := range metrics.All() {
		kind, one := dto.MetricType_GAUGE, 1.0
		sample := &dto.Metric{Gauge: &dto.Gauge{Value: &one}}
		if m.Type == metrics.Counter {
			kind, sample = dto.MetricType_COUNTER, &dto.Metric{Counter: &dto.Counter{Value: &one}}
		}
		for _, l := range m.Labels {
			sample.Label = append(sample.Label, &dto.LabelPair{Name: &l, Value: &l})
		}
		problems, err := promlint.NewWithMetricFamilies([]*dto.MetricFamily{{Name: &m.Name, Help: &m.Help, Type: &kind, Metric: []*dto.Metric{sample}}}).Lint()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
		if !strings.HasSuffix(m.Help, ".") {
			t.Errorf("%s: its help is no sentence", m.Name)
		}
	}
}

// A metric that bears the name of its verb, or has the verb as its first label,
// cannot be told by two verbs.
func TestEachMetricHasOneTeller(t *testing.T) {
	for _, m := range metrics.All() {
		switch prefix := "rongxin_" + strings.TrimSuffix(metrics.FileName(m.Verb), ".prom") + "_"; {
		case m.Verb == "":
			if !strings.HasPrefix(m.Name, "rongxin_verb_") || m.Labels[0] != "verb" {
				t.Errorf("%s is told by every verb: it begins with rongxin_verb_ and its first label is verb", m.Name)
			}
		case !strings.HasPrefix(m.Name, prefix) || slices.Contains(m.Labels, "verb"):
			t.Errorf("%s is told by %s: it begins with %s and has no label verb", m.Name, m.Verb, prefix)
		}
	}
}

// Labels come from one vocabulary, whose values do not grow with the data.
func TestLabelsComeFromTheVocabulary(t *testing.T) {
	known, used := metrics.Labels(), map[string]bool{}
	for _, m := range metrics.All() {
		for _, l := range m.Labels {
			if _, ok := known[l]; !ok {
				t.Errorf("%s has the label %s, which the vocabulary does not", m.Name, l)
			}
			used[l] = true
		}
	}
	for l := range known {
		if !used[l] {
			t.Errorf("no metric has the label %s", l)
		}
	}
}
