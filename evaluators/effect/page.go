package effect

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// A Page is a report for people: the draws of a run, or one order from outside.
type Page struct {
	RunID, AsOf string
	Source      string
	Draws       []Tiers
	Order       *Order
}

//go:embed page.html
var pageText string

// WritePage writes a report as one HTML file in Chinese, which loads nothing from
// anywhere. Each plot has its text, and every figure of it stands in a table.
func WritePage(w io.Writer, page Page) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"percent": percent,
		"gain":    gainPlot,
		"rates":   ratePlot,
		"fit":     fitPlot,
		"orNone": func(name string) string {
			if name == "" || name == "-" {
				return "未登记"
			}
			return name
		},
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, page)
}

// A plot is a drawing of 480 by 320 with its text for who cannot see it.
type plot struct {
	Title, Text string
	Lines       []line
	Marks       []mark
	Labels      []label
}

type line struct{ Points, Class string }

type mark struct {
	X, Y int64
	Tip  string
}

type label struct {
	X, Y   int64
	Anchor string
	Text   string
}

// The field of a plot, in its own units.
const (
	left, top     = 60, 20
	width, height = 380, 250
)

func x(share int64) int64 { return left + share*width/million }
func y(share int64) int64 { return top + height - share*height/million }

func points(list []Point) string {
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "%d,%d ", x(p.Inspected), y(p.Found))
	}
	return strings.TrimSpace(b.String())
}

// frame is a plot with axes from nothing to all.
func frame(title, across, up string) plot {
	p := plot{Title: title, Lines: []line{{fmt.Sprintf("%d,%d %d,%d %d,%d", x(0), y(million), x(0), y(0), x(million), y(0)), "axis"}}}
	for share := int64(0); share <= million; share += million / 4 {
		p.Labels = append(p.Labels, label{x(share), y(0) + 18, "middle", decimal(share, 10_000, 0) + "%"},
			label{x(0) - 8, y(share) + 4, "end", decimal(share, 10_000, 0) + "%"})
	}
	p.Labels = append(p.Labels, label{x(million / 2), y(0) + 40, "middle", across}, label{x(0) + 6, y(million) - 6, "start", up})
	return p
}

func gainPlot(o Order) plot {
	p := frame("累计发现曲线", "已检查的比例", "已发现的问题比例")
	p.Lines = append(p.Lines, line{points(o.Plain), "plain"}, line{points(o.Gain), "scored"})
	p.Text = fmt.Sprintf("实线为按类别（评分）由高到低检查，虚线为原顺序或随机顺序。检查一半时，前者发现 %s 的问题，后者发现 %s。", o.HalfScored.Percent(), o.HalfPlain.Percent())
	return p
}

// ratePlot shows the hit rate of each class with its interval, the strictest on top.
func ratePlot(t Tiers) plot {
	p := frame("各类别问题发现率", "问题发现率及其 95% 区间", "")
	p.Labels = p.Labels[:0]
	for share := int64(0); share <= million; share += million / 4 {
		p.Labels = append(p.Labels, label{x(share), y(0) + 18, "middle", decimal(share, 10_000, 0) + "%"})
	}
	var words []string
	for i, c := range t.Classes {
		at := y(million) + int64(2*i+1)*height/int64(2*len(t.Classes))
		name := fmt.Sprintf("%d 类", c.Class)
		p.Lines = append(p.Lines, line{fmt.Sprintf("%d,%d %d,%d", x(*c.Share.Low), at, x(*c.Share.High), at), "scored"})
		p.Marks = append(p.Marks, mark{x(c.Share.Value), at, name + " " + c.Share.Percent()})
		p.Labels = append(p.Labels, label{x(0) - 8, at + 4, "end", name})
		words = append(words, name+" "+c.Share.Percent())
	}
	p.Text = strings.Join(words, "；") + "。"
	return p
}

// fitPlot shows what was found in parts of the city over what was expected.
func fitPlot(title string, list []Calibration) plot {
	p := frame(title, "按类别预期的问题发现率", "实际问题发现率及其 95% 区间")
	p.Lines = append(p.Lines, line{fmt.Sprintf("%d,%d %d,%d", x(0), y(0), x(million), y(million)), "plain"})
	off := 0
	for _, c := range list {
		p.Lines = append(p.Lines, line{fmt.Sprintf("%d,%d %d,%d", x(c.Expected), y(*c.Share.Low), x(c.Expected), y(*c.Share.High)), "scored"})
		p.Marks = append(p.Marks, mark{x(c.Expected), y(c.Share.Value), c.Name + " " + c.Share.Percent()})
		if !c.Within {
			off++
		}
	}
	p.Text = fmt.Sprintf("虚线上实际与预期相等；%d 项中有 %d 项的预期在实际的区间之外。", len(list), off)
	return p
}
