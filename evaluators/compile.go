package evaluators

import (
	"slices"

	"rongxin/warehouse/model"
)

// Models are the tables of judgement: those compiled from scorecards and
// schemes, and the written ones under models/ that join the rule tables.
func (s *RuleSet) Models() ([]model.Model, error) {
	overlay, err := model.Load(modelFiles, "models/overlay", model.Evaluate)
	if err != nil {
		return nil, err
	}
	lists, err := model.Load(modelFiles, "models/lists", model.List)
	if err != nil {
		return nil, err
	}
	scores, err := model.Load(modelFiles, "models/scores", model.Evaluate)
	if err != nil {
		return nil, err
	}
	models := []model.Model{s.counted(), s.vetoes(), s.contributions(), s.scorecardResults()}
	for i := range models {
		models[i].Local.Is = true // a subject is judged by its own records
	}
	return slices.Concat(models, scores, overlay, lists), nil
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
