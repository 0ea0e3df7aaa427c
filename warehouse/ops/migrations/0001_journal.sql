-- The audit chain: one row for each query of the data and each act on it.
-- A row is never changed and never removed. The digest of a row covers the
-- digest of the row before it, so a change anywhere breaks every later link;
-- journal.go documents the encoding.
create table journal (
    seq     integer primary key,       -- 1, 2, 3 … without a gap
    at      text not null,             -- RFC 3339, UTC
    actor   text not null,             -- who: an account or a process
    action  text not null,             -- what: sql, explain, list, publish, run, draw …
    subject text not null,             -- of whom or what: a subject, a list, a query's digest
    purpose text not null,             -- why, in the actor's words
    run     text not null,             -- the published run that was read, or empty
    detail  text not null,             -- one JSON value, as given by the caller
    prev    text not null,             -- digest of row seq - 1; 64 zeros for the first
    digest  text not null unique       -- SHA-256, lower-case hex
) strict;

create index journal_subject on journal (subject, seq);
create index journal_action on journal (action, seq);

-- Where the chain ends, so that rows cut off its end are missed too.
create table journal_head (
    one    integer primary key check (one = 1),
    seq    integer not null,
    digest text not null
) strict;

insert into journal_head (one, seq, digest)
values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- A guard against accident; the chain is the guard against intent.
--: sqlite
create trigger journal_no_update before update on journal
begin
    select raise(abort, 'the journal is append-only');
end;

create trigger journal_no_delete before delete on journal
begin
    select raise(abort, 'the journal is append-only');
end;
--: postgres
create function append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'check_violation';
end $$;

create trigger journal_append_only before update or delete or truncate on journal
for each statement execute function append_only();
--: both
