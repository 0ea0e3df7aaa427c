-- What the stand-in platform keeps. It makes this schema anew for an empty
-- file and never changes it.

-- One row for each record held.
create table if not exists records (
    key     text primary key,     -- cd_id
    payload text not null,        -- content as canonical JSON
    batch   text not null         -- cd_batch that brought this content
) strict, without rowid;

-- One row for each batch taken, with the receipt to repeat.
create table if not exists receipts (
    idempotency_key text primary key,
    body_digest     text not null,  -- SHA-256 of the body
    batch           text not null,  -- cd_batch
    receipt         text not null   -- as it was answered
) strict;

-- Running totals.
create table if not exists totals (
    one          integer primary key check (one = 1),
    state_digest text not null,               -- of records, kept up to date change by change
    batches      integer not null default 0,  -- taken
    repeats      integer not null default 0,  -- known by their key and answered again
    inserted     integer not null default 0,  -- records changed, by operation
    updated      integer not null default 0,
    deleted      integer not null default 0
) strict;

insert into totals (one, state_digest)
values (1, '0000000000000000000000000000000000000000000000000000000000000000')
on conflict do nothing;
