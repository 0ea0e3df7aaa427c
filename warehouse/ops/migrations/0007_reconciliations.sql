-- What every reconciliation with a receiver found, one row for each table of
-- records: how many there are and their state digest, in the published run, as
-- sent, as acknowledged, as processed and as the receiver says it holds them.
create table reconciliations (
    receiver            text not null,
    table_name          text not null,
    at                  text not null,
    run                 text not null,    -- the published run that was compared
    as_of               text not null,    -- the day it speaks for
    depth               text not null check (depth in ('totals', 'keys')), -- keys: differences were looked for key by key
    by_feedback         integer not null, -- 1: the receiver cannot be asked, its notices were believed
    published_count     integer not null,
    published_digest    text not null,
    sent_count          integer not null,
    sent_digest         text not null,
    acknowledged_count  integer not null,
    acknowledged_digest text not null,
    processed_count     integer not null,
    processed_digest    text not null,
    received_count      integer not null,
    received_digest     text not null,
    received_at         text not null,    -- when the receiver said so
    differ              integer not null, -- keys that are not the same everywhere; -1: not looked for
    undecided           integer not null, -- of these, without those that were decided to stay so
    causes              text not null,    -- of these, by cause, as JSON
    open_batches        integer not null, -- in the outbox without the last word
    oldest_open_at      text not null,    -- when the oldest of these was written, or empty
    primary key (receiver, table_name, at)
) strict, without rowid;

-- The keys that differed when they were last looked for, and since when.
create table reconciliation_breaks (
    receiver   text not null,
    table_name text not null,
    record_key text not null,
    cause      text not null,
    since      text not null,
    primary key (receiver, table_name, record_key)
) strict, without rowid;
