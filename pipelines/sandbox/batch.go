package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxBody = 32 << 20 // bytes of a batch
	maxRows = 10000
	maxKey  = 200 // characters of cd_id, bytes of an idempotency key
)

// batch is what was handed over, whichever way it came.
type batch struct {
	source, number, table, run, asOf string
	epoch                            int64  // fencing token; 0 when none was given
	left                             bool   // in a table or folder, for the platform to look; then in a lane
	lane                             int    //
	target                           string // count and state digest that the table is to reach; may be ""
	count                            int    // as the sender counted
	rows                             []row
}

// row is one change.
type row struct {
	operation, batch, key, time, source string // the members that begin with cd_

	odd     string   // a cd_ member that is not known or no text
	content []member // ascending by name
	payload string   // content as canonical JSON; "" for none
}

// member is one field of a record with its value.
type member struct {
	name  string
	kind  kind
	text  string   // what a string says, the spelling of a number
	items []string // of a list of texts
	json  string   // canonical
}

type kind byte

const (
	isNull kind = iota
	isText
	isNumber
	isTexts
	isOther // true, false, an object, a list of something else
)

func (r *row) find(name string) member {
	at, found := slices.BinarySearchFunc(r.content, name, func(m member, name string) int { return cmp.Compare(m.name, name) })
	if !found {
		return member{name: name}
	}
	return r.content[at]
}

// seal brings the content into canonical form.
func (r *row) seal() {
	if len(r.content) == 0 {
		return
	}
	byName := func(a, b member) int { return cmp.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(r.content, byName) {
		slices.SortFunc(r.content, byName)
	}
	size := 2
	for _, m := range r.content {
		size += len(m.name) + len(m.json) + 4
	}
	var b strings.Builder
	b.Grow(size)
	for i, m := range r.content {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(quoteName(m.name))
		b.WriteByte(':')
		b.WriteString(m.json)
	}
	b.WriteByte('}')
	r.payload = b.String()
}

// quoteName is quote for names, which are plain but in a hostile body.
func quoteName(name string) string {
	for _, c := range []byte(name) {
		if c != '_' && (c < 'a' || c > 'z') {
			return quote(name)
		}
	}
	return `"` + name + `"`
}

// parse reads the body of a batch in JSON. The error is for a body that is not
// one; what its values are worth is not judged here.
func parse(body []byte) (*batch, error) {
	s, err := scan(body)
	if err != nil {
		return nil, err
	}
	b, likely := new(batch), 0
	texts := map[string]*string{"source": &b.source, "batch": &b.number, "table": &b.table, "run_id": &b.run, "as_of": &b.asOf}
	err = s.object(func(name string) error {
		switch into := texts[name]; {
		case name == "rows":
			return s.array(func() error {
				r, err := parseRow(s, likely)
				if err != nil {
					return fmt.Errorf("第 %d 行：%w", len(b.rows)+1, err)
				}
				likely = max(likely, len(r.content))
				b.rows = append(b.rows, r)
				return nil
			})
		case name == "count":
			n, err := strconv.Atoi(string(s.raw()))
			if err != nil {
				return errors.New("count 应为整数")
			}
			b.count = n
		case into == nil:
			s.raw() // of a later edition of the interface
		case s.next() != '"':
			return fmt.Errorf("%s 应为文本", name)
		default:
			*into = s.string()
		}
		return nil
	})
	return b, err
}

// parseRow reads a row that is likely to have so many members.
func parseRow(s *scanner, likely int) (row, error) {
	r := row{content: make([]member, 0, likely)}
	err := s.object(func(name string) error {
		if !strings.HasPrefix(name, "cd_") {
			r.content = append(r.content, parseMember(s, name))
			return nil
		}
		into := r.exchange(name)
		if into == nil || s.next() != '"' {
			r.odd = name
			s.raw()
			return nil
		}
		*into = s.string()
		return nil
	})
	r.seal()
	return r, err
}

// exchange is where the member of the exchange of that name goes.
func (r *row) exchange(name string) *string {
	switch name {
	case "cd_operation":
		return &r.operation
	case "cd_batch":
		return &r.batch
	case "cd_id":
		return &r.key
	case "cd_time":
		return &r.time
	case "cd_source":
		return &r.source
	}
	return nil
}

func textMember(name, said string) member {
	return member{name: name, kind: isText, text: said, json: quote(said)}
}

func parseMember(s *scanner, name string) member {
	m := member{name: name}
	switch s.next() {
	case '"':
		m.kind = isText
		m.text, m.json = unquote(s.raw())
	case '[':
		m.kind = isTexts
		list := []string{}
		s.array(func() error { // an array is here
			if s.next() != '"' {
				m.kind = isOther
				list = append(list, string(s.raw()))
				return nil
			}
			said, canonical := unquote(s.raw())
			m.items, list = append(m.items, said), append(list, canonical)
			return nil
		})
		m.json = "[" + strings.Join(list, ",") + "]"
	case 'n':
		m.json = string(s.raw())
	case '{', 't', 'f':
		m.kind, m.json = isOther, string(s.raw())
	default:
		m.kind, m.json = isNumber, string(s.raw())
		m.text = m.json
	}
	return m
}

var (
	batchNumber = regexp.MustCompile(`^[0-9]{13}$`)
	sourceCode  = regexp.MustCompile(`^[0-9A-Z]{6,18}$`)
)

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isDay(s string) bool {
	_, err := time.Parse("20060102", s)
	return err == nil
}

func isTime(s string) bool {
	_, err := time.Parse(time.DateTime, s)
	return err == nil
}

func length(s string) int { return utf8.RuneCountInString(s) }
