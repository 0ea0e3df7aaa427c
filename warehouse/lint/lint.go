// Package lint holds models to the SQL that two engines read alike. A model runs
// on DuckDB on one machine and on Trino across many; some constructs exist on
// one of them only, and others run on both and answer differently, which no run
// would ever tell. So a model keeps to a common subset, and this package walks
// the engine's own parse tree to see that it does.
//
// The subset is given by what is allowed: functions, operators, types, joins
// and kinds of expression that are not listed here are findings, so that a new
// version of an engine cannot widen it unseen.
//
// The parse tree is blind in a few places, and so is the linter: it knows no
// column types (dates are told by their names), no lengths in varchar(n), and
// not whether the keys of an ORDER BY make a total order.
package lint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/syntax"
)

// A Finding is one place where a model leaves the subset.
type Finding struct {
	File    string
	Line    int // from 1, in File where that is a model file the linter was shown, else in the SELECT
	Rule    string
	Message string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Rule, f.Message)
}

// A Linter checks models, one at a time.
type Linter struct {
	db    *engine.DB
	fx    map[string]bool
	roots []fs.FS
}

// New makes a linter on an engine, whose parser it uses and whose fx_ functions
// it accepts. The roots are folders where model files stand under their
// Model.File; lines of a model found there count from the top of its file, of
// any other from the top of its SELECT.
func New(ctx context.Context, db *engine.DB, roots ...fs.FS) (*Linter, error) {
	var names string
	err := db.QueryRow(ctx, `select coalesce(string_agg(distinct function_name, ' '), '')
		from duckdb_functions() where starts_with(function_name, 'fx_')`).Scan(&names)
	if err != nil {
		return nil, fmt.Errorf("lint: list the fx_ functions: %w", err)
	}
	l := &Linter{db: db, fx: map[string]bool{}, roots: roots}
	for _, name := range strings.Fields(names) {
		l.fx[name] = true
	}
	return l, nil
}

// Check returns what is wrong with a model, by line. The error is the engine's,
// never the model's: SQL that does not parse is a finding.
func (l *Linter) Check(ctx context.Context, m model.Model) ([]Finding, error) {
	v := &visit{fx: l.fx, model: m, start: l.startLine(m), reads: map[string]int{}}
	if err := l.walk(ctx, v, m.SQL); err != nil {
		return nil, fmt.Errorf("%s: lint %s: %w", m.File, m.Name, err)
	}
	checked, err := l.checkedTables(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("%s: lint the checks of %s: %w", m.File, m.Name, err)
	}
	if !v.unread {
		v.inputs(checked)
	}
	slices.SortFunc(v.found, func(a, b Finding) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Rule+a.Message, b.Rule+b.Message)
	})
	return slices.Compact(v.found), nil
}

// walk parses one SELECT and visits all of it.
func (l *Linter) walk(ctx context.Context, v *visit, query string) error {
	parsed, err := syntax.Select(ctx, l.db, query)
	if fault := (*syntax.Error)(nil); errors.As(err, &fault) {
		v.unread = true
		v.report(fault.At, "one-select", "%s", fault.Message)
		return nil
	}
	if err != nil {
		return err
	}
	v.query(parsed, nil, 0)
	return nil
}

// checkedTables are the tables that a model's checks read.
func (l *Linter) checkedTables(ctx context.Context, v *visit) (map[string]bool, error) {
	tables := map[string]bool{}
	for _, c := range v.model.Checks {
		if c.Refers != nil {
			tables[c.Refers.To] = true
		}
		if c.NoRows == "" {
			continue
		}
		// A check's SELECT is read for its tables; it need not keep to the subset.
		check := &visit{fx: l.fx, model: v.model, start: 1, reads: map[string]int{}}
		if err := l.walk(ctx, check, c.NoRows); err != nil {
			return nil, err
		}
		if check.unread {
			v.report(-1, "check", "%s: %s", c, check.found[0].Message)
		}
		for table := range check.reads {
			tables[table] = true
		}
	}
	delete(tables, v.model.Name)
	return tables, nil
}

// startLine is the line of its file on which a model's SELECT begins.
func (l *Linter) startLine(m model.Model) int {
	for _, root := range l.roots {
		data, err := fs.ReadFile(root, m.File)
		if err != nil {
			continue // stands under another root, or is compiled
		}
		if head, _, ok := strings.Cut(string(data), m.SQL); ok {
			return 1 + strings.Count(head, "\n")
		}
	}
	return 1
}
