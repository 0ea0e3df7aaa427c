package draw

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// us separates the fields of what is hashed. No field may hold it.
const us = "\x1f"

// minText is the least length in bytes of a seed and of a witness's
// contribution: sixteen throws of a die, or the digits of a lottery or index
// with its day.
const minText = 16

// A Generator orders things at random: by the key of each. The same seed and
// commitment always give the same keys, and nobody can know one before both.
type Generator struct {
	Seed   string // see CheckSeed
	Commit string // digest of the commitment, 64 lower-case hexadecimal digits
}

// Key is SHA-256(seed ‖ 0x1f ‖ commit ‖ 0x1f ‖ purpose ‖ 0x1f ‖ id). Each
// purpose has an order of its own, independent of the others.
func (g Generator) Key(purpose, id string) [sha256.Size]byte {
	text := make([]byte, 0, 256) // on the stack as long as it suffices
	for _, field := range []string{g.Seed, us, g.Commit, us, purpose, us, id} {
		text = append(text, field...)
	}
	return sha256.Sum256(text)
}

// CheckSeed refuses a text that cannot have come from outside as a seed: a
// short one, one with control characters, or with space at an end.
func CheckSeed(seed string) error {
	switch {
	case len(seed) < minText:
		return fmt.Errorf("%q has %d bytes, wants %d or more from outside: dice, a published lottery or index number with its day", seed, len(seed), minText)
	case !plain(seed):
		return fmt.Errorf("%q is not UTF-8 without control characters", seed)
	case strings.TrimSpace(seed) != seed:
		return fmt.Errorf("%q has space at an end, which nobody sees", seed)
	}
	return nil
}

// A Contribution is the text that one witness brings to the seed.
type Contribution struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Combine makes one seed of the contributions of two or more witnesses:
// SHA-256, in lower-case hexadecimal, over the line rongxin-seed-2 and then, by
// name byte by byte, a line name ‖ 0x1f ‖ text for each, every line ended by LF.
// All faults are reported at once.
func Combine(contributions []Contribution) (seed string, err error) {
	var faults []error
	if len(contributions) < 2 {
		faults = append(faults, fmt.Errorf("%d witness, wants two or more", len(contributions)))
	}
	sorted := slices.SortedFunc(slices.Values(contributions), func(a, b Contribution) int { return strings.Compare(a.Name, b.Name) })
	text := "rongxin-seed-2\n"
	for i, c := range sorted {
		if err := c.check(); err != nil {
			faults = append(faults, err)
		}
		if i > 0 && sorted[i-1].Name == c.Name {
			faults = append(faults, fmt.Errorf("witness %s contributes twice", c.Name))
		}
		text += c.Name + us + c.Text + "\n"
	}
	return hexSum(text), errors.Join(faults...)
}

// Pledge is what a witness hands in before anybody's text is known, so that
// nobody can choose a text by those of the others: SHA-256, in lower-case
// hexadecimal, over rongxin-pledge-2 ‖ 0x1f ‖ commit ‖ 0x1f ‖ name ‖ 0x1f ‖ text.
func Pledge(commit string, c Contribution) (string, error) {
	return hexSum(strings.Join([]string{"rongxin-pledge-2", commit, c.Name, c.Text}, us)), c.check()
}

func (c Contribution) check() error {
	if c.Name == "" || !plain(c.Name) || strings.TrimSpace(c.Name) != c.Name {
		return fmt.Errorf("witness %q: the name is empty, has control characters or space at an end", c.Name)
	}
	if err := CheckSeed(c.Text); err != nil {
		return fmt.Errorf("witness %s: %w", c.Name, err)
	}
	return nil
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// plain says that a text can stand between separators.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
