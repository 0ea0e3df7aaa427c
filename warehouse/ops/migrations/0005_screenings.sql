-- Every comparison of a department's list of parties with the severe lists, what
-- it found, and what was answered. The list itself is not kept.
create table screenings (
    screening_no text primary key,
    at           text not null,
    actor        text not null,
    department   text not null,
    purpose      text not null,
    run          text not null,    -- the published run that was asked
    file_sha256  text not null,
    parties      integer not null, -- rows that were compared
    refused      integer not null  -- rows that could not be
) strict, without rowid;

create table screening_hits (
    hit_no       text primary key,
    screening_no text not null references screenings,
    subject_id   text not null,
    list_name    text not null,
    document_no  text not null,
    answer       text,             -- what the department did; null until it says so
    answered_on  text,             -- day on which its answer was received
    batch_id     text              -- in which it was landed
) strict, without rowid;

create index screening_hits_screening on screening_hits (screening_no);
