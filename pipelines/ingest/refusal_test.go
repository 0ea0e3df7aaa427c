package ingest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"rongxin/pipelines/ingest"
)

// Every code is explained, in both languages, and every file of the rooms that
// refuse goes through the functions that ask for a code.
func TestEveryRefusalHasACode(t *testing.T) {
	explained, declared, used := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, r := range ingest.Refusals() {
		if explained[string(r.Code)] || r.English == "" || r.Mend == "" || !isChinese(r.Chinese) || !isChinese(r.WhatToDo) {
			t.Errorf("%+v", r)
		}
		explained[string(r.Code)] = true
	}
	for _, file := range sources(t, ".", "../database") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "RefusalCode" && len(n.Values) == 1 {
					code, err := strconv.Unquote(n.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					declared[n.Names[0].Name] = code
				}
				return false
			case *ast.CompositeLit:
				if name := nameOf(n.Type); (name == "Refusal" || name == "badFile") && len(n.Elts) > 0 && !hasCode(n) {
					t.Errorf("a %s without a code", name)
				}
			case *ast.CallExpr:
				switch nameOf(n.Fun) {
				case "unfit", "malformed":
					compareVerbs(t, n)
					fallthrough
				case "Refuse", "stopped":
					if nameOf(n.Args[0]) == "" {
						t.Errorf("a code that is none of the constants: %v", n.Args[0])
					}
				}
				for _, arg := range n.Args {
					used[nameOf(arg)] = true
				}
			case *ast.ReturnStmt:
				for _, result := range n.Results {
					used[nameOf(result)] = true
				}
			case *ast.KeyValueExpr:
				used[nameOf(n.Value)] = true
			}
			return true
		})
	}
	if len(declared) != len(explained) {
		t.Errorf("%d codes declared, %d explained", len(declared), len(explained))
	}
	for name, code := range declared {
		if !explained[code] {
			t.Errorf("%s is not explained", code)
		}
		if !used[name] {
			t.Errorf("nothing is refused as %s", code)
		}
	}
}

// hasCode reports a literal that gives its code.
func hasCode(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Key
		}
		return nameOf(e) == "code"
	})
}

var verb = regexp.MustCompile(`%(?:\[\d\])?[a-z]`)

// compareVerbs sees that both languages tell of the same arguments, unless the
// Chinese one picks some by number.
func compareVerbs(t *testing.T, call *ast.CallExpr) {
	t.Helper()
	chinese, ok := call.Args[1].(*ast.BasicLit)
	english, isPlain := call.Args[2].(*ast.BasicLit)
	if !ok || !isPlain || chinese.Value == `""` || strings.Contains(chinese.Value, "%[") {
		return
	}
	if a, b := len(verb.FindAllString(chinese.Value, -1)), len(verb.FindAllString(english.Value, -1)); a != b {
		t.Errorf("%s has %d verbs, %s has %d", chinese.Value, a, english.Value, b)
	}
}

func nameOf(e ast.Node) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func sources(t *testing.T, dirs ...string) (files []*ast.File) {
	t.Helper()
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}

func isChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
