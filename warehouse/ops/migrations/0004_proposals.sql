-- Changes that need the consent of others before they hold: what is proposed, and
-- who said yes or no. Rows are never changed and never removed; each stands beside
-- its line in the journal, written in one transaction.
create table proposals (
    id           text primary key,
    content      text not null,             -- SHA-256 of what is proposed
    base         text not null,             -- what it was held against
    planned_for  text not null,             -- the day the figures speak for
    effective_on text not null check (effective_on like '____-__-__'),
    figures      text not null,             -- what it would do: one JSON value
    stopped      integer not null check (stopped >= 0), -- limits it passes
    overridden   integer not null check (overridden in (0, 1)), -- the proposer answers for that
    reason       text not null check (trim(reason) <> ''),
    proposer     text not null check (proposer = trim(proposer) and proposer <> ''),
    proposed_at  text not null,
    entry        integer not null unique references journal (seq),
    check (stopped = 0 or overridden = 1)
) strict;

create table votes (
    proposal text not null references proposals (id),
    voter    text not null check (voter = trim(voter) and voter <> ''),
    verdict  text not null check (verdict in ('approve', 'reject')),
    reason   text not null,
    voted_on text not null check (voted_on like '____-__-__'), -- the day in China
    voted_at text not null,
    entry    integer not null unique references journal (seq),
    primary key (proposal, voter),          -- one person, one vote
    check (verdict = 'approve' or trim(reason) <> '')
) strict;

create unique index votes_once on votes (proposal, lower(voter)); -- also under a name written otherwise

create view proposal_states as
select
    p.id,
    case
        when exists (select 1 from votes as v where v.proposal = p.id and v.verdict = 'reject') then 'rejected'
        when (select count(*) from votes as v where v.proposal = p.id and v.verdict = 'approve') >= 2 then 'approved'
        else 'open'
    end as state,
    coalesce((select max(v.entry) from votes as v where v.proposal = p.id), p.entry) as last_entry
from proposals as p;

--: sqlite
create trigger votes_not_by_proposer before insert on votes
when new.verdict = 'approve' and exists (select 1 from proposals as p where p.id = new.proposal and lower(p.proposer) = lower(new.voter))
begin
    select raise(abort, 'nobody approves a proposal of their own');
end;

create trigger votes_not_after_decision before insert on votes
when exists (select 1 from proposal_states as s where s.id = new.proposal and s.state <> 'open')
begin
    select raise(abort, 'the proposal is decided');
end;

create trigger votes_not_for_the_past before insert on votes
when new.verdict = 'approve' and exists (select 1 from proposals as p where p.id = new.proposal and p.effective_on < new.voted_on)
begin
    select raise(abort, 'the proposal would hold from a day that is past');
end;

create trigger proposals_no_update before update on proposals begin select raise(abort, 'proposals are append-only'); end;
create trigger proposals_no_delete before delete on proposals begin select raise(abort, 'proposals are append-only'); end;
create trigger votes_no_update before update on votes begin select raise(abort, 'votes are append-only'); end;
create trigger votes_no_delete before delete on votes begin select raise(abort, 'votes are append-only'); end;
--: postgres
create function vote_is_allowed() returns trigger language plpgsql as $$
begin
    if new.verdict = 'approve'
        and exists (select 1 from proposals as p where p.id = new.proposal and lower(p.proposer) = lower(new.voter)) then
        raise exception 'nobody approves a proposal of their own' using errcode = 'check_violation';
    end if;
    if exists (select 1 from proposal_states as s where s.id = new.proposal and s.state <> 'open') then
        raise exception 'the proposal is decided' using errcode = 'check_violation';
    end if;
    if new.verdict = 'approve'
        and exists (select 1 from proposals as p where p.id = new.proposal and p.effective_on < new.voted_on) then
        raise exception 'the proposal would hold from a day that is past' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger votes_are_allowed before insert on votes for each row execute function vote_is_allowed();
create trigger proposals_append_only before update or delete or truncate on proposals for each statement execute function append_only();
create trigger votes_append_only before update or delete or truncate on votes for each statement execute function append_only();
--: both

-- Content that was tried beside what holds, day by day: two runs and how they differ.
create table trials (
    content    text not null,               -- SHA-256 of what was tried
    day        text not null,               -- the two runs speak for it
    champion   text not null,               -- run by what holds
    challenger text not null,               -- run by what was tried
    figures    text not null,               -- one JSON value
    tried_at   text not null,
    entry      integer not null references journal (seq),
    primary key (content, champion)
) strict;

--: sqlite
create trigger trials_no_update before update on trials begin select raise(abort, 'trials are append-only'); end;
create trigger trials_no_delete before delete on trials begin select raise(abort, 'trials are append-only'); end;
--: postgres
create trigger trials_append_only before update or delete or truncate on trials for each statement execute function append_only();
--: both
