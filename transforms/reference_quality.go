package transforms

import (
	"fmt"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// A CatalogueItem is what models know of a dataset that somebody must send,
// whether it ever came or not.
type CatalogueItem struct {
	Dataset, Title, Department string
	Class, Item                string
	Delivery                   string
	Range                      string // of publication: public, government or authorised
	Every                      string // rhythm of delivery; empty for none
	WithinDays                 int    // after the close of a period
	ClockDays                  int    // working days of its deadline; 0 for none
	EffectiveFrom              credit.Date
	SubjectField               string // source name of the field that holds the subject's code

	Editions []CatalogueEdition // in which the item is or is not, by ascending day

	MinSharePPM, WarnAbovePPM, WarnChangesPPM int64 // of what it usually holds; 0 for no bound
}

// A CatalogueEdition says whether an edition of the national catalogue has an item.
type CatalogueEdition struct {
	Edition  int
	From     credit.Date
	To       credit.Date // last day; 0 while it lasts
	IsListed bool
}

// catalogueEditions says of every dataset whether the edition in force on a day
// had its item.
func catalogueEditions(items []CatalogueItem) run.Seed {
	seed := run.Seed{Name: "ref.catalogue_editions", Columns: []landing.Column{
		{Name: "dataset", Type: "VARCHAR"}, {Name: "item", Type: "VARCHAR"}, {Name: "edition", Type: "BIGINT"},
		{Name: "effective_from", Type: "DATE"}, {Name: "effective_to", Type: "DATE"}, {Name: "is_listed", Type: "BOOLEAN"}}}
	for _, i := range items {
		for _, e := range i.Editions {
			var to any
			if e.To != 0 {
				to = e.To.Time()
			}
			seed.Rows = append(seed.Rows, []any{i.Dataset, i.Item, int64(e.Edition), e.From.Time(), to, e.IsListed})
		}
	}
	return seed
}

func catalogue(items []CatalogueItem) run.Seed {
	seed := run.Seed{Name: "ref.catalogue", Columns: []landing.Column{
		{Name: "dataset", Type: "VARCHAR"}, {Name: "title", Type: "VARCHAR"}, {Name: "department", Type: "VARCHAR"},
		{Name: "class", Type: "VARCHAR"}, {Name: "item", Type: "VARCHAR"}, {Name: "delivery", Type: "VARCHAR"},
		{Name: "every", Type: "VARCHAR"}, {Name: "within_days", Type: "BIGINT"}, {Name: "clock_limit", Type: "BIGINT"},
		{Name: "effective_from", Type: "DATE"}, {Name: "subject_field", Type: "VARCHAR"}, {Name: "publication_range", Type: "VARCHAR"},
		{Name: "usual_of", Type: "BIGINT"}, {Name: "usual_least", Type: "BIGINT"}, // deliveries to compare with
		{Name: "min_share_ppm", Type: "BIGINT"}, {Name: "warn_above_ppm", Type: "BIGINT"}, {Name: "warn_changes_ppm", Type: "BIGINT"}}}
	for _, i := range items {
		var every, clock any
		if i.Every != "" {
			every = i.Every
		}
		if i.ClockDays > 0 {
			clock = int64(i.ClockDays)
		}
		seed.Rows = append(seed.Rows, []any{i.Dataset, i.Title, i.Department, i.Class, i.Item, i.Delivery,
			every, int64(i.WithinDays), clock, i.EffectiveFrom.Time(), i.SubjectField, i.Range,
			int64(landing.UsualOf), int64(landing.UsualLeast), i.MinSharePPM, i.WarnAbovePPM, i.WarnChangesPPM})
	}
	return seed
}

// calendar is every day of the years that have a notice, with the number of
// working days from the first of them up to it: two days are as many working
// days apart as their numbers differ.
func calendar() (run.Seed, error) {
	seed := run.Seed{Name: "ref.calendar", Columns: []landing.Column{
		{Name: "day_on", Type: "DATE"}, {Name: "is_working", Type: "BOOLEAN"}, {Name: "working_no", Type: "BIGINT"}}}
	days, err := workingDays()
	number := int64(0)
	for _, d := range days {
		if d.works {
			number++
		}
		seed.Rows = append(seed.Rows, []any{d.on.Time(), d.works, number})
	}
	return seed, err
}

type calendarDay struct {
	on    credit.Date
	works bool
}

func workingDays() ([]calendarDay, error) {
	c := credit.WorkCalendar()
	years := c.Years()
	var days []calendarDay
	for d := credit.NewDate(years[0], 1, 1); d.Year() <= years[len(years)-1]; d = d.AddDays(1) {
		works, err := c.IsWorkingDay(d)
		if err != nil {
			return nil, err
		}
		days = append(days, calendarDay{d, works})
	}
	return days, nil
}

// periodYears are those that deliveries are expected in.
const firstPeriodYear, lastPeriodYear = 2018, 2040

// periods are the spans of time that a delivery can be expected for, with the
// days of receipt that belong to each: those nearest to its last day. A working
// day's are itself and the days off after it.
func periods() (run.Seed, error) {
	seed := run.Seed{Name: "ref.periods", Columns: []landing.Column{
		{Name: "every", Type: "VARCHAR"}, {Name: "period", Type: "VARCHAR"},
		{Name: "period_from_on", Type: "DATE"}, {Name: "period_to_on", Type: "DATE"},
		{Name: "window_from_on", Type: "DATE"}, {Name: "window_to_on", Type: "DATE"}}}
	add := func(every, name string, from, to, windowFrom, windowTo credit.Date) {
		seed.Rows = append(seed.Rows, []any{every, name, from.Time(), to.Time(), windowFrom.Time(), windowTo.Time()})
	}
	for _, kind := range []struct {
		every  string
		months int
		name   func(year, n int) string
	}{
		{"month", 1, func(y, n int) string { return fmt.Sprintf("%d-%02d", y, n) }},
		{"quarter", 3, func(y, n int) string { return fmt.Sprintf("%d-Q%d", y, n) }},
		{"half-year", 6, func(y, n int) string { return fmt.Sprintf("%d-H%d", y, n) }},
		{"year", 12, func(y, _ int) string { return fmt.Sprint(y) }},
	} {
		for year := firstPeriodYear; year <= lastPeriodYear; year++ {
			for n := 1; n*kind.months <= 12; n++ {
				from := credit.NewDate(year, (n-1)*kind.months+1, 1)
				after := from.AddMonths(kind.months)
				before, next := from.AddDays(-1), after.AddMonths(kind.months).AddDays(-1)
				to := after.AddDays(-1)
				add(kind.every, kind.name(year, n), from, to, middle(before, to).AddDays(1), middle(to, next))
			}
		}
	}
	days, err := workingDays()
	for i, d := range days {
		if !d.works {
			continue
		}
		last := i
		for last+1 < len(days) && !days[last+1].works {
			last++
		}
		add("daily", d.on.String(), d.on, d.on, d.on, days[last].on)
	}
	return seed, err
}

// middle is the last day that is nearer to from than to to.
func middle(from, to credit.Date) credit.Date { return from.AddDays(int(to-from) / 2) }
