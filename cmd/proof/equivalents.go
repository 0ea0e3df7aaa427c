package main

import (
	"bytes"
	_ "embed"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed equivalents.yml
var equivalentsFile []byte

// equivalent is a mutant that gives the same rows whatever the records, and why.
type equivalent struct {
	Model  string `yaml:"model"`
	Was    string `yaml:"was"` // a part of the place, as it is printed
	Now    string `yaml:"now"`
	Reason string `yaml:"reason"`
	met    bool
}

type equivalents []*equivalent

func readEquivalents() (list equivalents, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(equivalentsFile))
	dec.KnownFields(true)
	err = dec.Decode(&list)
	return list, err
}

// of is the entry that says why a mutant cannot differ.
func (list equivalents) of(m mutant) *equivalent {
	for _, e := range list {
		if e.Model == m.model.Name && e.Now == m.now && strings.Contains(m.was, e.Was) {
			return e
		}
	}
	return nil
}

// unmet names entries that no mutant was like.
func (list equivalents) unmet() (names []string) {
	for _, e := range list {
		if !e.met {
			names = append(names, e.Model+": "+e.Was)
		}
	}
	return names
}
