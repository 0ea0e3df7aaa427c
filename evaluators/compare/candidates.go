package compare

import "context"

// Candidates are the objects of one stratum of one list that a draw may draw in
// each of the two runs.
type Candidates struct {
	After      bool // of the second run
	Department string
	Scheme     string
	Class      int64
	Industry   string
	Division   string
	Line       string // of the inspection plan
	RatioBP    int64
	Least      int64
	ControlBP  int64
	Count      int64
}

// Candidates counts them, run by run, list by list.
func (c *Comparison) Candidates(ctx context.Context) ([]Candidates, error) {
	var list []Candidates
	for name, after := range map[string]bool{"before": false, "after": true} {
		err := c.each(ctx, `
			select c.department, c.scheme, c.supervision_class, coalesce(c.industry_section, '-'), c.division_code, c.quota_id,
				c.ratio_bp, c.min_count, p.control_share_bp, count(*)
			from `+name+`.lists.inspection_candidates as c
			inner join `+name+`.rules.inspection_plans as p on p.plan = c.plan
			where c.exclusion is null
			group by all order by all`, func(scan scanner) error {
			one := Candidates{After: after}
			err := scan(&one.Department, &one.Scheme, &one.Class, &one.Industry, &one.Division, &one.Line, &one.RatioBP, &one.Least, &one.ControlBP, &one.Count)
			list = append(list, one)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
