// Package crash breaks a program on purpose, for tests. It follows the program
// by ptrace, kills it or fails it at a chosen system call, and replays what the
// program did to its files against power cuts.
//
// A kill leaves what the system calls before it did. A power cut leaves less:
// of what was not flushed, any part may be gone. So a kill is tried for real and
// a power cut on a model of the disk, which is strict: a file keeps its content
// only from its fsync on, and a name stands only from the fsync of its directory
// on, parents included. Names within a directory appear and vanish in the order
// in which they were made; a rename is whole.
package crash
