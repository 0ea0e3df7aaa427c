package effect

// Order is what an order by score does beside a plain one. Shares are
// millionths, days thousandths.
type Order struct {
	Rate
	Area       *Figure `json:"area_under_curve"` // null: nothing found, or something everywhere
	HalfPlain  *Figure `json:"found_in_first_half_plain"`
	HalfScored *Figure `json:"found_in_first_half_scored"`
	Sooner     *Figure `json:"days_sooner"` // null: days are not known
	Gain       []Point `json:"gain"`
	Plain      []Point `json:"gain_plain"`
}

// A Point of a gain curve: so much of the objects inspected, so much found.
// Millionths.
type Point struct {
	Inspected int64 `json:"inspected"`
	Found     int64 `json:"found"`
}

// Measure measures an order. The name tells its resamples apart from others.
func Measure(name string, rows []Row) (Order, error) {
	s, err := newSample(rows)
	if err != nil || len(rows) == 0 {
		return Order{Gain: []Point{}, Plain: []Point{}}, err
	}
	_, found := s.count(s.all(), s.whole)
	o := Order{Rate: rate(found, int64(len(rows))), Gain: s.gain(s.scored), Plain: s.gain(s.plain)}
	var area, plain, scored, sooner spread
	resample(name, s.weights, func() {
		m := s.measure(s.weights)
		area.add(m.area)
		plain.add(m.halfPlain)
		scored.add(m.halfScored)
		sooner.add(m.sooner)
	})
	m := s.measure(s.whole)
	o.Area, o.HalfPlain, o.HalfScored, o.Sooner = area.figure(m.area), plain.figure(m.halfPlain), scored.figure(m.halfScored), sooner.figure(m.sooner)
	return o, nil
}

func (s *sample) all() []int {
	list := make([]int, len(s.rows))
	for i := range list {
		list[i] = i
	}
	return list
}

// curvePoints bounds a gain curve: a point for each percent is enough to see it.
const curvePoints = 100

// gain is the curve from (0, 0) to (1, 1); within a block it is straight.
func (s *sample) gain(order [][]int) []Point {
	total, found := s.count(s.all(), s.whole)
	points := []Point{{}}
	if found == 0 {
		return points
	}
	var all, hits int64
	for i, block := range order {
		n, own := s.count(block, s.whole)
		all, hits = all+n, hits+own
		last := points[len(points)-1].Inspected
		if len(order) <= curvePoints || i == len(order)-1 || all*million/total-last >= million/curvePoints {
			points = append(points, Point{mulDiv(all, million, total), mulDiv(hits, million, found)})
		}
	}
	return points
}
