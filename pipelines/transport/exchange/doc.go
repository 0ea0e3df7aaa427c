// Package exchange hands batches over in tables of a front-end exchange database
// (前置库), PostgreSQL or MySQL, from which the platform fetches them.
package exchange
