package ingest

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// A dictionary numbers texts as a map would, while it grows and when it is used again.
func TestDictionary(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 8))
	var d dictionary
	for _, distinct := range []int{1, 3, 5000, 40} {
		d.reset()
		numbers := map[string]int32{}
		for range 4 * distinct {
			text := fmt.Sprint("福州", dice.IntN(distinct))
			if _, known := numbers[text]; !known {
				numbers[text] = int32(len(numbers))
			}
			if got, want := d.number([]byte(text)), numbers[text]; got != want {
				t.Fatalf("%s: number %d, want %d", text, got, want)
			}
		}
		if d.len() != len(numbers) {
			t.Errorf("%d texts, want %d", d.len(), len(numbers))
		}
		for text, n := range numbers {
			if string(d.at(n)) != text {
				t.Errorf("text %d is %s, want %s", n, d.at(n), text)
			}
		}
	}
}
