-- Batches of records for a receiver. A row is written before anything is sent
-- and tells how far its batch has come:
--
--   draft        being drawn up; dropped when the plan is not finished
--   pending      to be sent, in the order of seq and path within its lane
--   sent         handed over at least once, no answer yet: the outcome is open
--   handed_over  it left our hands, its receipt comes later
--   accepted     receipt stored; a verdict on its records comes later
--   processed    the receiver has said its last word
--   failed       refused as a whole; what became of its records is told by its
--                parts, or by a dead letter where it was one record
--   given_up     not to be sent: what the receiver holds was taken over from it
create table outbox_batches (
    id              integer primary key autoincrement,
    key             text not null unique,  -- idempotency key: SHA-256 of receiver and body
    receiver        text not null,
    table_name      text not null,
    lane            integer not null,
    seq             integer not null,      -- order of sending in a lane; parts have that of the whole
    path            text not null default '', -- '' of the whole; of a part, which one
    run             text not null,         -- the published run the records come from
    number          text not null,         -- cd_batch: YYYYMMDD and a five-digit serial
    first_key       text not null,
    last_key        text not null,
    rows            integer not null,
    digest          text not null,         -- SHA-256 of the body
    body            blob,                  -- the bytes to send; null once it is at its end
    subjects        text,                  -- whom each record is about, a line each; goes with the body
    target_count    integer not null default 0,  -- what the receiver will hold of the table
    target_digest   text not null default '',    -- when the whole plan has been taken
    status          text not null check (status in ('draft', 'pending', 'sent', 'handed_over', 'accepted', 'processed', 'failed', 'given_up')),
    attempts        integer not null default 0,
    next_attempt_at text not null default '', -- not before this time, or empty
    last_error      text not null default '',
    created_at      text not null,
    unique (receiver, number),
    unique (receiver, seq, path),
    check (body is not null and subjects is not null or status in ('processed', 'failed', 'given_up'))
) strict;

create index outbox_batches_open on outbox_batches (receiver, lane, seq, path)
where status in ('pending', 'sent', 'handed_over');

create index outbox_batches_awaited on outbox_batches (receiver)
where status in ('handed_over', 'accepted');

-- One row for each time a batch was handed over. The row is written before the
-- batch leaves; one that kept outcome 'open' belongs to a sender that died.
create table outbox_attempts (
    id          integer primary key autoincrement,
    batch       text not null references outbox_batches (key),
    epoch       integer not null,             -- fencing token of the sender
    at          text not null,
    outcome     text not null default 'open', -- accepted, refused, unavailable, timeout, connection, garbage, interrupted …
    http_status integer not null default 0,   -- 0 when no answer came
    duration_ms integer not null default 0,
    error       text not null default ''
) strict;

create index outbox_attempts_batch on outbox_attempts (batch, id);

-- What the receiver answered, byte for byte.
create table receipts (
    id         integer primary key autoincrement,
    batch      text not null references outbox_batches (key),
    level      text not null check (level in ('accepted', 'processed', 'failed')),
    receipt_id text not null,       -- the receiver's own number
    at         text not null,
    digest     text not null,       -- SHA-256 of content
    content    blob not null,
    unique (batch, digest)
) strict;

-- Changes of single records that a receiver would not take, with its code.
--
--   open       not sent again while the content is the same
--   retry      to be sent again with the next publication
--   skipped    not to be sent again, and no longer a fault
--   delivered  the receiver has taken the record since
--   replaced   it refused another change of the record since
create table dead_letters (
    id         integer primary key autoincrement,
    receiver   text not null,
    table_name text not null,
    record_key text not null,
    subject    text not null,
    operation  text not null check (operation in ('I', 'U', 'D')),
    digest     text not null,     -- of the content that was refused; empty for D
    batch      text not null,     -- number of that in which it was refused
    level      text not null check (level in ('record', 'batch', 'verdict')), -- in a receipt, alone in a batch, after it had been accepted
    code       text not null,     -- the receiver's
    message    text not null,     -- the receiver's words
    times      integer not null default 1,
    first_at   text not null,
    last_at    text not null,
    status     text not null default 'open' check (status in ('open', 'retry', 'skipped', 'delivered', 'replaced')),
    actor      text not null default '', -- who decided to retry or skip
    reason     text not null default '',
    decided_at text not null default ''
) strict;

create unique index dead_letters_standing on dead_letters (receiver, table_name, record_key)
where status in ('open', 'retry', 'skipped');

-- What the receiver last acknowledged of each record. Deltas are computed
-- against this table and the dead letters and nothing else. While the receiver
-- has accepted a change and not given its verdict, the row keeps what was
-- acknowledged before it. A record that was only ever refused has a row without
-- an operation.
create table deliveries (
    receiver        text not null,
    table_name      text not null,
    record_key      text not null,
    subject         text not null,
    digest          text not null default '', -- acknowledged content; empty after D or before any
    operation       text not null default '' check (operation in ('', 'I', 'U', 'D')),
    batch           text not null default '', -- number of the batch that was acknowledged
    at              text not null default '', -- when it was
    settled         integer not null default 1 check (settled in (0, 1)), -- the verdict is here
    prior_digest    text not null default '', -- what was acknowledged before, until then
    prior_operation text not null default '' check (prior_operation in ('', 'I', 'U', 'D')),
    prior_batch     text not null default '',
    primary key (receiver, table_name, record_key)
) strict, without rowid;

create index deliveries_unsettled on deliveries (receiver, batch) where settled = 0;

-- How far the notices of a receiver have been read.
create table receiver_notices (
    receiver text primary key,
    cursor   text not null,   -- the receiver's; empty at the beginning
    at       text not null
) strict;
