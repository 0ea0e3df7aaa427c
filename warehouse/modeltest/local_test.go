package modeltest

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"rongxin/warehouse/model"
)

// A model that looks beyond a subject, or reads a table without subjects, is told
// so, though its rows are those wanted.
func TestLocalIsHeldToItsClaim(t *testing.T) {
	archive := txtar.Parse([]byte(`
-- model --
scores.shares
-- marts.facts.csv --
subject_id,fact,n:bigint
A,f,2
B,g,2
C,f,2
-- marts.facts_told.csv --
fact,told:bigint
f,3
g,3
-- want.csv --
subject_id,n
A,2
B,2
C,2
`))
	base := model.Model{Name: "scores.shares", Grain: []string{"subject_id"}, Inputs: []string{"marts.facts"}, Local: model.Local{Is: true}}
	tests := []struct{ name, sql, want string }{
		{"its own rows", "select subject_id, n from marts.facts", ""},
		{"the rows of all", "select subject_id, n - 3 + count(*) over () as n from marts.facts", "scores.shares is not local: subject by subject it gives other rows"},
		{"a table without subjects", "select facts.subject_id, facts.n from marts.facts as facts inner join marts.facts_told as told on told.fact = facts.fact",
			"every input of a local model has a subject_id"},
	}
	for _, tt := range tests {
		m := base
		m.SQL = tt.sql
		if strings.Contains(tt.sql, "told") {
			m.Inputs = append(m.Inputs, "marts.facts_told")
		}
		err := runFile(t, archive, []model.Model{m})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
