-- What the stand-in platform keeps. It makes this schema anew for an empty
-- file and never changes it.

-- One row for each record held.
create table if not exists records (
    tbl     text not null,        -- such as check_actions
    key     text not null,        -- cd_id
    subject text not null,        -- code of the enterprise
    payload text not null,        -- content as canonical JSON
    batch   text not null,        -- cd_batch that brought this content
    primary key (tbl, key)
) strict;

-- Every change that had an effect, in the order of its effect.
create table if not exists effects (
    seq       integer primary key,
    tbl       text not null,
    key       text not null,
    subject   text not null,
    operation text not null,      -- I U D; R puts back what was before a change that processing refused
    batch     text not null,      -- cd_batch
    place     text not null,      -- cd_batch in whose place it stands: that of the batch refused as a whole and split
    same      integer not null    -- 1: it changed nothing
) strict;

-- One row for each batch taken, with the receipt to repeat.
create table if not exists batches (
    seq             integer primary key,
    idempotency_key text not null unique,
    body_digest     text not null,   -- SHA-256 of what was handed over
    batch           text not null unique, -- cd_batch
    source          text not null,   -- cd_source
    tbl             text not null,
    level           text not null,   -- accepted or processed
    receipt         text not null,   -- as it was answered
    due_at          integer not null,           -- milliseconds since 1970: processed then
    lost            integer not null default 0, -- 1: its receipt is not to be had before the batch comes again
    processed       integer not null default 0
) strict;
create index if not exists batches_to_process on batches (seq) where processed = 0;

-- Records that were accepted and are to be refused in processing, with what
-- was held before.
create table if not exists doomed (
    batch_seq integer not null,
    key       text not null,
    effect    integer not null,   -- seq of the effect to undo
    operation text not null,
    subject   text not null,
    prior     text,               -- null: nothing was held
    prior_of  text,               -- its cd_batch
    code      text not null,
    message   text not null,
    primary key (batch_seq, key)
) strict, without rowid;

-- What was said of batches after their receipt.
create table if not exists notices (
    seq       integer primary key,
    batch_seq integer not null,
    notice    text not null
) strict;

-- Rows of batches refused as a whole that may come again in smaller ones.
create table if not exists places (
    tbl   text not null,
    key   text not null,
    place text not null,          -- cd_batch of the first batch refused
    primary key (tbl, key)
) strict, without rowid;

-- Running totals of each table.
create table if not exists totals (
    tbl          text primary key,
    count        integer not null default 0,
    state_digest text not null,
    target       text not null default '',  -- count and digest that the sender said will be reached
    inserted     integer not null default 0, -- records changed, by operation
    updated      integer not null default 0,
    deleted      integer not null default 0
) strict, without rowid;

-- Of each lane of batches in tables or files, the highest fencing token taken.
create table if not exists lanes (
    lane  integer primary key,
    epoch integer not null
) strict;

-- Running totals of the platform.
create table if not exists platform (
    one             integer primary key check (one = 1),
    epoch           integer not null default 0, -- highest fencing token seen
    repeats         integer not null default 0, -- batches known by their key and answered again
    fenced          integer not null default 0, -- batches of an older epoch turned away
    refused_batches integer not null default 0, -- as a whole
    refused         integer not null default 0, -- records, at once
    refused_later   integer not null default 0, -- records, in processing
    echoes          integer not null default 0, -- rows refused that would have repeated an effect
    told            integer not null default 0  -- last of notices that was written out, in tables or files
) strict;

insert into platform (one) values (1) on conflict do nothing;

-- Files that were written, so that a name is never used for other bytes.
create table if not exists written (
    name text primary key,
    text blob not null
) strict;

-- Packages of batches, as they came.
create table if not exists packages (
    seq      integer primary key,
    source   text not null,
    number   integer not null,
    digest   text not null,                -- of the first line of package.json
    result   text not null,                -- taken, repeated or refused
    code     text not null,
    message  text not null,
    answered integer not null default 0    -- 1: a package of answers tells
) strict;

-- Packages of answers.
create table if not exists answers (
    source text not null,
    number integer not null,
    digest text not null,
    primary key (source, number)
) strict;
