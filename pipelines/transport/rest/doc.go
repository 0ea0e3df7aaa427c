/*
Package rest hands batches over to a platform's HTTP interface, in the style of
the national sharing platform. The package comment of pipelines/publish defines
the requests and answers; here is what shows who sends them and that they are
whole.

# Who asks, for a platform's engineer

When a key is agreed, each request carries

	gjgxjhpt_rid    requester
	gjgxjhpt_sid    service
	gjgxjhpt_rtime  milliseconds since 1970, UTC
	gjgxjhpt_sign   Base64(HMAC-SHA256(key, sid + rid + rtime))

A proxy on the way must let header names with underscores pass.

The key is agreed for good, or short-lived. A short-lived one is fetched from an
address of its own, which need not be below the base URL, with a request signed
under the key of the application, in headers and body alike:

	POST …/refreshappsecret
	{"gjgxjhpt_rid": "…", "gjgxjhpt_sid": "…", "gjgxjhpt_rtime": "…", "gjgxjhpt_sign": "…"}

	{"code": "0", "data": {"secret": "HkPF202C…", "secretEndTime": "1775000000000"}}

code is text or a number; any other than 0 is a refusal, with a message. secret is
the key, encrypted under that of the application as [signing.Unwrap] says.
secretEndTime is when it ends, in milliseconds since 1970, as text or a number. It
is renewed in its last tenth, or last five minutes if those are fewer. A key
before its renewal goes on being good until its own end. A request that is
answered with 401 under a short-lived key is repeated once under a new one, and
401 means that it had no effect.

# That a batch is whole

Each of these is agreed or not, see pipelines/signing:

	Body-MAC        method, a blank, Base64 of the code over the lines below
	Body-Signature  sm2, a blank, Base64 of the signature over the batch
	Body-Sealed     the method by which the body is sealed

The code is over the values of Idempotency-Key, Fencing-Token and State-Target,
each followed by a line feed, and then the body as it is sent. The signature is
over the batch as JSON, as it was before it was sealed, so that it can be kept
with it. A sealed body is

	{"message": "Base64 of the sealed batch"}

and what is said beside it is the value of Idempotency-Key. Only POST /v1/batches
has them; its idempotency key is that of the batch before it was sealed.
*/
package rest
