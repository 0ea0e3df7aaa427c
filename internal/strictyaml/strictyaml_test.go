package strictyaml_test

import (
	"fmt"
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
		Odd  odd    `yaml:"odd"`
	} `yaml:"fields"`
}

// odd is a text of odd length, refused as a type of ours refuses it.
type odd string

func (o *odd) UnmarshalText(text []byte) error {
	if len(text)%2 == 0 {
		return fmt.Errorf("%q is even", text)
	}
	*o = odd(text)
	return nil
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
				"f.yml:4:15: fields[0].size: want a whole number, not big",
				"f.yml:5:6: fields[1].name: is empty",
			},
		},
		{
			name: "values that a type of ours refuses, beside the other faults",
			yaml: "name: a\nfields:\n  - {name: 甲, odd: ab, size: big}\n  - {odd: ab, name: 乙}\n  - {odd: abcd}\n  - {odd: abc}\n",
			check: func(s *sample, d *strictyaml.Document) {
				if len(s.Fields) != 4 || s.Fields[1].Name != "乙" || s.Fields[3].Odd != "abc" {
					d.Fault("name", "what is right was lost: %+v", s)
				}
			},
			want: []string{
				"f.yml:3:15: fields[0].odd: \"ab\" is even",
				"f.yml:3:24: fields[0].size: want a whole number, not big",
				"f.yml:4:6: fields[1].odd: \"ab\" is even",
				"f.yml:5:6: fields[2].odd: \"abcd\" is even",
			},
		},
		{
			name:  "a missing key is reported at its parent",
			yaml:  "name: a\nfields:\n  - {name: b}\n",
			check: func(s *sample, d *strictyaml.Document) { d.Fault("fields[0].size", "is missing") },
			want:  []string{"f.yml:3:5: fields[0].size: is missing"},
		},
		{
			name: "values of another form, whole though the decoder cuts them off",
			yaml: "name: [a]\nfields: 单位名称和代码\n",
			want: []string{
				"f.yml:1:1: name: want one text, not a list",
				"f.yml:2:1: fields: want a list such as [a, b], not 单位名称和代码",
			},
		},
		{
			name: "a full-width comma, beside where the mapping begins",
			yaml: "name: 一，二\nfields:\n  - {name: b， size: 1}\n",
			want: []string{
				"f.yml:3:1: did not find expected ',' or '}'",
				"f.yml:3:13: \"，\" is a full-width comma: write , and a blank",
			},
		},
		{
			name: "full-width colons, all of them",
			yaml: "name：a\n# note：b\nfields:\n  - {name：b, size：1}\n",
			want: []string{
				"f.yml:1:1: want keys with values, such as {a: 1}, not name：a",
				"f.yml:1:5: \"：\" is a full-width colon: write : and a blank",
				"f.yml:4:10: \"：\" is a full-width colon: write : and a blank",
				"f.yml:4:18: \"：\" is a full-width colon: write : and a blank",
			},
		},
		{
			name: "no blank after a colon, a tab",
			yaml: "name:甲\nfields:\n\t- {name: b, size: 1}\n",
			want: []string{
				"f.yml:1:5: \":\" needs a blank after it",
				"f.yml:2:1: mapping values are not allowed in this context",
				"f.yml:3:1: \"\\t\" is a tab: indent with blanks",
			},
		},
		{name: "GBK", yaml: "name: a\n# \xb5\xa5\n", want: []string{"f.yml:2:1: the text is not UTF-8 (GBK perhaps): save the file as UTF-8"}},
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
