package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/pipelines/publish"
	"rongxin/pipelines/workbook"
)

// writeBreaks writes the break lists, by the ending of the file's name: as a form
// that an official can send to the receiver.
func writeBreaks(file string, reports []publish.Report) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return workbook.WriteCSV(file, breakSheet(reports))
	case ".xlsx":
		day, err := credit.ParseDate(reports[0].AsOf)
		if err != nil {
			return err
		}
		return workbook.WriteSheets(file, "对账差异清单 "+reports[0].AsOf, day, totalSheet(reports), breakSheet(reports), causeSheet())
	}
	return checkBreaksFile(file)
}

func checkBreaksFile(file string) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv", ".xlsx":
		return nil
	}
	if file == "" {
		return nil
	}
	return fmt.Errorf("%w: --out %s: wants .xlsx or .csv", errUsage, file)
}

// breakSheet names every key that differs, its cause and its mend.
func breakSheet(reports []publish.Report) workbook.Sheet {
	return workbook.Sheet{Name: "差异清单", Frozen: 3,
		Columns: []workbook.Column{{Title: "接收方", Width: 16}, {Title: "数据表", Width: 22}, {Title: "记录标识 cd_id", Width: 34},
			{Title: "差异原因", Width: 22}, {Title: "原因代码", Width: 22}, {Title: "应由谁处理", Width: 12}, {Title: "首次发现", Width: 18}, {Title: "是否超期", Width: 10},
			{Title: "批次号 cd_batch", Width: 18}, {Title: "接收方代码", Width: 16}, {Title: "接收方说明", Width: 30},
			{Title: "本方内容摘要", Width: 24}, {Title: "已确认内容摘要", Width: 24}, {Title: "接收方内容摘要", Width: 24},
			{Title: "处理办法", Width: 60}, {Title: "Mend", Width: 60}},
		Rows: func(yield func([]any, error) bool) {
			for _, r := range reports {
				for _, b := range r.Breaks {
					if !yield(breakRow(r.Receiver, b), nil) {
						return
					}
				}
			}
		}}
}

func breakRow(receiver string, b publish.Break) []any {
	who, overdue := "本方", ""
	if m, _ := b.Cause.Meaning(); m.Theirs {
		who = "接收方"
	}
	if b.Overdue {
		overdue = "超期"
	}
	return []any{receiver, b.Table, b.Key, b.Title, string(b.Cause), who, b.Since.In(credit.ChinaTime).Format("2006-01-02 15:04"), overdue,
		b.Batch, b.Code, b.Message, b.Published, b.Acknowledged, b.Received, b.Mend, b.MendEnglish}
}

// totalSheet tells how many records are where, and their state digests.
func totalSheet(reports []publish.Report) workbook.Sheet {
	titles := [][]string{}
	for _, r := range reports {
		for _, t := range r.Tables {
			said := "接收方答复"
			if t.ByFeedback {
				said = "接收方不提供查询，按回执认定"
			}
			verdict := "一致"
			if !t.Equal {
				verdict = "不一致"
			}
			for _, line := range []struct {
				name string
				publish.Holdings
			}{{"本期应有", t.Published}, {"已发送", t.Sent}, {"已接收回执", t.Acknowledged}, {"已入库回执", t.Processed}, {said, t.Received}} {
				titles = append(titles, []string{r.Receiver, t.Table, line.name, fmt.Sprint(line.Count), line.Digest, verdict})
			}
		}
	}
	rows := make([][]any, len(titles))
	for i, line := range titles {
		for _, cell := range line {
			rows[i] = append(rows[i], cell)
		}
	}
	return sheet("合计", []string{"接收方", "数据表", "口径", "条数", "状态摘要", "结论"}, rows)
}

// placesLeft writes a mend that is of no one record.
var placesLeft = strings.NewReplacer("{to}", "…", "{key}", "…", "{batch}", "…", "{code}", "…")

// causeSheet explains the causes to whoever receives the list.
func causeSheet() workbook.Sheet {
	var rows [][]any
	for _, c := range publish.Causes() {
		m, _ := c.Meaning()
		rows = append(rows, []any{m.Title, string(c), placesLeft.Replace(m.Mend), m.Explained, placesLeft.Replace(m.MendEnglish)})
	}
	return sheet("原因说明", []string{"差异原因", "原因代码", "处理办法", "cause", "mend"}, rows)
}

// causesInOrder lists the causes that occur, in the order in which they are explained.
func causesInOrder(counts map[publish.Cause]int) []publish.Cause {
	return slices.DeleteFunc(publish.Causes(), func(c publish.Cause) bool { return counts[c] == 0 })
}
