package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A mutation is a SELECT with one slip that a hand could make.
type mutation struct {
	kind  string // such as "comparison"
	was   string // the place with some words around it
	now   string // what stands there now
	line  int    // of the SELECT, from 1
	query string

	// The part of the SELECT that alone has other rows, with the slip and without:
	// of a plain UNION ALL one of its parts, otherwise all of it.
	part, whole string
}

// token is a word, number, text or sign of a SELECT, and where it stands.
type token struct {
	text       string
	start, end int
	depth      int // of round brackets
}

func (t token) is(words ...string) bool { return slices.Contains(words, strings.ToLower(t.text)) }
func (t token) word() bool              { return wordForm.MatchString(t.text) }

var (
	tokenForm = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|<=|>=|<>|\|\||\S`)
	wordForm  = regexp.MustCompile(`^[A-Za-z_]`)
	wholeForm = regexp.MustCompile(`^[0-9]+$`)
)

func tokens(query string) (list []token) {
	depth := 0
	for _, at := range tokenForm.FindAllStringIndex(query, -1) {
		text := query[at[0]:at[1]]
		if strings.HasPrefix(text, "--") || strings.HasPrefix(text, "/*") {
			continue
		}
		if text == ")" {
			depth--
		}
		list = append(list, token{text, at[0], at[1], depth})
		if text == "(" {
			depth++
		}
	}
	return list
}

// mutator makes the mutations of one SELECT.
type mutator struct {
	query string
	t     []token
	parts [][2]int // from and to of those of a plain UNION ALL
	made  []mutation
}

// mutations are all slips of the kinds that are known here.
func mutations(query string) []mutation {
	m := &mutator{query: query, t: tokens(query)}
	m.parts = m.unions()
	for i := range m.t {
		m.comparison(i)
		m.condition(i)
		m.constant(i)
		m.word(i)
		m.join(i)
		m.order(i)
		m.cases(i)
		m.arithmetic(i)
	}
	return m.made
}

// replace makes a mutation of the tokens from i up to j, without j.
func (m *mutator) replace(kind string, i, j int, text string) {
	before, after := max(i-6, 0), min(j+5, len(m.t))
	start, end := m.t[i].start, m.t[j-1].end
	words := func(from, to int) string {
		return strings.Join(strings.Fields(m.query[m.t[from].start:m.t[to-1].end]), " ")
	}
	was := words(i, j)
	if before < i {
		was = words(before, i) + " «" + was + "»"
	} else {
		was = "«" + was + "»"
	}
	if after > j {
		was += " " + words(j, after)
	}
	made := mutation{kind: kind, was: was, now: text, line: 1 + strings.Count(m.query[:start], "\n"),
		query: m.query[:start] + text + m.query[end:]}
	made.part, made.whole = made.query, m.query
	for _, p := range m.parts {
		if p[0] <= start && end <= p[1] {
			made.part, made.whole = m.query[p[0]:start]+text+m.query[end:p[1]], m.query[p[0]:p[1]]
		}
	}
	m.made = append(m.made, made)
}

// unions are the parts of a SELECT that is nothing but a UNION ALL of them.
func (m *mutator) unions() (parts [][2]int) {
	if m.at(0).is("with") {
		return nil
	}
	from := 0
	for i, t := range m.t {
		if t.depth == 0 && t.is("union") && m.at(i+1).is("all") {
			parts = append(parts, [2]int{from, t.start})
			from = m.t[i+1].end
		}
	}
	return append(parts, [2]int{from, len(m.query)})
}

func (m *mutator) at(i int) token {
	if i < 0 || i >= len(m.t) {
		return token{depth: -1}
	}
	return m.t[i]
}

var comparisons = map[string][]string{"<": {"<=", ">="}, "<=": {"<", ">"}, ">": {">=", "<="}, ">=": {">", "<"}, "=": {"<>"}, "<>": {"="}}

func (m *mutator) comparison(i int) {
	for _, other := range comparisons[m.t[i].text] {
		m.replace("comparison", i, i+1, other)
	}
}

// bounds are words at which a condition begins or ends.
var bounds = []string{"and", "or", "where", "on", "when", "then", "else", "end", "select", "from", "inner", "left", "cross", "group", "order", "union", "as", "having", ","}

// operand is the condition after token i, or before it: from and to, without to.
func (m *mutator) operand(i, step int) (from, to int) {
	j := i + step
	for depth := m.t[i].depth; m.at(j).depth > depth || m.at(j).depth == depth && !m.t[j].is(bounds...); j += step {
	}
	if step > 0 {
		return i + 1, j
	}
	return j + 1, i
}

// condition leaves out one of several conditions, or the only one of a WHERE,
// and exchanges and with or.
func (m *mutator) condition(i int) {
	switch t := m.t[i]; {
	case t.is("and", "or"):
		other := "or"
		if t.is("or") {
			other = "and"
		}
		m.replace("and/or", i, i+1, other)
		_, to := m.operand(i, 1)
		m.replace("condition left out", i, to, "")
		if from, _ := m.operand(i, -1); !m.at(from-1).is("and", "or") {
			m.replace("condition left out", from, i+1, "")
		}
	case t.is("where"):
		from, to := m.operand(i, 1)
		if !m.at(to).is("and", "or") {
			m.replace("filter left out", from, to, "true")
		}
	}
}

func (m *mutator) constant(i int) {
	t := m.t[i]
	switch {
	case wholeForm.MatchString(t.text) && m.at(i-2).is("decimal", "numeric"), wholeForm.MatchString(t.text) && m.at(i-1).text == "," && m.at(i-4).is("decimal"):
	case wholeForm.MatchString(t.text):
		n, err := strconv.ParseInt(t.text, 10, 62)
		if err != nil {
			return
		}
		m.replace("constant", i, i+1, strconv.FormatInt(n+1, 10))
		if n > 0 {
			m.replace("constant", i, i+1, strconv.FormatInt(n-1, 10))
		}
	case strings.HasPrefix(t.text, "'"):
		m.replace("text", i, i+1, strings.TrimSuffix(t.text, "'")+"~'")
	case t.is("true"):
		m.replace("constant", i, i+1, "false")
	case t.is("false"):
		m.replace("constant", i, i+1, "true")
	}
}

var words = map[string]string{"min": "max", "max": "min", "least": "greatest", "greatest": "least", "lead": "lag", "lag": "lead"}

func (m *mutator) word(i int) {
	t := m.t[i]
	call := m.at(i+1).text == "("
	switch {
	case call && words[strings.ToLower(t.text)] != "":
		m.replace("function", i, i+1, words[strings.ToLower(t.text)])
	case call && t.is("coalesce"):
		j := i + 2
		for m.at(j).depth > t.depth+1 || m.at(j).text != "," {
			j++
		}
		m.replace("coalesce", i, m.closing(i+1), "("+m.query[m.t[i+2].start:m.t[j].start]+")")
	case t.is("distinct") && !m.at(i+1).is("from"):
		m.replace("distinct", i, i+1, "")
	case t.is("union") && m.at(i+1).is("all"):
		m.replace("union", i, i+2, "union")
	case t.is("union"):
		m.replace("union", i, i+1, "union all")
	case t.is("is") && m.at(i+1).is("not") && m.at(i+2).is("null"):
		m.replace("null", i, i+3, "is null")
	case t.is("is") && m.at(i+1).is("null"):
		m.replace("null", i, i+2, "is not null")
	case t.is("not") && !m.at(i-1).is("is"):
		m.replace("not", i, i+1, "")
	case t.is("in") && m.at(i+1).text == "(" && !m.at(i-1).is("not") && m.at(i-1).word():
		m.replace("not", i, i+1, "not in")
	}
}

// closing is the token after the bracket that closes the one at i.
func (m *mutator) closing(i int) int {
	j := i + 1
	for m.at(j).depth != m.t[i].depth {
		j++
	}
	return j + 1
}

func (m *mutator) join(i int) {
	switch {
	case m.t[i].is("inner") && m.at(i+1).is("join"):
		m.replace("join", i, i+1, "left")
	case m.t[i].is("left") && m.at(i+1).is("join"):
		m.replace("join", i, i+1, "inner")
	}
}

// order turns a direction, and leaves out one of several columns of order by and
// partition by.
func (m *mutator) order(i int) {
	t := m.t[i]
	switch {
	case t.is("asc"):
		m.replace("direction", i, i+1, "desc")
	case t.is("desc"):
		m.replace("direction", i, i+1, "asc")
	case t.is("by") && m.at(i-1).is("order", "partition"):
		var starts []int
		j := i + 1
		for ; m.at(j).depth >= t.depth && !(m.at(j).depth == t.depth && m.at(j).is(")", "order", "union")); j++ {
			if j == i+1 || m.at(j-1).text == "," && m.at(j-1).depth == t.depth {
				starts = append(starts, j)
			}
		}
		for n, start := range starts {
			if len(starts) < 2 {
				break
			}
			if n+1 < len(starts) {
				m.replace(m.at(i-1).text+" by", start, starts[n+1], "")
			} else {
				m.replace(m.at(i-1).text+" by", start-1, j, "")
			}
		}
	}
}

// cases exchanges what two arms of a CASE give, and leaves one out.
func (m *mutator) cases(i int) {
	if !m.t[i].is("case") {
		return
	}
	type arm struct{ when, then, end int }
	var arms []arm
	inner := 0
	for j := i + 1; j < len(m.t); j++ {
		switch t := m.t[j]; {
		case t.is("case"):
			inner++
		case t.is("end") && inner > 0:
			inner--
		case inner > 0:
		case t.is("when", "else", "end"):
			if len(arms) > 0 && arms[len(arms)-1].end == 0 {
				arms[len(arms)-1].end = j
			}
			if t.is("when") {
				arms = append(arms, arm{when: j})
			}
		case t.is("then"):
			arms[len(arms)-1].then = j
		}
		if m.t[j].is("end") && len(arms) > 0 && arms[len(arms)-1].end == j {
			break
		}
		if m.t[j].is("else") && inner == 0 {
			break
		}
	}
	text := func(from, to int) string { return m.query[m.t[from].start:m.t[to-1].end] }
	for n, a := range arms {
		if len(arms) > 1 {
			m.replace("arm left out", a.when, a.end, "")
		}
		if n+1 == len(arms) {
			break
		}
		b := arms[n+1]
		if first, second := text(a.then+1, a.end), text(b.then+1, b.end); first != second {
			m.replace("arms exchanged", a.then+1, b.end, second+" "+m.query[m.t[a.end].start:m.t[b.then].end]+" "+first)
		}
	}
}

func (m *mutator) arithmetic(i int) {
	before := m.at(i - 1)
	if before.text == "(" && !m.at(i-2).is("count") || before.is("then", "else", "select", "and", "or", "when", "=", "<", ">", "<=", ">=", ",", "by") {
		return // a sign, not a difference
	}
	switch m.t[i].text {
	case "+":
		m.replace("arithmetic", i, i+1, "-")
	case "-":
		m.replace("arithmetic", i, i+1, "+")
	case "*":
		if before.text != "(" && before.text != "." {
			m.replace("arithmetic", i, i+1, "+")
		}
	}
}
