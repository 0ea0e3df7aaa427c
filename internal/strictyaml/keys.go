package strictyaml

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Keys returns every key that a document of type T may hold, nested ones with
// their path, such as source.format. Documentation is checked against it.
func Keys[T any]() []string { return keysOf(reflect.TypeFor[T](), "") }

func keysOf(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		key := prefix + t.Field(i).Tag.Get("yaml")
		keys = append(keys, key)
		inner := t.Field(i).Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[yaml.Node]() {
			keys = append(keys, keysOf(inner, key+".")...)
		}
	}
	return keys
}
