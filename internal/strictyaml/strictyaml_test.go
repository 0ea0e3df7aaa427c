package strictyaml_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/strictyaml"
)

type sample struct {
	Name   string `yaml:"name"`
	Fields []struct {
		Name string `yaml:"name"`
		Size int    `yaml:"size"`
	} `yaml:"fields"`
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name, yaml string
		check      func(*sample, *strictyaml.Document)
		want       []string
	}{
		{name: "clean", yaml: "name: a\nfields:\n  - {name: b, size: 1}\n"},
		{
			name: "all faults at once, in file order",
			yaml: "name: a\ncolour: red\nfields:\n  - {name: b, size: big}\n  - {name: '', size: 2}\n",
			check: func(s *sample, d *strictyaml.Document) {
				d.Fault("fields[1].name", "is empty")
			},
			want: []string{
				"f.yml:2:1: unknown key colour",
				"f.yml:4:5: cannot unmarshal !!str `big` into int",
				"f.yml:5:6: fields[1].name: is empty",
			},
		},
		{
			name:  "a missing key is reported at its parent",
			yaml:  "name: a\nfields:\n  - {name: b}\n",
			check: func(s *sample, d *strictyaml.Document) { d.Fault("fields[0].size", "is missing") },
			want:  []string{"f.yml:3:5: fields[0].size: is missing"},
		},
		{name: "empty", yaml: "", want: []string{"f.yml:1:1: the file is empty"}},
		{name: "two documents", yaml: "name: a\n---\nname: b\n", want: []string{"f.yml:1:1: more than one YAML document in the file"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s sample
			d := strictyaml.Decode("f.yml", []byte(tt.yaml), &s)
			if tt.check != nil {
				tt.check(&s, d)
			}
			var got []string
			if err := d.Err(); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
