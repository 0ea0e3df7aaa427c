package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"rongxin/internal/metrics"
)

const (
	rulesFile = "prometheus/rongxin.rules.yml"
	runbook   = "../docs/operations.md"
)

var promql = parser.NewParser(parser.Options{})

// ours are the metrics that the program exports, by name.
func ours() map[string]metrics.Metric {
	all := map[string]metrics.Metric{}
	for _, m := range metrics.All() {
		all[m.Name] = m
	}
	return all
}

// fromOutside are labels that the scrape gives to every series.
var fromOutside = []string{"instance", "job", "environment"}

// checkExpr reports each metric of an expression that is not exported and each
// label it is asked by that it has not.
func checkExpr(t *testing.T, where, text string) {
	t.Helper()
	expr, err := promql.ParseExpr(text)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	named := 0
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		named++
		name := selector.Name
		for _, m := range selector.LabelMatchers {
			if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
				name = m.Value
			}
		}
		metric, ok := ours()[name]
		if !ok {
			t.Errorf("%s: %s is no metric that is exported", where, name)
			return nil
		}
		for _, m := range selector.LabelMatchers {
			if m.Name != labels.MetricName && !slices.Contains(append(fromOutside, metric.Labels...), m.Name) {
				t.Errorf("%s: %s has no label %s", where, name, m.Name)
			}
		}
		return nil
	})
	if named == 0 {
		t.Errorf("%s: %s reads no metric", where, text)
	}
}

// anchors are the places of a page that a link can lead to.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, head := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(text), -1) {
		found[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(head[1])), " ", "-")] = true
	}
	return found
}

// A file that nobody tests is not deployed.
func TestEveryFileIsTested(t *testing.T) {
	known := []string{"deploy_test.go", "rules_test.go", "dashboards_test.go", "unit_test.go", "go.mod", "go.sum", "README.md",
		"prometheus/prometheus.yml", rulesFile, unitTests, "grafana/provisioning.yml", "testdata/metrics.txt"}
	err := filepath.WalkDir(".", func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !slices.Contains(known, path) && !slices.Contains(dashboardFiles(t), path) {
			t.Errorf("%s is of no kind that is tested", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
