// Package ops is the operations store: the one place where the house keeps
// state that changes. Facts and judgements are immutable files; what is left
// is small and lives here, in one SQLite file:
//
//   - the journal, an append-only chain of who asked what and why;
//   - the outbox, the batches on their way to a receiver, with every attempt
//     and every receipt;
//   - the deliveries, what a receiver last acknowledged of each record;
//   - the proposals, what needs the consent of two others before it holds, who
//     gave it, and what was tried beside what holds;
//   - the marks, how far each department's exchange database has been read.
//
// The file is opened in WAL mode with synchronous=FULL: once a method has
// returned, neither a killed process nor a power cut takes its effect back.
// Every method that changes something is one transaction begun with BEGIN
// IMMEDIATE, so that several processes may work on one store.
//
// The store reads no clock; times come in with the call. It knows no business
// words: a batch is bytes with a digest, a record is a key with a digest.
//
// To add a table, add the next numbered file to migrations/ and a file of
// small methods here. Migrations only go forward and never change once they
// have been released; the store refuses one that did.
package ops
