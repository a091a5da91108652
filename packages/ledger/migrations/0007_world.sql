-- Which PostgreSQL the ledger was in, why it may be behind the world, and the credentials that showed it.
create table rekey.world (
  only_row boolean primary key default true check (only_row),
  system text,
  timeline bigint,
  behind text,
  credentials jsonb not null
);
insert into rekey.world (credentials) values ('[]');
