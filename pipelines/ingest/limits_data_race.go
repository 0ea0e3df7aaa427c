//go:build race

package ingest

import "syscall"

// The race detector shadows all memory with several times as much.
const childData uint64 = syscall.RLIM_INFINITY & (1<<64 - 1)
