// Package payload says what is sent to a platform: a mapping for each table of
// the receiver, from the columns of a run's table to the fields of its own, with
// type, length, code list, unit, mask and the rules that fields keep with each
// other.
//
// A mapping is a contract like that of a dataset, in the other direction. It is
// a file, understood in full or refused with every fault at its line and column;
// what it says was read somewhere, and it says where and how far to trust it.
// docs/payloads.md is made from the mappings.
//
// Every record is held against its mapping before it is sent. One that fails is
// held back and told with field and reason: what the receiver would refuse is
// never sent, and a value that we do not have is never made up. Of each table
//
//	read = to send + held back + not for a receiver
//
// The content of a record is one JSON object in which every field of the mapping
// stands, all of them text but those of type integer; a value that there is not
// is the empty text.
package payload
