package lint

import "strings"

// Functions that give the same answer on both engines for the types of the
// subset. What is missing here is not banned for ever: it is unproven.
var (
	scalars = map[string]bool{
		"nullif": true, "substr": true, "substring": true, "position": true, "length": true, "trim": true,
		"replace": true, "abs": true, "sign": true,
	}
	operators = map[string]bool{
		"+": true, "-": true, "*": true, "||": true,
		"~~": true, "!~~": true, // LIKE and NOT LIKE
	}
	aggregates = map[string]bool{"count": true, "count_star": true, "sum": true, "min": true, "max": true}
	numberings = map[string]bool{
		"row_number": true, "rank": true, "dense_rank": true, "lag": true, "lead": true, "first_value": true,
	}
)

// refusal says why a well-known function is not allowed and what to write.
type refusal struct{ rule, why string }

var (
	division  = refusal{"division", "engines divide integers and decimals differently; use fx_div_round"}
	inexact   = refusal{"aggregate", "is a DOUBLE or an approximation; write sum and count apart, or a rank"}
	arbitrary = refusal{"aggregate", "takes any row; use min, max or a row number"}
	joined    = refusal{"aggregate", "is written differently on each engine; number the rows or use array_agg inside an fx_ function"}
	skipsNull = refusal{"concat", "skips NULL on one engine and not on the other; use || with coalesce"}
	calendar  = refusal{"date-arithmetic", "differs between engines; use fx_add_days, fx_add_months or another fx_ function"}
	volatile  = refusal{"volatile", "is another in every run; the day is run.parameters.as_of"}
	hashing   = refusal{"hash", "differs between engines; use fx_sha256"}
	pattern   = refusal{"regexp", "differs between engines; use fx_like_re"}
	jsons     = refusal{"json", "differs between engines; flatten when landing"}
	nested    = refusal{"nested", "lists, maps and structs differ between engines; keep columns flat"}
	casing    = refusal{"case-folding", "differs between engines beyond ASCII; normalise when landing"}
)

var refusals = map[string]refusal{
	"/": division, "//": division, "%": division, "mod": division, "divide": division, "fdiv": division,
	"avg": inexact, "mean": inexact, "median": inexact, "stddev": inexact, "variance": inexact, "sum_no_overflow": inexact,
	"first": arbitrary, "last": arbitrary, "any_value": arbitrary, "arbitrary": arbitrary, "arg_max": arbitrary,
	"arg_min": arbitrary, "max_by": arbitrary, "min_by": arbitrary, "mode": arbitrary, "last_value": arbitrary,
	"string_agg": joined, "listagg": joined, "group_concat": joined, "list": joined,
	"concat": skipsNull, "concat_ws": skipsNull,
	"date_diff": calendar, "datediff": calendar, "date_trunc": calendar, "datetrunc": calendar, "date_add": calendar,
	"date_sub": calendar, "datesub": calendar, "date_part": calendar, "age": calendar, "last_day": calendar,
	"now": volatile, "today": volatile, "get_current_timestamp": volatile, "current_localtime": volatile, "random": volatile,
	"uuid": volatile, "gen_random_uuid": volatile, "version": volatile, "getvariable": volatile, "nextval": volatile,
	"md5": hashing, "hash": hashing, "sha1": hashing, "sha256": hashing,
	"->>": jsons, "unnest": nested, "row": nested, "map": nested, "len": nested, "array_value": nested,
	"lower": casing, "upper": casing, "lcase": casing, "ucase": casing, "~~*": casing, "!~~*": casing,
	"~": pattern, "~~~": pattern, "like_escape": pattern, "not_like_escape": pattern,
}

var refusedPrefixes = map[string]refusal{
	"approx_": inexact, "quantile": inexact, "stddev_": inexact, "var_": inexact, "regexp_": pattern, "json": jsons,
	"list_": nested, "array_": nested, "map_": nested, "struct_": nested, "to_": calendar,
}

func (v *visit) refuse(name string, at int) {
	r, known := refusals[name]
	for prefix, byPrefix := range refusedPrefixes {
		if !known && strings.HasPrefix(name, prefix) {
			r = byPrefix
		}
	}
	if r == (refusal{}) {
		r = refusal{"function", "is not among the functions that engines share"}
	}
	v.report(at, r.rule, "%s: %s", name, r.why)
}

