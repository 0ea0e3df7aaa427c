// Package sandbox is a stand-in for a receiving platform: it takes batches,
// checks them as a platform would, keeps what it took in a SQLite file of its
// own, answers with receipts and verdicts, and fails when told to.
//
// It shares no code with the sender: no mapping, no transport, no signature.
// The interfaces are written down in the package comments of pipelines/publish
// and pipelines/transport, and this is a second reading of them; what a record
// may hold is stated once more in tables/*.yml, from the exchange standards.
// Where the two disagree on a field, a digest or a rule, a test or a
// reconciliation says so. docs/platform.md shows it to a platform's engineer.
//
// Beside any interface it answers, to whoever runs it,
//
//	GET /v1/audit                   what happened so far, counted from the effects themselves
//	GET /v1/history?table=T&key=K   every effect on one record
//	GET /v1/faults                  the failures in force
//	PUT /v1/faults                  other failures, in the words of [ParseFaults]; empty for none
//
// which need no signature: the sandbox is for tests and demonstrations and is
// to listen on the loopback only.
package sandbox
