// Package evaluators holds judgement: scorecards, industry schemes, the overlay
// of public and industry results, overrides and supervision classes. Every
// number is dated, cited YAML under rules/; this package reads it, refuses what
// it does not understand, picks what is in force on a day, and compiles it to
// SQL models and small rule tables. It reads no facts and writes nothing.
//
// To change a rule that has been in force, copy its file under a new name, give
// it the next version and its own effective_from, and close the old one with
// effective_to. Its test file stands beside it.
package evaluators

import "embed"

//go:embed rules
var ruleFiles embed.FS

//go:embed models
var modelFiles embed.FS
