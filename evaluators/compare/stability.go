package compare

import (
	"context"
	"math"
	"slices"
)

// Stability is how far the distribution of points has moved.
type Stability struct {
	Scorecard      string `json:"scorecard"`
	Characteristic string `json:"characteristic,omitempty"` // empty: the score
	Title          string `json:"title"`
	Bins           []Bin  `json:"bins"` // of the two distributions, by ascending points
	// The population stability index in ten-thousandths; nil where only one of the
	// two runs has it.
	Index *int64 `json:"psi_ten_thousandths"`
}

// A Bin counts subjects whose points, in thousandths, are above those of the bin
// before it and at most UpTo; nil is without end.
type Bin struct {
	UpTo   *int64 `json:"up_to_milli"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

// counted is how many subjects have so many points on each side.
type counted struct{ points, before, after int64 }

// Scorecards measures the scores of each scorecard.
func (c *Comparison) Scorecards(ctx context.Context) ([]Stability, error) {
	return c.stability(ctx, `
		with scores as (
			select scorecard, score_milli, 1 as was, 0 as stands from before.scores.scorecard_results
			union all
			select scorecard, score_milli, 0 as was, 1 as stands from after.scores.scorecard_results
		)
		select scores.scorecard, '', coalesce(min(words.title), scores.scorecard), score_milli, sum(was), sum(stands)
		from scores left join words on words.via = 'scorecard ' || scores.scorecard
		group by scores.scorecard, score_milli order by scores.scorecard, score_milli`)
}

// Characteristics measures the points that each characteristic gives; who has no
// record of it has none.
func (c *Comparison) Characteristics(ctx context.Context) ([]Stability, error) {
	return c.stability(ctx, `
		with given_points as (
			select scorecard, characteristic, subject_id, sum(points_milli) as points, 1 as was, 0 as stands
			from before.scores.contributions where characteristic <> 'base' group by all
			union all
			select scorecard, characteristic, subject_id, sum(points_milli) as points, 0 as was, 1 as stands
			from after.scores.contributions where characteristic <> 'base' group by all
		),
		totals as (
			select scorecard, sum(was) as was, sum(stands) as stands
			from (
				select scorecard, 1 as was, 0 as stands from before.scores.scorecard_results
				union all
				select scorecard, 0 as was, 1 as stands from after.scores.scorecard_results
			) group by scorecard
		),
		known as (
			select scorecard, characteristic, max(was) as was, max(stands) as stands
			from (
				select scorecard, characteristic, 1 as was, 0 as stands from before.rules.characteristics where characteristic <> 'base' and veto_grade is null
				union all
				select scorecard, characteristic, 0 as was, 1 as stands from after.rules.characteristics where characteristic <> 'base' and veto_grade is null
			) group by scorecard, characteristic
		),
		nobody as (
			select known.scorecard, known.characteristic, cast(0 as hugeint) as points,
				known.was * (any_value(totals.was) - coalesce(sum(given_points.was), 0)) as was,
				known.stands * (any_value(totals.stands) - coalesce(sum(given_points.stands), 0)) as stands
			from known
			inner join totals on totals.scorecard = known.scorecard
			left join given_points on given_points.scorecard = known.scorecard and given_points.characteristic = known.characteristic
			group by known.scorecard, known.characteristic, known.was, known.stands
		),
		every as (
			select scorecard, characteristic, points, was, stands from given_points
			union all
			select scorecard, characteristic, points, was, stands from nobody
		)
		select every.scorecard, every.characteristic, coalesce(min(words.title), every.characteristic), cast(points as bigint), cast(sum(was) as bigint), cast(sum(stands) as bigint)
		from every left join words on words.via = every.scorecard || '/' || every.characteristic
		group by every.scorecard, every.characteristic, points order by every.scorecard, every.characteristic, points`)
}

func (c *Comparison) stability(ctx context.Context, query string) ([]Stability, error) {
	list, points := []Stability{}, [][]counted{}
	err := c.each(ctx, query, func(scan scanner) error {
		var s Stability
		var n counted
		if err := scan(&s.Scorecard, &s.Characteristic, &s.Title, &n.points, &n.before, &n.after); err != nil {
			return err
		}
		if last := len(list) - 1; last < 0 || list[last].Scorecard != s.Scorecard || list[last].Characteristic != s.Characteristic {
			list, points = append(list, s), append(points, nil)
		}
		points[len(points)-1] = append(points[len(points)-1], n)
		return nil
	})
	for i := range list {
		list[i].Bins = bins(points[i])
		list[i].Index = index(list[i].Bins)
	}
	return list, err
}

// percentiles are the deciles, and closer ones at the ends, where few stand and
// classes are decided.
var percentiles = []int64{1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99}

// bins cuts two distributions, given by ascending points, at percentiles of the
// first, or, of at most twenty different points, at each of these. Points on which a tenth or more stand are a bin of their own.
func bins(points []counted) []Bin {
	total := int64(0)
	for _, p := range points {
		total += p.before
	}
	var bounds []int64
	sum, few := int64(0), len(points) <= 20
	for i, p := range points {
		before := sum
		sum += p.before
		if few && p.before > 0 {
			bounds = append(bounds, p.points)
		}
		for _, k := range percentiles {
			if rank := (total*k + 99) / 100; before < rank && rank <= sum {
				if i > 0 && p.before*10 >= total {
					bounds = append(bounds, points[i-1].points)
				}
				bounds = append(bounds, p.points)
			}
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	list := make([]Bin, len(bounds)+1)
	for i := range bounds {
		list[i].UpTo = &bounds[i]
	}
	at := 0
	for _, p := range points {
		for at < len(bounds) && p.points > bounds[at] {
			at++
		}
		list[at].Before += p.before
		list[at].After += p.after
	}
	return slices.DeleteFunc(list, func(b Bin) bool { return b.Before == 0 && b.After == 0 })
}

// index is Σ (after − before) · ln(after / before) over the shares of the bins, in
// ten-thousandths. An empty bin counts as half a subject.
func index(list []Bin) *int64 {
	before, after := int64(0), int64(0)
	for _, b := range list {
		before, after = before+b.Before, after+b.After
	}
	if before == 0 || after == 0 {
		return nil
	}
	sum := 0.0
	for _, b := range list {
		p, q := share(b.Before, before), share(b.After, after)
		sum += (q - p) * math.Log(q/p)
	}
	n := int64(math.Round(sum * 10000))
	return &n
}

func share(n, of int64) float64 { return max(float64(n), 0.5) / float64(of) }
