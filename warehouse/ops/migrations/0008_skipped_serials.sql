-- Serials of cd_batch that a store which was lost, or of which an older copy is in
-- use, may have given out. Written when what a receiver holds was taken over.
create table skipped_serials (
    receiver text not null,
    day      text not null,     -- YYYYMMDD: of batches of this day and of those before it
    serial   integer not null,  -- all up to this one count as used
    at       text not null,
    primary key (receiver, day)
) strict, without rowid;
