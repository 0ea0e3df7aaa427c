package metrics

import (
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// Type is how a metric behaves.
type Type int

// A counter only grows, over all calls of its verb; a gauge is what the last call
// found.
const (
	Gauge Type = iota
	Counter
)

func (t Type) String() string { return [...]string{"gauge", "counter"}[t] }

func (t Type) proto() dto.MetricType {
	return [...]dto.MetricType{dto.MetricType_GAUGE, dto.MetricType_COUNTER}[t]
}

// A Metric is the one definition of what is told under a name.
type Metric struct {
	Name   string // by Prometheus's rules: the unit at the end, _total of counters
	Type   Type
	Verb   string   // that tells it, such as "draw results"; empty: every verb, and the first label is the verb
	Labels []string // of the vocabulary of [Labels]
	Help   string   // one sentence in English
	Live   bool     // told at /metrics while the verb serves, in no file
}

// FileName is the name of a verb's text file, and with a line in place of each
// space the beginning of its metrics' names.
func FileName(verb string) string { return part(verb) + ".prom" }

func part(verb string) string { return strings.NewReplacer(" ", "_", "-", "_").Replace(verb) }

// Labels are all labels there are, each with the values it takes. None grows with
// the data.
func Labels() map[string]string {
	return map[string]string{
		"as":          "what the stand-in platform plays: rest, exchange, drop, courier",
		"cause":       "a cause of docs/reconciliation.md",
		"class":       "a class of a scheme, or a supervision class; none where there is none",
		"code":        "an exit code, or a status of HTTP",
		"dataset":     "a dataset of the catalogue; other for one outside of it",
		"department":  "a department of the contracts",
		"examination": "what rongxin doctor looks at",
		"flag":        "a code of docs/contracts.md for an accepted row",
		"kind":        "as the metric says",
		"measure":     "a figure of the notice on quality, as rule code_quality names it",
		"months":      "all, or chosen when the call chose months",
		"outcome":     "as the metric says",
		"path":        "a path of the interface; other for one that it has not",
		"reason":      "a code of docs/contracts.md for a refused row",
		"receiver":    "a receiver of rongxin.yml",
		"scheme":      "a scheme of the rules, public, or supervision",
		"status":      "as the metric says",
		"table":       "a mapping of docs/payloads.md",
		"verb":        "a verb of rongxin",
	}
}
