package shell

import (
	"strings"

	"rongxin/warehouse/query"
)

// complete is what Tab offers: commands, forms, tables for \d, and in a statement
// what the session knows. The position counts characters.
func (s *Shell) complete(line string, position int) (head string, words []string, tail string) {
	runes := []rune(line)
	before, tail := string(runes[:position]), string(runes[position:])
	var word string
	var candidates []string
	command, argument, hasArgument := strings.Cut(before, " ")
	switch {
	case !strings.HasPrefix(before, `\`) || s.pending != "":
		word, candidates = s.Complete(before, s.pending+line)
	case !hasArgument:
		word = command
		for _, c := range commands() {
			candidates = append(candidates, c.name)
		}
	case command == `\d`:
		word, candidates = s.Complete("from "+argument, "")
	case command == `\format`:
		word, candidates = argument, query.Formats()
	}
	for _, c := range candidates {
		if strings.HasPrefix(strings.ToLower(c), strings.ToLower(word)) {
			words = append(words, c)
		}
	}
	return strings.TrimSuffix(before, word), words, tail
}
