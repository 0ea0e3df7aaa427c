package metrics

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WritePage writes docs/metrics.md: every definition, by the verb that tells it.
func WritePage(w io.Writer) error {
	var b strings.Builder
	b.WriteString(pageHead)
	verb, first := "", true
	for _, m := range All() {
		if first || m.Verb != verb {
			first, verb = false, m.Verb
			title := "Of every verb"
			if verb != "" {
				title = "Of `" + verb + "`"
			}
			fmt.Fprintf(&b, "\n## %s\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n", title)
		}
		labels := "`" + strings.Join(m.Labels, "`, `") + "`"
		if len(m.Labels) == 0 {
			labels = ""
		}
		help := m.Help
		if m.Live {
			help += " At `/metrics` only."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, m.Type, labels, help)
	}
	b.WriteString("\n## Labels\n\n| label | takes |\n|---|---|\n")
	known := Labels()
	for _, name := range slices.Sorted(maps.Keys(known)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, known[name])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const pageHead = `# Metrics 运行指标

Made from the definitions in ` + "`internal/metrics`" + ` by ` + "`rongxin metrics --describe`" + `; do not edit. How they are watched, with
alert rules and dashboards, is in [deploy/README.md](../deploy/README.md).

**本页列出系统向 Prometheus 提供的全部指标。标签中没有企业，也没有个人。**

Every verb writes ` + "`metrics/<verb>.prom`" + ` in the home when it ends, whatever its exit code, in one step. Counters go on from call
to call; a gauge stays until a call tells it anew, so that a failure takes away neither the time of the last success nor the
figures of what it did not get to. A call that was killed tells nothing, a command line that is not understood is no call, and
a home that is not there is not made for this: watch the time of the last success, not failures alone. When a file is removed
its counters begin at 0.

Ages are for the reader to compute, ` + "`time() - …_timestamp_seconds`" + `: a file does not grow older by itself. Of a counter's first
value Prometheus sees no increase; look at values, not at increases, where one is too many.
`
