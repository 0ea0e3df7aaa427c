/*
Package note reads and writes the small files that go along with batches:
manifests, receipts, feedback, states. A note says in one file what it speaks of
and, where keys are agreed, who wrote it.

# The interface, for a platform's engineer

A note is UTF-8 without a byte order mark. Its first line is one JSON object
without line breaks in it. Its second line, where a MAC or a signature is agreed,
is a JSON object of codes over the first line:

	{"kind":"manifest","format":1,"receiver":"city_platform", …}
	{"hmac-sm3":"q1W…=","sm2":"MEUCIQ…"}

The member names of the second line are the agreed methods, the values Base64
(RFC 4648, section 4); what is coded are the bytes of the first line, without its
line end. The package comment of pipelines/signing defines the methods. Each line
ends in one line feed; a carriage return before it is not part of the line. With
no key agreed there is one line, and a second is not looked at.

Every note has these members; others may be added, and a reader passes over what
it does not know:

	kind      what the note is: manifest, receipt, feedback, state, package, returned
	format    1
	receiver  the agreed name of the receiving platform

Names of members are lower-case. A member occurs once. Digests are lower-case
hex. Times are Chinese local time, 2026-04-01 03:00:00.
*/
package note