func (v *visit) checkFunction(n, parent node, s scope, at int) {
	name := strings.ToLower(n.Text("function_name"))
	switch {
	case strings.HasPrefix(name, "fx_"):
		if !v.fx[name] {
			v.report(at, "function", "%s is not defined", name)
		}
	case name == "greatest" || name == "least":
		if !s.all(n.Nodes("children")) {
			v.report(at, "greatest", "%s of NULL is NULL on one engine only: each argument must be made of constants, "+
				"counts, row numbers or coalesce", name)
		}
	case name == "array_agg":
		if len(n.Node("order_bys").Nodes("orders")) == 0 {
			v.report(at, "aggregate", "array_agg without ORDER BY takes the rows in any order")
		}
	case name == "sum":
		v.checkSum(parent, at)
	case operators[name] && n.Flag("is_operator"):
		v.checkDateOperator(name, n, at)
	case !scalars[name] && !aggregates[name]:
		v.refuse(name, at)
	}
}

// checkSum wants a sum inside a cast: of BIGINT it is HUGEINT on DuckDB, which
// Parquet stores as DOUBLE.
func (v *visit) checkSum(parent node, at int) {
	id := parent.Node("cast_type").Text("id")
	if parent.Text("class") != "CAST" || id != "BIGINT" && id != "DECIMAL" {
		v.report(at, "sum-cast", "write cast(sum(…) as bigint), or as a decimal")
	}
}

func (v *visit) checkWindow(n, parent node, at int) {
	name := strings.ToLower(n.Text("function_name"))
	if !numberings[name] && !aggregates[name] {
		v.refuse(name, at)
	}
	if name == "sum" {
		v.checkSum(parent, at)
	}
	if numberings[name] && len(n.Nodes("orders")) == 0 {
		v.report(at, "window", "%s needs an ORDER BY", name)
	}
	if n.Flag("ignore_nulls") || n.Text("exclude_clause") != "" {
		v.report(at, "window", "%s: IGNORE NULLS and EXCLUDE are not in the common subset", name)
	}
}

// checkDateOperator finds + and - on dates, which the tree tells by a cast, by
// an fx_ function or by the name of a column: _on, _at, _until and the few
// others that hold a day.
func (v *visit) checkDateOperator(name string, n node, at int) {
	if name != "+" && name != "-" {
		return
	}
	for _, operand := range n.Nodes("children") {
		if isDate(operand) {
			v.report(at, "date-arithmetic", "%s on a date %s", name, calendar.why)
			return
		}
	}
}

// isInterval finds INTERVAL '1' DAY, which the engine parses as to_days over
// casts of its own.
func isInterval(e node) bool { return strings.HasPrefix(e.Text("function_name"), "to_") }

var days = map[string]bool{
	"as_of": true, "valid_from": true, "valid_to": true, "effective_from": true, "effective_to": true,
	"known_from": true, "known_to": true, "publicity_to": true,
}

func isDate(e node) bool {
	operands := e.Nodes("children")
	switch e.Text("class") {
	case "COLUMN_REF":
		name := e.Name()
		return days[name] || strings.HasSuffix(name, "_on") || strings.HasSuffix(name, "_at") || strings.HasSuffix(name, "_until")
	case "CAST":
		id := e.Node("cast_type").Text("id")
		return id == "DATE" || strings.HasPrefix(id, "TIMESTAMP") || id == "INTERVAL"
	case "CASE":
		operands = append(operands, e.Node("else_expr"))
		for _, c := range e.Nodes("case_checks") {
			operands = append(operands, c.Node("then_expr"))
		}
	case "FUNCTION", "WINDOW":
		switch name := e.Text("function_name"); name {
		case "fx_add_days", "fx_add_months":
			return true
		case "min", "max", "lag", "lead", "first_value", "nullif", "greatest", "least":
		default:
			return isInterval(e)
		}
	case "OPERATOR":
		if e.Text("type") != "OPERATOR_COALESCE" {
			return false
		}
	}
	for _, o := range operands {
		if isDate(o) {
			return true
		}
	}
	return false
}
