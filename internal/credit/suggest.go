package credit

import (
	"cmp"
	"slices"
	"strings"
)

const (
	maxSuggestions = 5
	maxConfused    = 5 // letters outside the alphabet; with more, the text is no code
)

// The kinds of slip, likeliest first.
const (
	slipConfused = iota // a letter outside the alphabet for the sign it looks like
	slipSimilar         // a sign for another of the same looks: 0 for D, 8 for B
	slipSwapped         // two neighbours changed places
	slipReplaced        // any other single sign
)

// candidate is a valid code that one slip may have turned into the text.
type candidate struct {
	code        string
	implausible int // 0 to 3: unknown category, unknown division, odd organisation code
	slip        int
	detail      int // order within a slip, lower is likelier
}

// suggest returns the likeliest repairs of a code, at most five.
func suggest(code string) []string {
	all := Repairs(code)
	return all[:min(len(all), maxSuggestions)]
}

// Repairs returns every valid code that is one slip away from a text in normal
// form, likeliest first: who has a register looks each of them up. A code with a
// known category, a known division and an organisation code of the usual build
// comes before any other; then the kind of slip decides, then the place: the
// check signs first, the rest from the right, since serial numbers are mistyped
// more than the constant head of a code. The order is total, so the same text
// always gets the same answer. A text that is valid, a placeholder or somebody's
// id number has none.
func Repairs(code string) []string {
	if len(code) != codeLength || ClassifyCode(code) == CodeValid || IsPersonID(code) || isPlaceholder(code) {
		return []string{}
	}
	var found []candidate
	wrong := wrongPlaces(code)
	switch {
	case len(wrong) > maxConfused:
		return []string{}
	case len(wrong) > 0:
		found = confused(found, []byte(code), wrong, 0)
	default:
		found = swapped(found, code)
	}
	if len(wrong) <= 1 {
		found = replaced(found, code, wrong)
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.implausible-b.implausible, a.slip-b.slip, a.detail-b.detail, strings.Compare(a.code, b.code))
	})
	repairs := make([]string, 0, len(found))
	for _, c := range found {
		if !slices.Contains(repairs, c.code) {
			repairs = append(repairs, c.code)
		}
	}
	return repairs
}

func wrongPlaces(code string) (places []int) {
	for i := range len(code) {
		if !isCodeSign(code[i]) {
			places = append(places, i)
		}
	}
	return places
}

// confusedWith lists, for the five letters that GB 32100 leaves out because
// they are misread, the signs they may stand for, likeliest first.
func confusedWith(letter byte) string {
	switch letter {
	case 'I':
		return "1LT"
	case 'O':
		return "0QD"
	case 'Z':
		return "27"
	case 'S':
		return "58"
	case 'V':
		return "UYW"
	}
	return ""
}

// confused tries every reading of the letters at the wrong places.
func confused(found []candidate, code []byte, wrong []int, detail int) []candidate {
	if len(wrong) == 0 {
		return appendValid(found, code, slipConfused, detail)
	}
	i, letter := wrong[0], code[wrong[0]]
	for rank, sign := range []byte(confusedWith(letter)) {
		code[i] = sign
		found = confused(found, code, wrong[1:], detail+rank)
	}
	code[i] = letter
	return found
}

func swapped(found []candidate, code string) []candidate {
	signs := []byte(code)
	for i := range codeLength - 1 {
		signs[i], signs[i+1] = signs[i+1], signs[i]
		found = appendValid(found, signs, slipSwapped, codeLength-i)
		signs[i], signs[i+1] = signs[i+1], signs[i]
	}
	return found
}

// replaced tries every sign at every place, or only at the one wrong place.
func replaced(found []candidate, code string, wrong []int) []candidate {
	signs := []byte(code)
	for i, old := range []byte(code) {
		if len(wrong) > 0 && i != wrong[0] {
			continue
		}
		for _, sign := range []byte(usccSigns) {
			signs[i] = sign
			if sign == old || ClassifyCode(signs) != CodeValid {
				continue
			}
			slip, detail := slipReplaced, codeLength-i
			if areSimilar(old, sign) {
				slip = slipSimilar
			} else if isDigit(old) != isDigit(sign) && i < 16 {
				detail += codeLength // a digit is seldom mistyped as a letter
			}
			found = appendValid(found, signs, slip, detail)
		}
		signs[i] = old
	}
	return found
}

// areSimilar knows signs of the alphabet that are taken for each other by the
// eye, by optical reading, or (1 and 7, 3 and 8) in handwriting.
func areSimilar(a, b byte) bool {
	for _, group := range [...]string{"0DQ", "1L7T", "8B3", "2Z7", "5S6", "6G", "CG", "4A", "UWY", "MNH", "EF", "PR", "KX"} {
		if strings.IndexByte(group, a) >= 0 && strings.IndexByte(group, b) >= 0 {
			return true
		}
	}
	return false
}

func appendValid(found []candidate, signs []byte, slip, detail int) []candidate {
	if ClassifyCode(signs) != CodeValid {
		return found
	}
	c := candidate{code: string(signs), slip: slip, detail: detail}
	if _, known := CategoryName(c.code[:2]); !known {
		c.implausible++
	}
	if _, known := FindDivision(c.code[2:8]); !known {
		c.implausible++
	}
	if org := c.code[8:16]; isDigit(org[0]) && !allDigits(org) {
		c.implausible++ // issued organisation codes are all digits or begin with a letter
	}
	return append(found, c)
}
