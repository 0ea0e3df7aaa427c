// Package hostile holds no code but tests: it throws what nobody should send at
// landing, each file through the real process that judges, and demands that the
// landing process lives, that memory stays within its bound, and that every file
// is refused with a reason or lands with every row accounted for.
//
// The files are made, not kept: each is a few lines that say what is wrong.
// TestHostileFiles runs the list and some mutants of good files; more of them
// with
//
//	go test ./pipelines/ingest/hostile -mutants 2000
package hostile
