// Package openlineagetest judges events by the OpenLineage standard. The shapes
// are those that the standard's own Python client publishes, a class for each,
// Copyright 2018-2026 contributors to the OpenLineage project, Apache-2.0;
// scripts/openlineage-schema.sh writes them as a JSON schema.
package openlineagetest

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed openlineage.schema.json
var shapes []byte

// own is the prefix of facets that are ours alone; they are held to what every
// facet must have.
const own = "urn:rongxin:openlineage:"

// A Validator holds the shapes.
type Validator struct{ compiler *jsonschema.Compiler }

// New reads the shapes.
func New() (*Validator, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(shapes))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return &Validator{c}, c.AddResource("openlineage.json", document)
}

// Check holds one event, and each of its facets by the schema that it names,
// against the standard. All faults come at once.
func (v *Validator) Check(event []byte) error {
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(event))
	if err != nil {
		return err
	}
	e, ok := tree.(map[string]any)
	if !ok {
		return errors.New("an event is an object")
	}
	faults := []error{v.hold(e["schemaURL"], tree)}
	if e["eventType"] == nil {
		faults = append(faults, errors.New("eventType is missing"))
	}
	return errors.Join(append(faults, v.facets("", tree)...)...)
}

// facets finds every facet of the event, wherever it stands.
func (v *Validator) facets(path string, tree any) (faults []error) {
	switch t := tree.(type) {
	case []any:
		for i, e := range t {
			faults = append(faults, v.facets(fmt.Sprintf("%s[%d]", path, i), e)...)
		}
	case map[string]any:
		if url, ok := t["_schemaURL"].(string); ok && !strings.HasPrefix(url, own) {
			if err := v.hold(url, t); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", path, err))
			}
		}
		for key, e := range t {
			faults = append(faults, v.facets(path+"."+key, e)...)
		}
	}
	return faults
}

// hold holds a value against the shape that a URL names.
func (v *Validator) hold(url, value any) error {
	name, _ := url.(string)
	escaped := strings.NewReplacer("~", "~0", "/", "~1", "$", "%24").Replace(name)
	schema, err := v.compiler.Compile("openlineage.json#/$defs/" + strings.ReplaceAll(escaped, "#", "%23"))
	if err != nil {
		return fmt.Errorf("the standard has no %q: %w", name, err)
	}
	return schema.Validate(value)
}
