package effect_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"rongxin/evaluators/effect"
	"rongxin/internal/credit"
)

// The page is well-formed, loads nothing, tells each plot in words, and lets no
// name of the data become markup.
func TestPage(t *testing.T) {
	var outcomes []effect.Outcome
	for i := range 60 {
		outcomes = append(outcomes, effect.Outcome{Class: int64(1 + i%4), Control: i < 20, Industry: "<b>C</b>", Division: "350102",
			Found: i%4 == 3 || i%7 == 0, Day: credit.NewDate(2026, 3, 1).AddDays(i)})
	}
	tiers, err := effect.MeasureTiers("CC-1", outcomes)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := effect.WritePage(&out, effect.Page{RunID: "r", AsOf: "2026-06-30", Draws: []effect.Tiers{tiers}}); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for what, want := range map[string]int{"<svg": 4, "<desc>": 4, "<figcaption>": 4, "<b>": 0, "http": 0, "<script": 0, "&lt;b&gt;C&lt;/b&gt;": 2} {
		if got := strings.Count(page, what); got != want {
			t.Errorf("%d times %q, want %d", got, what, want)
		}
	}
	if !strings.Contains(page, tiers.Control.Area.Percent()) || !strings.Contains(page, tiers.Classes[0].Lift.Times()) {
		t.Error("a figure is missing")
	}
	d := xml.NewDecoder(strings.NewReader(page[strings.Index(page, "<body>"):strings.Index(page, "</html>")]))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWords(t *testing.T) {
	low, high := int64(-1_250), int64(2_000)
	for _, test := range []struct{ got, want string }{
		{(*effect.Figure)(nil).Percent(), "—"},
		{(&effect.Figure{Value: 123_456}).Percent(), "12.3%（样本过小，无区间）"},
		{(&effect.Figure{Value: 999, Low: &low, High: &high}).Days(), "1.0 天（-1.3 天～2.0 天）"},
		{(&effect.Figure{Value: 1_234_567}).Times(), "1.23 倍（样本过小，无区间）"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
