package evaluators

import (
	"fmt"
	"strings"

	"rongxin/warehouse/engine"
)

// A pick is a CASE that picks an expression by scorecard and position.
type pick struct {
	cards []string
	byPos map[string][]string // scorecard → WHEN of its positions; nil: one ELSE for all
	all   map[string]string
}

func (p *pick) add(card *Scorecard, position int, expression string) {
	if p.byPos == nil {
		p.byPos = map[string][]string{}
	}
	if p.byPos[card.Name] == nil {
		p.cards = append(p.cards, card.Name)
	}
	p.byPos[card.Name] = append(p.byPos[card.Name], fmt.Sprintf("when %d then %s", position, expression))
}

// card adds one expression for all positions.
func (p *pick) card(card *Scorecard, expression string) {
	if p.all == nil {
		p.all = map[string]string{}
	}
	p.cards = append(p.cards, card.Name)
	p.all[card.Name] = expression
}

func (p *pick) empty() bool { return len(p.cards) == 0 }

// sql is the CASE; where nothing was added it is NULL of the type.
func (p *pick) sql(kind string) string {
	if p.empty() {
		return "cast(null as " + kind + ")"
	}
	var b strings.Builder
	for _, card := range p.cards {
		expression, ok := p.all[card]
		if !ok {
			expression = "case position\n            " + strings.Join(p.byPos[card], "\n            ") + "\n        end"
		}
		fmt.Fprintf(&b, "\n        when %s then %s", engine.Quote(card), expression)
	}
	return "case scorecard" + b.String() + "\n    end"
}
