package landing

import "slices"

// A batch is compared with what its dataset usually holds: the median of the
// rows of its last deliveries before, once there are enough of them.
const (
	UsualOf    = 8 // deliveries at most
	UsualLeast = 4 // deliveries at least; before that anything is usual
)

// Usual is the median of the rows read in the last deliveries before b, the
// lower of two; false when there were too few to tell. batches are those of its
// dataset in the order they became known, with or without b.
func Usual(batches []Batch, b Batch) (rows int64, of int, ok bool) {
	var counts []int64
	for _, earlier := range slices.Backward(batches) {
		if earlier.Parent == "" && Compare(earlier, b) < 0 && len(counts) < UsualOf {
			counts = append(counts, earlier.Rows.Read)
		}
	}
	if len(counts) < UsualLeast {
		return 0, len(counts), false
	}
	slices.Sort(counts)
	return counts[(len(counts)-1)/2], len(counts), true
}
