// Package credit holds the words of the field: the unified social credit code
// and the older numbers beside it, civil dates and the working-day calendar,
// administrative divisions with their history, industry codes by edition, and
// the grades that authorities publish.
//
// They live in one package below all others because every room must mean the
// same thing by them: landing, scoring and delivery agree on what a valid code
// is, when the seventh working day falls, and that "not evaluated" is no grade.
// The package reads nothing from outside; its tables are embedded from data/
// (data/SOURCES.md says where each comes from), parsed on first use and never
// changed afterwards, so everything here is safe for concurrent use.
package credit
