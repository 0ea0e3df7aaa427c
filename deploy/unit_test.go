package deploy

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v3"
)

const unitTests = "prometheus/rongxin.test.yml"

// unitFile is the part of promtool's format of rule tests that is used here;
// promtool test rules reads the same file.
type unitFile struct {
	RuleFiles []string       `yaml:"rule_files"`
	Interval  model.Duration `yaml:"evaluation_interval"`
	Tests     []struct {
		Name     string         `yaml:"name"`
		Interval model.Duration `yaml:"interval"`
		Series   []struct {
			Series string `yaml:"series"`
			Values string `yaml:"values"`
		} `yaml:"input_series"`
		Alerts []struct {
			At   model.Duration `yaml:"eval_time"`
			Name string         `yaml:"alertname"`
			Want []struct {
				Labels      map[string]string `yaml:"exp_labels"`
				Annotations map[string]string `yaml:"exp_annotations"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	} `yaml:"tests"`
}

// Each alert is tried: it fires when it should, says what it should, and is quiet
// otherwise.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile(unitTests)
	if err != nil {
		t.Fatal(err)
	}
	var file unitFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatalf("%s: %v", unitTests, err)
	}
	fired, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		t.Run(test.Name, func(t *testing.T) {
			load := fmt.Sprintf("load %s\n", time.Duration(test.Interval))
			for _, s := range test.Series {
				checkExpr(t, test.Name, s.Series)
				load += fmt.Sprintf("  %s %s\n", s.Series, s.Values)
			}
			storage := promqltest.LoadedStorage(t, load)
			query := rules.EngineQueryFunc(promqltest.NewTestEngine(t, false, 0, 10_000), storage)
			for _, a := range test.Alerts {
				rule := alertOf(t, a.Name)
				for at := time.Duration(0); at <= time.Duration(a.At); at += time.Duration(file.Interval) {
					if _, err := rule.Eval(context.Background(), 0, time.Unix(0, 0).Add(at), query, nil, 0); err != nil {
						t.Fatal(err)
					}
				}
				var got, want []string
				for _, alert := range rule.ActiveAlerts() {
					if alert.State == rules.StateFiring {
						got = append(got, line(alert.Labels.Map(), alert.Annotations.Map()))
					}
				}
				for _, w := range a.Want {
					w.Labels[labels.AlertName] = a.Name
					want = append(want, line(w.Labels, w.Annotations))
				}
				slices.Sort(got)
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s after %s: %s", a.Name, a.At, diff)
				}
				fired[a.Name] = fired[a.Name] || len(want) > 0
				quiet[a.Name] = quiet[a.Name] || len(want) == 0
			}
		})
	}
	for _, group := range groups(t) {
		for _, r := range group.Rules {
			if !fired[r.Alert] || !quiet[r.Alert] {
				t.Errorf("%s has no test in which it fires and one in which it is quiet", r.Alert)
			}
		}
	}
}

// alertOf makes the rule of an alert as Prometheus does.
func alertOf(t *testing.T, name string) *rules.AlertingRule {
	t.Helper()
	for _, group := range groups(t) {
		i := slices.IndexFunc(group.Rules, func(r rulefmt.Rule) bool { return r.Alert == name })
		if i < 0 {
			continue
		}
		r := group.Rules[i]
		expr, err := promql.ParseExpr(r.Expr)
		if err != nil {
			t.Fatal(err)
		}
		return rules.NewAlertingRule(r.Alert, expr, time.Duration(r.For), time.Duration(r.KeepFiringFor), labels.FromMap(r.Labels),
			labels.FromMap(r.Annotations), labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler))
	}
	t.Fatalf("there is no alert %s", name)
	return nil
}

func line(names, words map[string]string) string {
	return strings.TrimPrefix(fmt.Sprint(names, " ", words), "map")
}
