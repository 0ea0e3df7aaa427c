package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"rongxin/internal/credit"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// historyLine is what one reconciliation found in one table.
type historyLine struct {
	At           time.Time      `json:"at"`
	Receiver     string         `json:"receiver"`
	Table        string         `json:"table"`
	Run          string         `json:"run"`
	AsOf         string         `json:"as_of"`
	ByKey        bool           `json:"by_key"`
	ByFeedback   bool           `json:"by_feedback"`
	Equal        bool           `json:"equal"`
	Published    int            `json:"published"`
	Sent         int            `json:"sent"`
	Acknowledged int            `json:"acknowledged"`
	Processed    int            `json:"processed"`
	Received     int            `json:"received"`
	Digest       string         `json:"published_digest"`
	Theirs       string         `json:"received_digest"`
	Differ       int            `json:"differ"` // -1: not looked for
	Undecided    int            `json:"undecided"`
	Causes       map[string]int `json:"causes"`
	OpenBatches  int            `json:"open_batches"`
	OldestOpen   *time.Time     `json:"oldest_open,omitempty"`
}

func historyOf(r ops.Reconciliation) historyLine {
	line := historyLine{
		At: r.At, Receiver: r.Receiver, Table: r.Table, Run: r.Run, AsOf: r.AsOf, ByKey: r.ByKey, ByFeedback: r.ByFeedback,
		Equal:     r.Published == r.Acknowledged && r.Acknowledged == r.Received && r.Differ == 0,
		Published: r.Published.Count, Sent: r.Sent.Count, Acknowledged: r.Acknowledged.Count, Processed: r.Processed.Count, Received: r.Received.Count,
		Digest: r.Published.Digest, Theirs: r.Received.Digest,
		Differ: r.Differ, Undecided: r.Undecided, Causes: r.Causes, OpenBatches: r.OpenBatches,
	}
	if !r.OldestOpen.IsZero() {
		line.OldestOpen = &r.OldestOpen
	}
	return line
}

func printHistory(w io.Writer, lines []historyLine) {
	rows := [][]string{{"时间", "接收方", "数据表", "数据日", "本期应有", "已接收", "接收方所持", "结论"}}
	for _, l := range lines {
		rows = append(rows, []string{l.At.In(credit.ChinaTime).Format("2006-01-02 15:04"), l.Receiver, l.Table, l.AsOf,
			fmt.Sprint(l.Published), fmt.Sprint(l.Acknowledged), fmt.Sprint(l.Received), l.verdict()})
	}
	printAligned(w, rows)
}

func (l historyLine) verdict() string {
	switch {
	case l.Equal:
		return "一致"
	case l.Differ < 0:
		return "合计不一致"
	}
	var parts []string
	for _, c := range publish.Causes() {
		if n := l.Causes[string(c)]; n > 0 {
			m, _ := c.Meaning()
			parts = append(parts, fmt.Sprintf("%s %d", m.Title, n))
		}
	}
	return fmt.Sprintf("差异 %d：%s", l.Differ, strings.Join(parts, "，"))
}
