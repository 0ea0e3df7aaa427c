/*
Package drop hands batches over as files in agreed folders, on a local or mounted
disk or by SFTP, and reads the files that the receiver puts there in answer.

# The interface, for a platform's engineer

Two folders are agreed. The sender writes to out and the receiver reads it; the
receiver writes to return and the sender reads it. The sender makes neither: a
folder that is not there is a disk that is not mounted.

Whoever writes a file gives it a name that begins with a full stop or ends in
.tmp or .part, fills it, flushes it to the disk and renames it to its own name in
the same folder. Nobody reads a file under such a name. A file under its own
name is whole and never changes; it may be replaced by the same bytes.

# A batch

A batch is two files, of which the manifest comes last. Without its manifest a
data file is not there yet.

	out/2026040100001_penalty_actions_6f0c12ab34cd.csv
	out/2026040100001_penalty_actions_6f0c12ab34cd.manifest.json

The name is cd_batch, the table, and the first 12 digits of the idempotency key,
so that two batches never share one. The manifest is a note, as the package
comment of pipelines/transport/note defines it:

	kind      manifest
	format    1
	receiver  the agreed name of the receiving platform
	source    cd_source, the sender
	batch     cd_batch, YYYYMMDD and five digits
	table     what the records are, such as penalty_actions
	key       idempotency key, 64 hex digits
	epoch     fencing number, an integer
	run       number of the run that the records come from
	as_of     the day that they speak for, 2026-04-01
	lane      which of the sender's rows of batches it is in, an integer
	rows      how many of each operation, {"I": 2, "U": 0, "D": 1}
	target    {"count": …, "state_digest": …}, what the receiver will hold of the table when
	          all batches planned with this one have been taken
	columns   [{"name": "fine_amount", "type": "text"}, …], those of the content
	data      {"name": …, "form": "csv" or "xml", "encoding": "UTF-8" or "GB18030",
	          "bytes": …, "sha256": …}; with "sm3" where that digest is agreed, and
	          "sealed": "sm4-gcm" or "sm4-cbc" where a sealed body is

data tells of the file as it lies there. A sealed one ends in .sealed and is
opened as pipelines/signing says; what is said beside it is the key of the batch.
The plain file then is what follows here.

The receiver takes a batch whole or not at all, once its file has the bytes and
digests of the manifest. It keeps the key with its answer: a batch that comes
again under its key has no further effect and is answered again, with the same
words. It may come again in the same bytes, or with a higher epoch. The same
batch number under another key is another batch, and refused (CONFLICT). A batch
whose epoch is lower than one the receiver has seen in its lane was left by a
publisher that has been replaced, and is refused (FENCED). That is no word on the
batch: it comes again with the present epoch, and then is taken or refused as if
it had never been there. A record is in one batch at a time, until that is
answered, and an enterprise in one lane; the receiver takes the batches of a lane
that it finds in the order of cd_batch. Files in out may be removed by the
receiver when it has answered them, the manifest first. A sender may put them
there again at that moment: a batch whose data is gone is answered by its key.

# Data as CSV

RFC 4180: fields parted by commas, in double quotes where they hold a comma, a
quote, a line break or a blank at an end; a quote within is doubled. UTF-8 begins
with a byte order mark; GB18030 has none. Rows end in LF, or CR LF where that is
agreed. A line break within quotes belongs to the value as it is, CR LF too:
readers that turn it into LF read something else.

The first row names the columns: cd_operation, cd_batch, cd_id, cd_time,
cd_source, then those of the manifest, in its order. Then follows a row for each
record, inserts before updates before deletions. Columns have a type:

	text     text
	integer  an integer of at most 64 bits, -5
	json     a JSON value in canonical form, where neither of them is enough

The content of a record are the columns that are not empty. An empty field means
that the record has no such member; a deletion has none at all.

Programs that show tables take a field for a formula that begins with = + - or @,
and some look past blanks, tabs and line breaks. Such a field, other than an
integer, has an apostrophe before it; so has one that begins with an apostrophe,
and an empty text is an apostrophe alone. So a reader takes one apostrophe away
from where a field begins with one, and has the value byte for byte.

# Data as XML

In the manner of GB/T 39443: one element a record, one element a member.

	<?xml version="1.0" encoding="UTF-8"?>
	<batch source="350100" number="2026040100001" table="penalty_actions" count="2">
	<record cd_operation="I" cd_batch="2026040100001" cd_id="…" cd_time="2026-04-01 00:00:00" cd_source="350100">
	<subject_id>91350100M000100Y43</subject_id>
	</record>
	<record cd_operation="D" cd_batch="2026040100001" cd_id="…" cd_time="2026-04-01 00:00:00" cd_source="350100"/>
	</batch>

The encoding is UTF-8 or GB18030 and has no byte order mark. A member that a
record lacks has no element; an empty text is an empty element. Columns have the
types of CSV; there is no apostrophe. The text of an element is the value, blanks
included.

# Answers

The receiver puts its answers into return. The names are its own: letters, digits,
full stops, hyphens and underscores, at most 120, and one of the ends below. A
name is used again only for the same bytes. All are notes.

A receipt, ….receipt.json, is due for every batch that was taken or refused. Its
members are kind receipt, format, receiver and

	batch, table, key   of the manifest
	receipt_id          the receiver's number, at most 100 characters
	accepted            how many records were taken
	rejected            [{"cd_id": …, "code": …, "message": …}], those that were not

and accepted and the length of rejected add up to the records of the batch; or,
when the batch is refused as a whole, code and message in place of the last two.
A code has at most 100 characters, a message 2,000.

Feedback, ….feedback.json, tells what became of the records when they were
processed. It has the members of a receipt, with kind feedback and

	feedback_id   in place of receipt_id
	serial        1, and one more in each later feedback on the same batch
	processed     how many records are in force, in place of accepted

The first feedback on a batch settles it. A later one says all of the batch again;
it is kept, and the sender learns what it changes from the state.

Receipts and feedback that contradict are told by the batch and by what they say:
a second receipt of a batch, or a second feedback of the same serial, has the
same first line as the first. A receipt with FENCED is beside those of the batch.

The sender moves what it has taken to return/taken, and what it could not read or
what contradicts to return/aside, with the reason in a file beside it. The
receiver empties both folders when it likes. A note whose end is missing and that
was written in the last ten minutes is left alone until then.

# State

For reconciliation the receiver may say what it holds, at the end of each day. A
state, return/TABLE.state.json, is replaced by the next one; kind state, format,
receiver and

	table         the table
	at            when this was so
	count         records held
	state_digest  as the package comment of pipelines/publish defines it
	keys          where the records are listed, {"name": …, "bytes": …, "sha256": …}; may be
	              left out

The list of keys is a text file in return, there before its state and removed when
no state names it; its name ends in .keys. For each record there is a line, ended
by LF: the content digest, a blank, and cd_id; ascending in the byte order of cd_id,
in UTF-8.

# Bounds

The sender writes at most 10,000 records a batch and 64 MB a data file. It reads a
note of up to 16 MB, a list of keys of up to 8 GB with lines of up to 1,024 bytes,
and refuses what is beyond.
*/
package drop
