//go:build !race

package ingest

const childData uint64 = childMemory - 64<<20
