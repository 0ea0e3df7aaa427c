// Package screening compares a department's list of parties with the severe
// lists in force (榕发改信用〔2022〕22号第二十三条). Parties are told by their credit
// code alone: a name never makes a hit. A hit is a prompt to an official, who
// decides; it is never a refusal.
//
// The list is read as any extract is, by a contract, and nothing of it stays in
// the warehouse. What was found is noted by the caller.
package screening

import (
	_ "embed"
	"path/filepath"
	"strings"

	"rongxin/pipelines/contract"
)

//go:embed parties.yml
var partiesContract []byte

// Parties is the contract by which the list in a file is read: CSV, or the first
// sheet of a workbook.
func Parties(file string) (*contract.Contract, error) {
	text := string(partiesContract)
	if strings.EqualFold(filepath.Ext(file), ".xlsx") {
		text = strings.Replace(text, "{format: csv, encoding: auto, delivery: delta}", "{format: xlsx, sheet: first, delivery: delta}", 1)
	}
	return contract.Parse("parties.yml", []byte(text))
}
