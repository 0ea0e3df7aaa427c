// Package ops is the operations store: the one place where the house keeps
// state that changes. Facts and judgements are immutable files; what is left
// is small and lives here, in one SQLite file or one schema of a PostgreSQL
// server:
//
//   - the journal, an append-only chain of who asked what and why;
//   - the outbox, the batches on their way to a receiver, with every attempt
//     and every receipt;
//   - the deliveries, what a receiver last acknowledged of each record, and the
//     dead letters, what it would not take and who decided what about it;
//   - the proposals, what needs the consent of two others before it holds, who
//     gave it, and what was tried beside what holds;
//   - the marks, how far each department's exchange database has been read.
//
// Once a method has returned, neither a killed process nor a power cut takes its
// effect back: the file is opened in WAL mode with synchronous=FULL, and a server
// must have synchronous_commit and fsync on or is refused. Every method that
// changes something has its effect as a whole or not at all; those that come at
// the same time may share a transaction. The transactions of a store come one
// after another (BEGIN IMMEDIATE, or a lock that each begins with), so that
// several processes, and with a server several machines, may work on one store.
//
// The store reads no clock; times come in with the call. It knows no business
// words: a batch is bytes with a digest, a record is a key with a digest.
//
// To add a table, add the next numbered file to migrations/ and a file of small
// methods here, in the words that both systems share (dialect.go), and test them
// with opstest.Each. Migrations only go forward and never change once they have
// been released; the store refuses one that did.
package ops
