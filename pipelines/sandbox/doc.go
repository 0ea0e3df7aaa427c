// Package sandbox is a stand-in for a receiving platform: it takes batches over
// HTTP, checks them as a platform would, keeps what it took in a SQLite file
// of its own, answers with receipts, and fails when told to.
//
// It shares no code with the sender. The interface is written down in the
// package comment of pipelines/publish, and this is a second reading of it:
// where the two disagree on a digest or a rule, a test or a reconciliation
// says so. A platform's engineer can use it to see what will arrive and what
// is expected back; the checks of a row are the table in rules.go.
//
// Beside the interface it has
//
//	GET /v1/faults   the failures in force
//	PUT /v1/faults   other failures, in the words of [ParseFaults]; empty for none
//
// which need no signature: the sandbox is for tests and demonstrations and is
// to listen on the loopback only.
package sandbox
