package main

import (
	"bytes"
	_ "embed"
	"fmt"
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

// unlike is an error that names every entry that no mutant is like.
func (list equivalents) unlike(mutants []mutant) error {
	met := map[*equivalent]bool{}
	for _, m := range mutants {
		met[list.of(m)] = true
	}
	var names []string
	for _, e := range list {
		if !met[e] {
			names = append(names, e.String())
		}
	}
	if names != nil {
		return fmt.Errorf("equivalents.yml: no mutant is like %s: take it out, or say where its place is now", strings.Join(names, "; "))
	}
	return nil
}

// disproved is an error that names every mutant that died although it is said
// not to differ.
func (list equivalents) disproved(mutants []mutant, fates []fate) error {
	var names []string
	for i, m := range mutants {
		if fates[i] == killed && list.of(m) != nil {
			names = append(names, m.String())
		}
	}
	if names != nil {
		return fmt.Errorf("equivalents.yml: said not to differ, and killed: %s", strings.Join(names, "; "))
	}
	return nil
}

func (e equivalent) String() string { return fmt.Sprintf("%s: %s → %s", e.Model, e.Was, e.Now) }
