/*
Package exchange hands batches over in tables of a front-end exchange database
(前置库), PostgreSQL or MySQL (MariaDB too), from which the platform fetches them,
and reads the platform's verdicts from a table there.

# The interface, for a platform's engineer

Batches, operations, lanes, digests and levels are those of the package comment
of pipelines/publish; here they travel in tables. `rongxin receivers ddl` prints
them as statements. Names can be agreed otherwise. Texts are UTF-8, times Chinese
local time without a zone.

Each table of records has one row for each change, which is written once and
never altered by the sender:

	cd_operation  char(1)       I, U or D
	cd_batch      varchar(13)   YYYYMMDD and five digits
	cd_id         varchar(200)  key of the record within its table
	cd_time       timestamp     the as-of day
	cd_source     varchar(20)   who sends
	…                           the fields of the table; all NULL in a D row

Its key is (cd_source, cd_batch, cd_id). A text field that is NULL is no member of
the content, an integer field that is NULL is the empty text, any other is its
value. The platform may remove rows of batches that it has given its last word on.

cd_batches has a row for each batch, written in the same transaction as its rows:

	cd_no          bigint        ascending as batches are written, with gaps
	cd_key         char(64)      idempotency key; the primary key
	cd_source      varchar(20)   (cd_source, cd_batch) is unique
	cd_batch       varchar(13)
	cd_table       varchar(63)   the sender's name of the table
	cd_lane        integer
	cd_epoch       bigint        fencing token
	cd_rows        integer       how many
	cd_digest      char(64)      of the rows, see below
	run_id         varchar(64)
	as_of          date
	target_count   bigint        State-Target
	target_digest  char(64)
	handed_at      timestamp     by the clock of the database

A batch is there with all its rows or not at all. A batch that is there already,
by its key, is not written again, so the platform keeps the rows of cd_batches.
The batches of one lane follow each other in cd_no: the next is only written when
the one ahead is there; it does not wait for that one's verdict. The platform
processes those of a lane by cd_no, and must look again for smaller numbers that
came late, as batches of other lanes do.

cd_digest adds up, modulo 2^256 and written as 64 lower-case hex digits, for each
row SHA-256 over cd_operation, a line feed, cd_id, a line feed and the content
digest in lower-case hex, which is empty for a D row.

cd_fence has a row for each sender:

	cd_source      varchar(20)   the primary key
	cd_epoch       bigint        the greatest fencing token seen

A sender raises it before it writes, and holds the row shared while it does. One
that finds a greater token stops, and has no effect.

# Verdicts

The platform writes into cd_feedback and never alters what it wrote:

	fb_no          bigint        ascending, given by the database; the primary key
	cd_source      varchar(20)
	cd_batch       varchar(13)
	cd_id          varchar(200)  NULL: the verdict is on the whole batch
	verdict        varchar(16)   accepted, processed or refused
	code           varchar(64)   of a refusal
	message        varchar(1000)
	fb_time        timestamp

accepted means that the batch or record is in the platform's hands and another
verdict will follow; processed and refused are last words. On a batch, processed
speaks for all its records but those refused, refused for all of them. A batch
has its last word when it was given one or when each of its records was. Where
verdicts contradict each other the one with the greatest fb_no counts; after the
last word was read none does. Rows may become visible in another order than that of
fb_no, up to an hour late.

cd_state is a view, or a table, of what the platform holds; without it the
platform cannot be asked:

	cd_source      varchar(20)
	cd_table       varchar(63)   the sender's name of the table
	cd_id          varchar(200)
	cd_digest      char(64)      content digest

# Least rights

The sender needs INSERT on the tables of records; SELECT and INSERT on cd_batches;
SELECT, INSERT and UPDATE on cd_fence; SELECT on cd_feedback and cd_state.
*/
package exchange
