package credit

import (
	_ "embed"
	"strings"
)

//go:embed columns.txt
var columnWords string

// ColumnWords are what the columns of the warehouse's tables are called in
// Chinese, by their names: a name means the same in every table.
func ColumnWords() map[string]string {
	words := map[string]string{}
	for line := range strings.Lines(columnWords) {
		name, word, _ := strings.Cut(strings.TrimSpace(line), " ")
		words[name] = word
	}
	return words
}
