// Package metrics says what this house tells of its own operation, in the words
// of Prometheus. Every metric has one definition: its name, type, meaning,
// labels and the verb that tells it. A verb fills a [Report], which is kept in
// a text file of the verb's own, metrics/<verb>.prom in the home; a collector
// reads the files, or a verb that serves shows them at /metrics.
//
// Two verbs never tell the same series: a metric belongs to one verb, whose name
// it bears, or carries the verb as a label. No label is ever an enterprise, a
// person, a file or anything else that grows with the data.
//
// To add a metric, add it to the definitions and set it where the verb knows it;
// docs/metrics.md is made from here.
package metrics
