-- Batches of records for a receiver. A row is written before anything is sent
-- and tells how far its batch has come:
--
--   draft     being drawn up; dropped when the plan is not finished
--   pending   to be sent, in the order of seq
--   sent      handed over at least once, no receipt yet: the outcome is open
--   accepted  receipt stored
--   failed    refused as a whole by the receiver
create table outbox_batches (
    seq             integer primary key autoincrement, -- order of sending
    key             text not null unique,  -- idempotency key: SHA-256 of receiver and body
    receiver        text not null,
    run             text not null,         -- the published run the records come from
    number          text not null,         -- cd_batch: YYYYMMDD and a five-digit serial
    first_key       text not null,
    last_key        text not null,
    rows            integer not null,
    digest          text not null,         -- SHA-256 of the body
    body            blob,                  -- the bytes to send; null once accepted
    status          text not null check (status in ('draft', 'pending', 'sent', 'accepted', 'failed')),
    attempts        integer not null default 0,
    next_attempt_at text not null default '', -- not before this time, or empty
    last_error      text not null default '',
    created_at      text not null,
    unique (receiver, number),
    check (body is not null or status = 'accepted')
) strict;

create index outbox_batches_open on outbox_batches (receiver, seq)
where status in ('pending', 'sent');

-- One row for each time a batch was handed over. The row is written before the
-- request leaves; one that kept outcome 'open' belongs to a sender that died.
create table outbox_attempts (
    id          integer primary key autoincrement,
    batch       text not null references outbox_batches (key),
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
    receipt_id text not null,       -- the receiver's own number
    at         text not null,
    digest     text not null,       -- SHA-256 of content
    content    blob not null,
    unique (batch, digest)
) strict;

-- What the receiver last acknowledged of each record, and, if it refused the
-- record since, what it refused and why. Deltas are computed against this
-- table and nothing else.
create table deliveries (
    receiver          text not null,
    record_key        text not null,
    digest            text not null default '', -- acknowledged content; empty after D or before any
    operation         text not null default '' check (operation in ('', 'I', 'U', 'D')),
    batch             text not null default '', -- the batch that was acknowledged
    refused_operation text not null default '' check (refused_operation in ('', 'I', 'U', 'D')),
    refused_digest    text not null default '',
    refused_code      text not null default '', -- the receiver's code
    refused_message   text not null default '',
    refused_batch     text not null default '',
    primary key (receiver, record_key)
) strict, without rowid;
