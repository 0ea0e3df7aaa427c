package ingest

import (
	"bytes"
	"hash/maphash"
)

// A dictionary numbers the distinct texts of a chunk in the order in which they
// come. It is a hash table over texts that lie one after the other, as the page
// of the dictionary has them, so that finding one allocates nothing.
type dictionary struct {
	texts
	slots []int32  // the number after which a text of that hash is sought, plus 1; 0: none
	keys  []uint32 // the upper half of the hash, by number
}

// texts lie one after the other.
type texts struct {
	bytes []byte
	ends  []uint32 // of each text, after a 0
}

func (t *texts) reset() { t.bytes, t.ends = t.bytes[:0], append(t.ends[:0], 0) }

func (t *texts) add(text []byte) {
	t.bytes = append(t.bytes, text...)
	t.ends = append(t.ends, uint32(len(t.bytes)))
}

func (t *texts) len() int { return len(t.ends) - 1 }

func (t *texts) at(i int32) []byte { return t.bytes[t.ends[i]:t.ends[i+1]] }

// The seed differs from process to process, so that no sender can make texts
// collide; the numbers do not depend on it.
var dictionarySeed = maphash.MakeSeed()

const leastSlots = 64

func (d *dictionary) reset() {
	if d.slots == nil {
		d.slots = make([]int32, leastSlots)
	}
	d.texts.reset()
	clear(d.slots)
	d.keys = d.keys[:0]
}

// number of a text, which is taken in when it is new.
func (d *dictionary) number(text []byte) int32 {
	n, slot, key := d.seek(text)
	if n < 0 {
		return d.insert(slot, key, text)
	}
	return n
}

// seek returns the number of a text, or -1 and where it would be inserted.
func (d *dictionary) seek(text []byte) (number int32, slot, key uint32) {
	hash := maphash.Bytes(dictionarySeed, text)
	key, mask := uint32(hash>>32), uint32(len(d.slots)-1)
	for slot = uint32(hash) & mask; d.slots[slot] != 0; slot = (slot + 1) & mask {
		if n := d.slots[slot] - 1; d.keys[n] == key && bytes.Equal(text, d.at(n)) {
			return n, 0, 0
		}
	}
	return -1, slot, key
}

// insert takes in a text where seek did not find it.
func (d *dictionary) insert(slot, key uint32, text []byte) int32 {
	n := int32(d.len())
	d.slots[slot] = n + 1
	d.keys = append(d.keys, key)
	d.add(text)
	if 2*d.len() > len(d.slots) {
		d.grow()
	}
	return n
}

func (d *dictionary) grow() {
	d.slots = make([]int32, 4*len(d.slots))
	mask := uint32(len(d.slots) - 1)
	for n := range int32(d.len()) {
		slot := uint32(maphash.Bytes(dictionarySeed, d.at(n))) & mask
		for d.slots[slot] != 0 {
			slot = (slot + 1) & mask
		}
		d.slots[slot] = n + 1
	}
}
