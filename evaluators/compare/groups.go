package compare

import (
	"context"
	"fmt"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// A Group is subjects of one division, section of industries or size, with how
// many of them moved and by how many classes.
type Group struct {
	Key      string   `json:"key"`
	Title    string   `json:"title"`
	Subjects int64    `json:"subjects"`
	Moved    int64    `json:"moved"`
	Stricter [4]int64 `json:"stricter"` // by exactly 0 (never), 1, 2, 3 classes
	Milder   [4]int64 `json:"milder"`
}

// Count is how many moved in a direction (any, stricter, milder) by at least so
// many classes. Who came to the list, or left it, moved by no number of classes
// and is among any of one.
func (g Group) Count(direction string, classes int64) int64 {
	if direction == "any" && classes <= 1 {
		return g.Moved
	}
	n := int64(0)
	for by := max(classes, 1); by < 4; by++ {
		if direction != "milder" {
			n += g.Stricter[by]
		}
		if direction != "stricter" {
			n += g.Milder[by]
		}
	}
	return n
}

// A Size is a line of the division by size: of entity types, of capital below a
// bound in fen, or of the rest.
type Size struct {
	Title       string
	EntityTypes []string
	Below       int64 // 0: no bound
}

// groupings are what subjects can be grouped by: SQL for the key and the title.
var groupings = map[string]struct{ key, title string }{
	"all":      {"''", "'全市'"},
	"division": {"p.division_code", "coalesce(d.division_name, p.division_code)"},
	"industry": {"coalesce(i.section_code, '-')", "coalesce(section.industry_name, '行业不详')"},
	"size":     {"coalesce(lpad(cast(sizes.position as varchar), 2, '0'), '99')", "coalesce(sizes.title, sizes.unknown)"},
}

// Groups counts the subjects by all, division, industry or size. Sizes must have
// been given for the last.
func (c *Comparison) Groups(ctx context.Context, by string) ([]Group, error) {
	g, ok := groupings[by]
	if !ok {
		return nil, fmt.Errorf("subjects are not grouped by %q", by)
	}
	join := ""
	if by == "size" {
		join = "left join sizes on sizes.subject_id = p.subject_id"
	}
	list := []Group{}
	err := c.each(ctx, fmt.Sprintf(`
		select %s as key, min(%s), class_before, class_after, count(*)
		from pairs as p
		left join after.ref.divisions as d on d.division_code = p.division_code
		left join after.ref.industries as i on i.industry_code = p.industry_code
		left join after.ref.industries as section on section.industry_code = i.section_code
		%s
		group by key, class_before, class_after order by key, class_before, class_after`, g.key, g.title, join), func(scan scanner) error {
		var one Group
		var from, to, n int64
		if err := scan(&one.Key, &one.Title, &from, &to, &n); err != nil {
			return err
		}
		if len(list) == 0 || list[len(list)-1].Key != one.Key {
			list = append(list, one)
		}
		list[len(list)-1].add(from, to, n)
		return nil
	})
	return list, err
}

func (g *Group) add(from, to, n int64) {
	g.Subjects += n
	if from == to {
		return
	}
	g.Moved += n
	switch by := to - from; {
	case from < 1 || to < 1:
	case by > 0:
		g.Stricter[by] += n
	default:
		g.Milder[-by] += n
	}
}

// SetSizes divides the subjects by size; unknown are those that no line fits.
func (c *Comparison) SetSizes(ctx context.Context, sizes []Size, unknown string) error {
	columns := []landing.Column{{Name: "position", Type: "BIGINT"}, {Name: "title", Type: "VARCHAR"},
		{Name: "entity_type", Type: "VARCHAR"}, {Name: "below", Type: "BIGINT"}}
	var rows [][]any
	for i, s := range sizes {
		var below any
		if s.Below > 0 {
			below = s.Below
		}
		for _, t := range s.EntityTypes {
			rows = append(rows, []any{int64(i + 1), s.Title, t, nil})
		}
		if s.EntityTypes == nil {
			rows = append(rows, []any{int64(i + 1), s.Title, nil, below})
		}
	}
	if err := c.db.Load(ctx, "given.sizes", columns, rows); err != nil {
		return err
	}
	return c.db.Exec(ctx, fmt.Sprintf(`create or replace temp table sizes as
		with kinds as (
			select distinct subjects.entity_type, registrations.capital_amount
			from after.intermediate.subjects as subjects
			left join after.staging.samr__registrations as registrations on registrations.record_id = subjects.record_id
		),
		fitting as (
			select kinds.entity_type, kinds.capital_amount, bands.position, bands.title,
				row_number() over (partition by kinds.entity_type, kinds.capital_amount order by bands.position) as choice
			from kinds
			inner join given.sizes as bands on bands.entity_type = kinds.entity_type
				or (bands.entity_type is null and kinds.capital_amount is not null and (bands.below is null or kinds.capital_amount < bands.below))
		)
		select subjects.subject_id, fitting.position, fitting.title, %s as unknown
		from after.intermediate.subjects as subjects
		left join after.staging.samr__registrations as registrations on registrations.record_id = subjects.record_id
		left join fitting on fitting.choice = 1 and fitting.entity_type = subjects.entity_type
			and fitting.capital_amount is not distinct from registrations.capital_amount`, engine.Quote(unknown)))
}
