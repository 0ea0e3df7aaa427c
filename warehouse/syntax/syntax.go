// Package syntax reads SQL with the engine's own parser. What is told about a
// SELECT, by the linter and by lineage, is told from the tree that the engine
// itself works from.
package syntax

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"strings"

	"rongxin/warehouse/engine"
)

// An Error says what the parser did not understand.
type Error struct {
	At      int // the byte of the SQL, 0 where the parser names none
	Message string
}

func (e *Error) Error() string { return e.Message }

// Select parses one SELECT or set operation. An [Error] is the text's fault,
// any other the engine's.
func Select(ctx context.Context, db *engine.DB, query string) (Node, error) {
	var tree string
	err := db.QueryRow(ctx, `select cast(json_serialize_sql(cast($1 as varchar),
		skip_default := true, skip_null := true, skip_empty := true) as varchar)`, query).Scan(&tree)
	if err != nil {
		return nil, err
	}
	var parsed Node
	if err := json.Unmarshal([]byte(tree), &parsed); err != nil {
		return nil, err
	}
	if parsed.Flag("error") {
		at := 0
		fmt.Sscan(parsed.Text("position"), &at) // absent unless the parser says where
		return nil, &Error{at, parsed.Text("error_message")}
	}
	statements := parsed.Nodes("statements")
	if len(statements) != 1 {
		return nil, &Error{0, fmt.Sprintf("%d statements, a model is one SELECT", len(statements))}
	}
	return statements[0].Node("node"), nil
}

// Node is an object of the parse tree. Absent keys read as nothing.
type Node map[string]any

// Text is the string under a key.
func (n Node) Text(key string) string { s, _ := n[key].(string); return s }

// Flag is the boolean under a key.
func (n Node) Flag(key string) bool { b, _ := n[key].(bool); return b }

// Node is the object under a key.
func (n Node) Node(key string) Node { m, _ := n[key].(map[string]any); return m }

// Nodes are the objects of the list under a key.
func (n Node) Nodes(key string) []Node {
	list, _ := n[key].([]any)
	nodes := make([]Node, 0, len(list))
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			nodes = append(nodes, m)
		}
	}
	return nodes
}

// Words are the strings of the list under a key, in lower case.
func (n Node) Words(key string) []string {
	list, _ := n[key].([]any)
	words := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			words = append(words, strings.ToLower(s))
		}
	}
	return words
}

// At is where the node stands in the SQL, in bytes, or else its parent.
func (n Node) At(parent int) int {
	if f, ok := n["query_location"].(float64); ok {
		return int(f)
	}
	return parent
}

// Begin is the first place that anything in the node stands at, or else its parent.
func (n Node) Begin(parent int) int {
	first := math.MaxInt
	var seek func(tree any)
	seek = func(tree any) {
		switch t := tree.(type) {
		case []any:
			for _, e := range t {
				seek(e)
			}
		case map[string]any:
			first = min(first, Node(t).At(first))
			for _, e := range t {
				seek(e)
			}
		}
	}
	seek(map[string]any(n))
	if first == math.MaxInt {
		return parent
	}
	return first
}

// Name is what a column reference or a table is called, in lower case.
func (n Node) Name() string {
	if parts := n.Words("column_names"); len(parts) > 0 {
		return parts[len(parts)-1]
	}
	return strings.ToLower(n.Text("table_name"))
}

// A CTE is a named SELECT and the ones named before it.
type CTE struct {
	Name  string // in lower case
	Query Node
	Names []string // of its columns, where it gives them
	Outer *CTE
}

// Find is the CTE of that name that is seen from c, or nil.
func (c *CTE) Find(name string) *CTE {
	for ; c != nil; c = c.Outer {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// CTEs are the names a query defines itself, each seeing those before it.
func (n Node) CTEs(outer *CTE) iter.Seq[*CTE] {
	return func(yield func(*CTE) bool) {
		for _, entry := range n.Node("cte_map").Nodes("map") {
			value := entry.Node("value")
			outer = &CTE{Name: strings.ToLower(entry.Text("key")), Query: value.Node("query").Node("node"),
				Names: value.Words("aliases"), Outer: outer}
			if !yield(outer) {
				return
			}
		}
	}
}
