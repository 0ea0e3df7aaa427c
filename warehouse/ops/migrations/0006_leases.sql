-- Who publishes to a receiver at present. The row stays when nobody does, so that
-- epochs only grow.
create table leases (
    receiver text primary key,
    epoch    integer not null check (epoch > 0), -- the fencing token: whoever bears a smaller one has been replaced
    owner    text not null,                      -- who, for a person to read
    until    text not null,                      -- from then on anybody may take over; empty once given back
    locked   integer not null check (locked in (0, 1)) -- its owner holds a lock that ends with the process
) strict, without rowid;
