package ingest

// An arena hands out byte slices that stay valid until reset.
type arena struct {
	slab []byte
	used int
}

const slabBytes = 256 << 10

func (a *arena) take(n int) []byte {
	if a.used+n > len(a.slab) {
		a.slab, a.used = make([]byte, max(slabBytes, n)), 0
	}
	a.used += n
	return a.slab[a.used-n : a.used : a.used]
}

// release gives back the last n bytes of the last take.
func (a *arena) release(n int) { a.used -= n }

func (a *arena) copyOf(b []byte) []byte {
	space := a.take(len(b))
	copy(space, b)
	return space
}
