package deploy

import (
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"
)

func groups(t *testing.T) []rulefmt.RuleGroup {
	t.Helper()
	all, faults := rulefmt.ParseFile(rulesFile, false, model.UTF8Validation, promql, slog.New(slog.DiscardHandler))
	for _, err := range faults {
		t.Error(err)
	}
	if all == nil {
		t.FailNow()
	}
	return all.Groups
}

// The rules are whole as promtool check rules sees them; each asks for what we
// export and tells a person in Chinese what is wrong and where to read on.
func TestRules(t *testing.T) {
	places, names := anchors(t, runbook), map[string]bool{}
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			checkExpr(t, rule.Alert, rule.Expr)
			if rule.Alert == "" || names[rule.Alert] {
				t.Errorf("%s: %s: want a name that no other alert has", group.Name, rule.Alert)
			}
			names[rule.Alert] = true
			if !slices.Contains([]string{"critical", "warning"}, rule.Labels["severity"]) {
				t.Errorf("%s: severity %q is neither critical nor warning", rule.Alert, rule.Labels["severity"])
			}
			if !regexp.MustCompile(`\p{Han}{3}`).MatchString(rule.Annotations["summary"]) {
				t.Errorf("%s: its summary is not Chinese: %q", rule.Alert, rule.Annotations["summary"])
			}
			page, anchor, _ := strings.Cut(rule.Annotations["runbook"], "#")
			if page != "docs/operations.md" || !places[anchor] {
				t.Errorf("%s: its runbook %q leads nowhere", rule.Alert, rule.Annotations["runbook"])
			}
			delete(places, anchor)
		}
	}
	for anchor := range places {
		if strings.HasPrefix(anchor, "rongxin") {
			t.Errorf("docs/operations.md has #%s, which no alert leads to", anchor)
		}
	}
}

// The example of a scrape configuration names the rules, and gives the label
// that the rules ask by.
func TestScrapeConfiguration(t *testing.T) {
	text, err := os.ReadFile("prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		RuleFiles []string `yaml:"rule_files"`
		Scrape    []struct {
			Job    string `yaml:"job_name"`
			Static []struct {
				Targets []string          `yaml:"targets"`
				Labels  map[string]string `yaml:"labels"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.RuleFiles, []string{strings.TrimPrefix(rulesFile, "prometheus/")}) {
		t.Errorf("rule_files %v", c.RuleFiles)
	}
	for _, s := range c.Scrape {
		if len(s.Static) == 0 || s.Static[0].Labels["environment"] == "" || len(s.Static[0].Targets) == 0 {
			t.Errorf("job %s has no target with an environment", s.Job)
		}
	}
	if len(c.Scrape) == 0 {
		t.Error("nothing is scraped")
	}
}
