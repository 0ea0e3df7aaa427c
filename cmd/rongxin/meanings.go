package main

import (
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/workbook"
)

// flagCodes are the codes that landing puts on accepted rows.
func flagCodes() []string {
	var codes []string
	for _, r := range ingest.Reasons() {
		if !r.Rejects {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// meanings explains every code that landing writes to the people who mend it.
func meanings() map[string]workbook.Meaning {
	m := map[string]workbook.Meaning{}
	for _, r := range ingest.Reasons() {
		m[r.Code] = workbook.Meaning{Title: r.Chinese, Advice: r.WhatToDo}
	}
	return m
}
