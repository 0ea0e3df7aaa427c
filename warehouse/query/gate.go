package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrRefused is returned for a statement that may not be run, whatever it would
// have done.
var ErrRefused = errors.New("refused")

// tableFunctions are the functions that may stand in FROM: none of them reads a
// file or runs a statement that was not looked at.
var tableFunctions = []string{"range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "duckdb_functions", "duckdb_types", "duckdb_keywords"}

// admit lets through one reading statement: SELECT, VALUES, DESCRIBE, SHOW or
// SUMMARIZE. It returns it without its semicolon, after the files of each table
// it names were held against their digests.
func (s *Session) admit(ctx context.Context, text string) (string, error) {
	tree, err := s.parse(ctx, text)
	if err != nil {
		return "", err
	}
	var tables, functions []string
	visit(tree, func(node map[string]any) {
		switch node["type"] {
		case "BASE_TABLE":
			tables = append(tables, strings.ToLower(word(node, "schema_name")+"."+word(node, "table_name")))
		case "TABLE_FUNCTION":
			function, _ := node["function"].(map[string]any)
			functions = append(functions, strings.ToLower(word(function, "function_name")))
		}
	})
	for _, f := range functions {
		if !slices.Contains(tableFunctions, f) {
			return "", fmt.Errorf("%w: %s(…) in FROM: a query reads the tables of the run, which \\d lists, and %s", ErrRefused, f, strings.Join(tableFunctions, ", "))
		}
	}
	for _, t := range s.Run.Manifest.Tables {
		if s.checked[t.Name] || !slices.Contains(tables, strings.ToLower(t.Name)) {
			continue
		}
		if err := s.Run.Check(t.Name); err != nil {
			return "", err
		}
		s.checked[t.Name] = true
	}
	statement, _, _ := Next(text)
	return statement, nil
}

// parse returns the engine's parse tree of one reading statement.
func (s *Session) parse(ctx context.Context, text string) (any, error) {
	var data string
	if err := s.db.QueryRow(ctx, "select cast(json_serialize_sql(cast(? as varchar)) as varchar)", text).Scan(&data); err != nil {
		return nil, err
	}
	var tree struct {
		Kind       string `json:"error_type"`
		Message    string `json:"error_message"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(data), &tree); err != nil {
		return nil, fmt.Errorf("parse tree: %w", err)
	}
	switch {
	case tree.Kind == "not implemented": // the engine can write down reading statements only
		return nil, fmt.Errorf("%w: only SELECT, VALUES, DESCRIBE, SHOW and SUMMARIZE: a run never changes", ErrRefused)
	case tree.Kind != "":
		return nil, fmt.Errorf("query: %s", tree.Message)
	case len(tree.Statements) != 1:
		return nil, fmt.Errorf("%w: %d statements at once: give one, or several to standard input or by --file", ErrRefused, len(tree.Statements))
	}
	return tree.Statements[0], nil
}

func word(node map[string]any, key string) string { s, _ := node[key].(string); return s }

// visit calls do for every object of a tree.
func visit(tree any, do func(map[string]any)) {
	switch t := tree.(type) {
	case []any:
		for _, e := range t {
			visit(e, do)
		}
	case map[string]any:
		do(t)
		for _, e := range t {
			visit(e, do)
		}
	}
}
