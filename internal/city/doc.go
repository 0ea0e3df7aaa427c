// Package city makes a synthetic city: the extracts that the departments of one
// city would send, about enterprises that do not exist.
//
// No department publishes a real extract, so demos, tests and benchmarks need an
// input of their own, and one whose truth is known. A city is deterministic: the
// same seed, number of enterprises and as-of day give the same bytes. Enterprise
// i follows from (seed, i) alone and a larger city begins with the smaller one,
// so memory does not grow with the number of enterprises.
//
// Everything bad about an enterprise comes from one hidden trait, its risk, so
// penalties, court, tax, labour and ecology records cluster on the same few and
// agree with each other, as they do in life.
//
// Faults are seeded into the files afterwards, at most one a row, and truth/
// tells each: truth/defects.csv by file, line and field, truth/summary.json by
// count. A [Config.Clean] city has none, and every row of it keeps its contract.
// The files of single industries (sectors.go, sector_grades.go, listed.go) the libraries of the
// draw and what is reported to 互联网+监管 (supervision.go) are never spoilt.
//
// What is written, below Config.Dir:
//
//	inbox/<YYYY-MM-DD>/<department>/<dataset>/<name>.<ext>   as sent on that day
//	truth/defects.csv                                        every seeded fault
//	truth/deliveries.csv                                     how the monthly reports came
//	truth/routes.csv                                         reports to 互联网+监管 that differ from double publicity
//	truth/summary.json                                       the Summary
//
// All dates in a file lie on or before the day of its folder (seeded future dates
// apart), and a department's files sort by name in the order of their sending. A
// dataset with nothing to tell sends no file.
//
// Names, persons and numbers are made up. Codes carry valid check signs; person
// ids have births in 1900 to 1909, so that nobody living is meant.
package city
