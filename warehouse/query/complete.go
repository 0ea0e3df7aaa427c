package query

import (
	"regexp"
	"slices"
	"strings"

	"rongxin/warehouse/landing"
)

// keywords are offered where a name of the run may not stand alone.
var keywords = strings.Fields(`select from where group by order having limit offset join left right full inner cross on using as
	and or not in is null like between exists case when then else end distinct union all except intersect with values
	asc desc nulls first last over partition qualify filter count sum avg min max coalesce cast date true false describe summarize`)

var (
	lastWord  = regexp.MustCompile(`[\p{L}\p{N}_.]*$`)
	afterFrom = regexp.MustCompile(`(?i)(\bfrom|\bjoin|\bdescribe|\bsummarize)\s+$`)
	mention   = regexp.MustCompile(`(?i)\b(\w+\.\w+)(?:\s+(?:as\s+)?(\w+))?`)
)

// Complete returns the last word of what stands before the cursor, and what it
// may become: tables after FROM and JOIN; columns of the tables that the
// statement names, by their alias too; keywords. Statement is all that was
// written of it, also after the cursor.
func (s *Session) Complete(before, statement string) (word string, candidates []string) {
	word = lastWord.FindString(before)
	switch at := strings.LastIndexByte(word, '.'); {
	case at >= 0:
		if columns := s.columnsOf(statement, word[:at]); columns != nil {
			for _, c := range columns {
				candidates = append(candidates, word[:at+1]+c.Name)
			}
			break
		}
		candidates = s.tableNames()
	case afterFrom.MatchString(strings.TrimSuffix(before, word)):
		candidates = s.tableNames()
	default:
		for _, name := range s.named(statement) {
			entry, _ := s.Run.Manifest.Table(name.table)
			for _, c := range entry.Columns {
				candidates = append(candidates, c.Name)
			}
		}
		candidates = append(candidates, cased(keywords, word)...)
		candidates = append(candidates, s.tableNames()...)
	}
	candidates = slices.DeleteFunc(candidates, func(c string) bool {
		return len(c) < len(word) || !strings.EqualFold(c[:len(word)], word)
	})
	slices.Sort(candidates)
	return word, slices.Compact(candidates)
}

func (s *Session) tableNames() []string {
	names := make([]string, len(s.Run.Manifest.Tables))
	for i, t := range s.Run.Manifest.Tables {
		names[i] = t.Name
	}
	return names
}

// named are the tables of the run that a statement names, with their aliases.
type tableNamed struct{ table, alias string }

func (s *Session) named(statement string) (list []tableNamed) {
	for _, m := range mention.FindAllStringSubmatch(statement, -1) {
		table := strings.ToLower(m[1])
		if _, ok := s.Run.Manifest.Table(table); ok {
			list = append(list, tableNamed{table, m[2]})
		}
	}
	return list
}

// columnsOf are the columns behind an alias or the name of a table; nil where
// the prefix is neither.
func (s *Session) columnsOf(statement, prefix string) []landing.Column {
	for _, n := range s.named(statement) {
		_, short, _ := strings.Cut(n.table, ".")
		if strings.EqualFold(prefix, n.alias) || strings.EqualFold(prefix, n.table) || strings.EqualFold(prefix, short) {
			entry, _ := s.Run.Manifest.Table(n.table)
			return entry.Columns
		}
	}
	return nil
}

// cased are words in capitals where that is how the person writes.
func cased(words []string, as string) []string {
	if as == "" || as != strings.ToUpper(as) {
		return words
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = strings.ToUpper(w)
	}
	return list
}
