/*
Package publish delivers the results of a published run to a platform and can
prove it. What is to be delivered is worked out against what the receiver last
acknowledged, written to the outbox of the operations store, sent, and taken
off only by the receiver's own receipt; [Publisher.Reconcile] then compares
what was published, what was acknowledged and what the receiver holds.

Delivery is at least once; the receiver tells repeats by their key; together
the effect is once. Who is listed is decided elsewhere: the caller hands in
the records.

# The interface, for a platform's engineer

All paths are under one base URL, all bodies JSON in UTF-8. Times are Chinese
local time without a zone. Redirects are not followed.

	POST /v1/batches                    take a batch, answer with its receipt
	GET  /v1/state                      how many records are held, and their digest
	GET  /v1/records?after=KEY&limit=N  keys and content digests, ascending by key
	GET  /v1/receipts/{key}             the receipt given under an idempotency key
	GET  /healthz                       200 when the platform is up

A batch:

	POST /v1/batches
	Content-Type: application/json
	Idempotency-Key: 6f0c…                        64 hex digits

	{"source": "350100", "batch": "2026040100001", "run_id": "…", "as_of": "2026-04-01",
	 "count": 2, "rows": [
	{"cd_operation": "I", "cd_batch": "2026040100001", "cd_id": "91350100M000100Y43/public",
	 "cd_time": "2026-04-01 00:00:00", "cd_source": "350100", "subject_id": "91350100M000100Y43", …},
	{"cd_operation": "D", "cd_batch": "2026040100001", "cd_id": "91350102M0002XXX37/public",
	 "cd_time": "2026-04-01 00:00:00", "cd_source": "350100"}]}

cd_operation is I for a record the receiver does not hold, U for new content of
one it holds, D to remove one; a D row has no content. cd_batch is the day the
results speak for (YYYYMMDD) and a serial of five digits, ascending per
receiver. cd_id is the key of the record and occurs once in a batch. cd_time is
the as-of day, never the time of sending. Batches are sent one after another;
none is sent before the one ahead of it was answered. [Supervision] lists the
other members of a row.

Idempotency-Key is SHA-256, in lower-case hex, over the receiver's name, a line
feed, and the body. The receiver keeps it with the receipt: the same key with
the same body is answered with the same receipt and has no further effect, the
same key with another body is refused with 409.

The answer 200 is a receipt. Records are taken or refused one by one; accepted
and the length of rejected add up to the rows of the batch.

	{"receipt_id": "…", "batch": "2026040100001", "accepted": 1,
	 "rejected": [{"cd_id": "…", "code": "LENGTH", "message": "…"}],
	 "state_digest": "…"}

Any other answer is read by its status:

	408 425 429 5xx      temporary: sent again, not before Retry-After if given
	401 403 404 405 407  the sender is set up wrongly: it stops
	410 3xx              the same
	other 4xx            the batch is refused as a whole; body {"code", "message"}

A 200 that is not a receipt for this batch, a cut connection and a timeout
count as no answer: the batch is sent again under its key.

# Digests

The content of a row is its members whose names do not begin with cd_, as
canonical JSON: one object, names in ascending byte order, no white space,
UTF-8, numbers only as integers, in strings only the escapes \" \\ \b \f \n \r
\t, \u00xx for other control characters, and \u2028 \u2029. The content digest
is SHA-256 over it.

The state digest stands for all records held, whatever their order, and can be
kept up to date record by record: for each record take SHA-256 over its key, a
line feed, and its content digest in lower-case hex; read each as a 256-bit
big-endian number; add them modulo 2^256; write the sum as 64 lower-case hex
digits. Nothing held is 64 zeros. It finds faults, not forgers: the signature
and TLS are there against those.

GET /v1/state answers {"count": 20000, "state_digest": "…"}; GET /v1/records
answers {"records": [{"cd_id": "…", "digest": "…"}], "more": true} with keys
greater than after in ascending byte order.

# Signature

When a key is agreed, each request carries the headers of the national sharing
platform: gjgxjhpt_rid (requester), gjgxjhpt_sid (service), gjgxjhpt_rtime
(milliseconds since 1970, UTC) and gjgxjhpt_sign = Base64(HMAC-SHA256(key, sid
+ rid + rtime)). A proxy on the way must let header names with underscores
pass.
*/
package publish
