package dictionary

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"rongxin/warehouse/lineage"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// WriteHTML writes the page. It loads nothing and lets nothing load: what is in
// it is named by digest in its own policy.
func (b Book) WriteHTML(out io.Writer) error {
	page, err := template.New("page").Funcs(template.FuncMap{
		"use": useWord, "shown": shown, "words": words, "lines": func(s string) []string { return strings.Split(s, "\n") },
	}).Parse(pageHTML)
	if err != nil {
		return err
	}
	columns := 0
	for _, t := range b.Tables {
		columns += len(t.Columns)
	}
	return page.Execute(out, map[string]any{
		"Book": b, "Groups": b.groups(), "Columns": columns,
		"CSS": template.CSS(pageCSS), "JS": template.JS(pageJS),
		"Policy": "default-src 'none'; style-src 'sha256-" + digest(pageCSS) + "'; script-src 'sha256-" + digest(pageJS) + "'",
	})
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// A group is the tables of one schema.
type group struct {
	Schema, Title string
	Tables        []Table
}

func (b Book) groups() (list []group) {
	for _, l := range levels() {
		g := group{Schema: l[0], Title: l[1]}
		for _, t := range b.Tables {
			if schema, _, _ := strings.Cut(t.Name, "."); schema == l[0] {
				g.Tables = append(g.Tables, t)
			}
		}
		if g.Tables != nil {
			list = append(list, g)
		}
	}
	return list
}

// shownAtOnce is how many of a column's ways are read without opening the rest.
const shownAtOnce = 6

// shown cuts a list of ways into what is shown and what is opened.
func shown(list []lineage.Source) map[string][]lineage.Source {
	n := min(len(list), shownAtOnce)
	if len(list) == n+1 {
		n++ // one more takes no more room than to say so
	}
	return map[string][]lineage.Source{"First": list[:n], "Rest": list[n:]}
}

// useWord says what a column does for another; a value taken as it is needs no word.
func useWord(u lineage.Use) string {
	return map[lineage.Use]string{
		lineage.Transformation: "计算 computed", lineage.Aggregation: "汇总 aggregated", lineage.Join: "连接 join", lineage.Filter: "筛选 filter",
		lineage.GroupBy: "分组 group", lineage.Sort: "排序 sort", lineage.Window: "窗口 window", lineage.Conditional: "条件 condition",
	}[u]
}

// words is what a table is found by, besides its columns.
func words(t Table) string {
	list := []string{t.Name, t.Title, t.Description}
	for _, f := range t.Facts {
		if !f.Quiet {
			list = append(list, f.Text)
		}
	}
	return strings.ToLower(strings.Join(list, " "))
}
