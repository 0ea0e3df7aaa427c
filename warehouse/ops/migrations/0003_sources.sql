-- How far the table of a department's exchange database has been read. Stage
-- 'landed' is durable in a batch, 'spooled' is read and not landed yet; a pull
-- goes on behind the spooled row, and a refused or abandoned spool falls back to
-- the landed one. cursor and floor are microseconds or whole numbers.
create table source_marks (
    dataset     text not null,
    stage       text not null check (stage in ('landed', 'spooled')),
    origin      text not null,              -- database, table and order it was read by
    contract    text not null,              -- SHA-256 of the contract it was read by
    after       text not null,              -- key of the last row read: a JSON array of texts
    cursor      integer not null,           -- of that row
    floor       integer not null,           -- from here on rows may still be committed late
    open        integer not null,           -- the pull is not at its end: it goes on behind that row, under this floor
    batch       integer not null,           -- the how manieth of the source the spool becomes, or was landed last
    spool_bytes integer not null default 0, -- of the spool file that belong to this mark
    spool_rows  integer not null default 0,
    sealed      integer not null default 0, -- the spool is being landed and takes no more rows
    at          text not null,              -- when it was read
    primary key (dataset, stage)
) strict, without rowid;

-- Rows that were read at or above the floor, to be known again when the pull
-- after them looks back.
create table source_rows (
    dataset text not null,
    digest  blob not null,
    cursor  integer not null,
    stage   text not null check (stage in ('landed', 'spooled')),
    primary key (dataset, digest)
) strict, without rowid;

create index source_rows_cursor on source_rows (dataset, cursor);
