-- The order of the audit log: given after commit, one event after the other, so that a reader who goes on from a
-- position misses nothing. An older build writes audit rows as before and reads them by time; what it reads of one case or
-- credential it picks from the whole log's index, more slowly.
-- Nothing here reads the log, however long it is: writers wait for these statements. Its index is 0011's, and what is there
-- gets its positions in pieces, behind all migrations (src/postgres/audit-order.ts).

-- Who wrote a row, so that those not yet numbered are found by what a snapshot did not see. Rows from before have none, so
-- the default comes after the column: with it, every row would be written again.
alter table rekey.audit_events add column xact xid8;
alter table rekey.audit_events alter column xact set default pg_current_xact_id();

-- Written once, never changed. No foreign key: its check would lock, and so write, each audit row again.
create table rekey.audit_leaves (
  position bigint primary key check (position >= 0),
  event uuid not null unique,
  credential text,
  case_id uuid
);
create index audit_leaves_credential on rekey.audit_leaves (credential, position) where credential is not null;
create index audit_leaves_case on rekey.audit_leaves (case_id, position) where case_id is not null;
drop index rekey.audit_events_credential;
drop index rekey.audit_events_case;

-- What the last numbering saw, and in which cluster: transaction ids mean nothing in another one. `swept`: events up to
-- this one have been looked at since the ledger came to this version or to another cluster; null when none are left to look at.
create table rekey.audit_head (
  only_row boolean primary key default true check (only_row),
  seen pg_snapshot not null,
  system text not null,
  swept uuid
);
-- Nobody else has written here and not committed: what is there is swept, what comes is not in this snapshot.
insert into rekey.audit_head (seen, system, swept)
  select pg_current_snapshot(), system_identifier::text, '00000000-0000-0000-0000-000000000000' from pg_control_system();
