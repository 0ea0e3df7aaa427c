package transforms

import (
	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// industryEdition is the edition of GB/T 4754 that registrations carry.
const industryEdition = 2017

// References are the tables of the field that models join: divisions with the
// city division each belongs to, industries, the flags that landing puts on
// accepted rows, the datasets that the catalogue expects and the editions that
// have their items, working days, and the
// periods that deliveries are expected for.
func References(flags []string, items []CatalogueItem) ([]run.Seed, error) {
	days, err := calendar()
	if err != nil {
		return nil, err
	}
	spans, err := periods()
	if err != nil {
		return nil, err
	}
	return []run.Seed{divisions(), industries(), flagTable(flags), catalogue(items), catalogueEditions(items), days, spans}, nil
}

// divisions maps every code ever used in the city to the county it is in today;
// a code outside the city's counties, such as a registrar of the province,
// belongs to the city as a whole.
func divisions() run.Seed {
	seed := run.Seed{Name: "ref.divisions", Columns: []landing.Column{
		{Name: "division_code", Type: "VARCHAR"}, {Name: "division_name", Type: "VARCHAR"},
		{Name: "city_division_code", Type: "VARCHAR"}}}
	counties := map[string]bool{}
	for _, d := range credit.FuzhouDivisions() {
		counties[d.Code] = true
	}
	for _, d := range credit.Divisions() {
		city := credit.CurrentDivision(d.Code)
		if !counties[city] {
			city = credit.Fuzhou
		}
		seed.Rows = append(seed.Rows, []any{d.Code, d.Name, city})
	}
	return seed
}

func industries() run.Seed {
	seed := run.Seed{Name: "ref.industries", Columns: []landing.Column{
		{Name: "industry_code", Type: "VARCHAR"}, {Name: "industry_name", Type: "VARCHAR"},
		{Name: "section_code", Type: "VARCHAR"}}}
	for _, i := range credit.Industries(industryEdition) {
		section, _ := credit.IndustrySection(industryEdition, i.Code)
		seed.Rows = append(seed.Rows, []any{i.Code, i.Name, section})
	}
	return seed
}

func flagTable(flags []string) run.Seed {
	seed := run.Seed{Name: "ref.flags", Columns: []landing.Column{{Name: "flag", Type: "VARCHAR"}}}
	for _, f := range flags {
		seed.Rows = append(seed.Rows, []any{f})
	}
	return seed
}
