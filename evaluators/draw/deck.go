package draw

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// A seat is an inspector waiting for the next turn.
type seat struct {
	*Inspector
	turn int
	key  [sha256.Size]byte
}

func (a seat) compare(b seat) int {
	return cmp.Or(cmp.Compare(a.turn, b.turn), bytes.Compare(a.key[:], b.key[:]), strings.Compare(a.ID, b.ID))
}

// A deck is the inspectors of one division by their next turn in one role.
type deck struct {
	role  string
	g     Generator
	seats []*seat
}

func (d *deck) add(one *Inspector) {
	s := &seat{Inspector: one}
	d.seat(s)
}

// seat gives a seat its key for the turn it waits for and puts it in its place.
func (d *deck) seat(s *seat) {
	s.key = d.g.Key(d.role, s.ID+us+strconv.Itoa(s.turn))
	at, _ := slices.BinarySearchFunc(d.seats, s, func(a, b *seat) int { return a.compare(*b) })
	d.seats = slices.Insert(d.seats, at, s)
}

// take gives the i-th of the deck a turn.
func (d *deck) take(i int) (*Inspector, Member) {
	s := d.seats[i]
	m := Member{Role: d.role, InspectorID: s.ID, Key: hex.EncodeToString(s.key[:])}
	d.seats = slices.Delete(d.seats, i, i+1)
	s.turn++
	d.seat(s)
	return s.Inspector, m
}

// A hall is the decks of all divisions, in both roles.
type hall map[string]*[2]deck

func newHall(inspectors []Inspector, g Generator) hall {
	h := hall{}
	for _, one := range inspectors {
		if h[one.Division] == nil {
			h[one.Division] = &[2]deck{{role: InspectorRole, g: g}, {role: SpareRole, g: g}}
		}
		for role := range h[one.Division] {
			h[one.Division][role].add(&one)
		}
	}
	return h
}

// decks are those whose inspectors may come to a division: its own, that of its
// city and that of its province.
func (h hall) decks(division string) (decks []*[2]deck) {
	for _, wide := range slices.Compact([]string{division, division[:4] + "00", division[:2] + "0000"}) {
		if d := h[wide]; d != nil {
			decks = append(decks, d)
		}
	}
	return decks
}

// A table is where the team of one object comes together.
type table struct {
	decks     []*[2]deck
	withdrawn []Conflict
	need      Need
}

// fill draws a team that the pool can give, and its spares, and tells what is
// short of these.
func (t table) fill(team *Team) {
	var taken []*Inspector
	draw := func(role int, fits func(*Inspector) bool) bool {
		who, m := t.first(role, func(one *Inspector) bool { return !slices.Contains(taken, one) && t.free(one) && fits(one) })
		if who != nil {
			taken, team.Members = append(taken, who), append(team.Members, m)
		}
		return who != nil
	}
	for _, q := range t.need.Qualifications {
		if !slices.ContainsFunc(taken, func(one *Inspector) bool { return one.holds(q) }) {
			draw(0, func(one *Inspector) bool { return one.holds(q) })
		}
	}
	for len(team.Members) < t.need.PerObject && draw(0, func(*Inspector) bool { return true }) {
	}
	size := len(team.Members)
	for len(team.Members) < size+t.need.Spares && draw(1, t.complete) {
	}
	for i := range team.Members {
		team.Members[i].Place = i + 1
		if i >= size {
			team.Members[i].Place -= size
		}
	}
	if found := len(team.Members) - size; found < t.need.Spares {
		team.Shortages = append(team.Shortages, Shortage{SpareRole, t.need.Spares, found, t.reason("替补须具备全部所需资格", t.complete)})
	}
}

// first gives a turn to the first of all decks that fits.
func (t table) first(role int, fits func(*Inspector) bool) (*Inspector, Member) {
	var best *seat
	var in *deck
	at := 0
	for _, both := range t.decks {
		d := &both[role]
		i := slices.IndexFunc(d.seats, func(s *seat) bool { return fits(s.Inspector) })
		if i >= 0 && (best == nil || d.seats[i].compare(*best) < 0) {
			best, in, at = d.seats[i], d, i
		}
	}
	if best == nil {
		return nil, Member{}
	}
	return in.take(at)
}

// short says what keeps the pool from giving a whole team.
func (t table) short() *Shortage {
	found := t.count(t.free)
	if found < t.need.PerObject {
		return &Shortage{InspectorRole, t.need.PerObject, found, t.reason("人员不足", func(*Inspector) bool { return true })}
	}
	for _, q := range t.need.Qualifications {
		holds := func(one *Inspector) bool { return one.holds(q) }
		if t.count(func(one *Inspector) bool { return holds(one) && t.free(one) }) == 0 {
			return &Shortage{InspectorRole, t.need.PerObject, found, t.reason("无可派人员具备资格“"+q+"”", holds)}
		}
	}
	return nil
}

// reason tells how many would do and how many of them are withdrawn, and why.
func (t table) reason(what string, fits func(*Inspector) bool) string {
	able, why, counts := 0, []string(nil), map[string]int{}
	t.count(func(one *Inspector) bool {
		if !fits(one) {
			return false
		}
		able++
		if i := t.conflict(one); i >= 0 {
			reason := t.withdrawn[i].Reason
			counts[reason]++
			why = append(why, reason)
		}
		return true
	})
	slices.Sort(why)
	text := what + "：本区划及上级符合条件" + strconv.Itoa(able) + "人"
	for _, reason := range slices.Compact(why) {
		text += "，" + strconv.Itoa(counts[reason]) + "人回避（" + reason + "）"
	}
	return text
}

func (t table) count(fits func(*Inspector) bool) (n int) {
	for _, both := range t.decks {
		for _, s := range both[0].seats {
			if fits(s.Inspector) {
				n++
			}
		}
	}
	return n
}

func (t table) free(one *Inspector) bool {
	return len(t.withdrawn) == 0 || t.conflict(one) < 0
}

func (t table) conflict(one *Inspector) int {
	return slices.IndexFunc(t.withdrawn, func(c Conflict) bool { return c.InspectorID == one.ID })
}

func (t table) complete(one *Inspector) bool {
	return !slices.ContainsFunc(t.need.Qualifications, func(q string) bool { return !one.holds(q) })
}

func (one *Inspector) holds(qualification string) bool {
	return slices.Contains(one.Qualifications, qualification)
}
