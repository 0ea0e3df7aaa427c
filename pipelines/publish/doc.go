/*
Package publish delivers the results of a published run to a receiver and can
prove it. What is to be delivered is worked out against what the receiver last
acknowledged, written to the outbox of the operations store, handed over by a
[Transport], and taken off only by the receiver's own receipt;
[Publisher.Reconcile] then compares what was published, what was acknowledged
and what the receiver holds.

Delivery is at least once; the receiver tells repeats by their key; together
the effect is once. Who is listed is decided elsewhere: the caller hands in
the records.

# The interface, for a platform's engineer

This is the interface over HTTP; the other transports carry the same batches,
operations, digests and receipts in tables or files. All paths are under one
base URL, all bodies JSON in UTF-8. Times are Chinese local time without a
zone. Redirects are not followed.

	POST /v1/batches                            take a batch, answer with its receipt
	GET  /v1/notices?after=CURSOR&limit=N       what has become of batches since
	GET  /v1/state?table=T                      how many records of a table are held, and their digest
	GET  /v1/records?table=T&after=KEY&limit=N  keys and content digests, ascending by key
	GET  /v1/receipts/{key}                     the receipt given under an idempotency key
	GET  /healthz                               200 when the platform is up

A batch:

	POST /v1/batches
	Content-Type: application/json
	Idempotency-Key: 6f0c…                        64 hex digits
	Fencing-Token: 12                             a whole number
	State-Target: 20000 91b7…                     count and state digest

	{"source": "350100", "batch": "2026040100001", "run_id": "…", "as_of": "2026-04-01",
	 "table": "supervision_results", "lane": 3, "count": 2, "rows": [
	{"cd_operation": "I", "cd_batch": "2026040100001", "cd_id": "91350100M000100Y43/public",
	 "cd_time": "2026-04-01 00:00:00", "cd_source": "350100", "subject_id": "91350100M000100Y43", …},
	{"cd_operation": "D", "cd_batch": "2026040100001", "cd_id": "91350102M0002XXX37/public",
	 "cd_time": "2026-04-01 00:00:00", "cd_source": "350100"}]}

All rows of a batch belong to one table. cd_operation is I for a record the
receiver does not hold, U for new content of one it holds, D to remove one; a D
row has no content. A batch has its I first, then its U, then its D, each by
key. cd_batch is the day the results speak for (YYYYMMDD) and a serial of five
digits, which no other batch for the receiver bears. cd_id is the key of the
record within its table and occurs once in a batch. cd_time is the as-of day,
never the time of sending. The mapping of the table lists the other members.

The records of one enterprise are always in the same lane while any of them is
on its way. The batches of a lane are sent one after another, and none before
the one ahead of it was answered; lanes are sent side by side. A batch that is
refused as a whole is sent again in smaller parts, which have numbers and keys
of their own, in its place.

Idempotency-Key is SHA-256, in lower-case hex, over the receiver's name, a line
feed, and the body. The receiver keeps it with the receipt: the same key with
the same body is answered with the same receipt and has no further effect, the
same key with another body is refused with 409.

Fencing-Token is that of the sender at work; each later one has a greater one.
The receiver keeps the greatest it has seen and refuses a smaller one with 412
before it looks at anything else of the request, so that a sender which stood
still for an hour and believes itself at work has no effect.

State-Target tells how many records of the table the receiver will hold when
all batches planned with this one have been taken, and their state digest. It
is the same for all batches of a plan and a table, and no part of the body.

The answer 200 is a receipt. Records are taken or refused one by one; accepted
and the length of rejected add up to the rows of the batch.

	{"receipt_id": "…", "batch": "2026040100001", "level": "accepted", "accepted": 1,
	 "rejected": [{"cd_id": "…", "code": "LENGTH", "message": "…"}],
	 "state_digest": "…"}

level says how far the receiver has got: accepted means that the batch is in
its hands and a verdict on its records will follow; processed, also when level
is missing, that this is the last word. state_digest is that of the table.

Any other answer is read by its status:

	408 425 429 5xx      temporary: sent again, not before Retry-After if given
	412                  another sender has taken over: this one stops
	401 403 404 405 407  the sender is set up wrongly: it stops
	410 3xx              the same
	other 4xx            the batch is refused as a whole; body {"code", "message"}

A 200 that is not a receipt for this batch, a cut connection and a timeout
count as no answer: the batch is sent again under its key.

# Verdicts

A receiver that answers with level accepted tells later what became of the
records:

	GET /v1/notices?after=41&limit=100

	{"notices": [
	  {"batch": "2026040100001", "key": "6f0c…", "level": "processed", "receipt_id": "…",
	   "rejected": [{"cd_id": "…", "code": "…", "message": "…"}]},
	  {"batch": "2026040100002", "key": "77a1…", "level": "refused", "receipt_id": "…",
	   "code": "…", "message": "…"}],
	 "next": "43", "more": false}

Notices stand in the order in which they were given; after is the next of an
earlier answer and empty at the beginning; what it means is the receiver's
business. A notice may be told more than once. rejected lists the records that
have no effect, whether or not the receipt called them accepted. level
refused means that nothing of the batch has an effect. A receiver that has no
verdicts answers this path with 404.

# Digests

The content of a row is its members whose names do not begin with cd_, as
canonical JSON: one object, names in ascending byte order, no white space,
UTF-8, numbers only as integers, in strings only the escapes \" \\ \b \f \n \r
\t, \u00xx for other control characters, and \u2028 \u2029. The content digest
is SHA-256 over it.

The state digest stands for all records of a table that are held, whatever
their order, and can be kept up to date record by record: for each record take
SHA-256 over its key, a line feed, and its content digest in lower-case hex;
read each as a 256-bit big-endian number; add them modulo 2^256; write the sum
as 64 lower-case hex digits. Nothing held is 64 zeros. It finds faults, not
forgers: the signature and TLS are there against those.

GET /v1/state answers {"count": 20000, "state_digest": "…"}. With after=KEY and
upto=KEY in the query it tells of the keys greater than after up to and including
upto, either of which may be empty, and repeats both as members of its answer; a
receiver that does not know ranges leaves them out. GET /v1/records
answers {"records": [{"cd_id": "…", "digest": "…"}], "more": true} with keys
greater than after in ascending byte order.

# Signature

Who sends, and that a batch is whole and for the receiver alone, shows as the
package comment of pipelines/transport/rest says: headers of the national sharing
platform, short-lived keys, codes, signatures and sealed bodies.
*/
package publish
