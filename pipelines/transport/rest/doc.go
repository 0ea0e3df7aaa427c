// Package rest hands batches over to a platform's HTTP interface, in the style of
// the national sharing platform.
package rest
