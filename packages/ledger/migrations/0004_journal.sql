-- What is told to others: audit rows byte for byte, and the records that wait to be sent.
create table rekey.audit_events (
  id uuid primary key,
  at timestamptz not null,
  type text not null,
  credential text,
  case_id uuid,
  rotation uuid,
  signal uuid,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  canonical bytea not null
);
create index audit_events_time on rekey.audit_events (at, id);
create index audit_events_credential on rekey.audit_events (credential, at, id) where credential is not null;
create index audit_events_case on rekey.audit_events (case_id, at, id) where case_id is not null;

-- Deleted once sent. The position orders records of one key: their writers hold one lock.
create table rekey.outbox (
  position bigint generated always as identity primary key,
  shard smallint not null check (shard between 0 and 15),
  topic text not null,
  key text not null,
  headers jsonb not null,
  value text not null,
  announces jsonb
);
create index outbox_unsent on rekey.outbox (shard, position);

create table rekey.outbox_shards (
  shard smallint primary key check (shard between 0 and 15),
  fence bigint not null,
  hold_until timestamptz not null,
  hold_by text
);
insert into rekey.outbox_shards (shard, fence, hold_until)
  select shard, 0, 'epoch' from generate_series(0, 15) shard;
