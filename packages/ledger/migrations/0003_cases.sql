-- One cause and all that follows from it, what it owes, and the signals that told of it.
create table rekey.cases (
  id uuid primary key,
  kind text not null
    check (kind in ('incident', 'offboarding', 'retirement', 'campaign')), -- = domain.caseKinds
  about text not null,
  episode bigint not null check (episode > 0),
  step text not null
    check (step in ('resolve', 'expand', 'admit', 'wave', 'enumerate', 'close')), -- = domain.caseSteps
  state text not null
    check (state in ('running', 'waiting', 'halted', 'closed')), -- = domain.caseStates
  state_detail jsonb not null,
  lane text not null
    check (lane in ('urgent', 'planned', 'sweep')), -- = domain.lanes
  mode text not null
    check (mode in ('observe', 'propose', 'act')), -- = domain.modes
  cause jsonb not null,
  producer text not null,
  requested_by text,
  approved_by jsonb not null,
  identity text,
  service text,
  environment text,
  signals bigint not null,
  cursor text,
  wave bigint not null,
  failures bigint not null,
  last_fault text,
  due_at timestamptz not null,
  wake_at timestamptz,
  opened_at timestamptz not null,
  occurred_at timestamptz not null,
  closed_at timestamptz,
  fence bigint not null,
  hold_until timestamptz not null,
  hold_by text,
  hold_open boolean not null,
  unique (kind, about, episode)
);
create unique index cases_open on rekey.cases (kind, about) where state <> 'closed';
create index cases_due on rekey.cases (lane, (least(due_at, wake_at)), id) where state <> 'closed';

create table rekey.case_items (
  case_id uuid not null references rekey.cases,
  credential rekey.inventory_name not null,
  version bigint,
  wanted text not null,
  wave bigint not null,
  rotation uuid,
  outcome text,
  primary key (case_id, credential)
);
create index case_items_credential on rekey.case_items (credential);

create table rekey.obligations (
  id uuid primary key,
  case_id uuid not null references rekey.cases,
  credential rekey.inventory_name,
  version bigint,
  owner rekey.inventory_name,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  attempts bigint not null,
  last_reason text,
  settled_at timestamptz,
  settled_by text
    check (settled_by in ('proof', 'exception', 'expanded', 'observed', 'dismissed')) -- = domain.obligationSettlements
);
create index obligations_case on rekey.obligations (case_id);
create unique index obligations_owed on rekey.obligations (case_id, credential, version) nulls not distinct
  where settled_at is null;
create index obligations_credential on rekey.obligations (credential) where settled_at is null;
create index obligations_debt on rekey.obligations (id) where settled_at is null;

-- The inbox: an event is known by who sent it and its own id.
create table rekey.signals (
  id uuid primary key,
  source_system text not null,
  source_feed text not null,
  event_id text not null,
  kind text
    check (kind in ('exposure', 'offboarding', 'lifecycle', 'usage', 'moved', 'manual', 'schedule')), -- = domain.signalKinds
  digest text not null,
  outcome text not null
    check (outcome in ('opened', 'joined', 'noted', 'refused', 'quarantined')), -- = domain.signalOutcomes
  reason text not null,
  case_id uuid,
  received_at timestamptz not null,
  signal jsonb,
  authentication jsonb,
  coordinates text not null,
  problems jsonb not null
);
create unique index signals_event on rekey.signals (source_system, source_feed, event_id)
  where outcome <> 'quarantined';
create index signals_quarantined on rekey.signals (source_system, source_feed, event_id)
  where outcome = 'quarantined';
create index signals_outcome on rekey.signals (outcome, id);

create table rekey.breaker_windows (
  scope text primary key
);

create table rekey.breaker_reservations (
  key text primary key,
  scope text not null,
  producer text not null,
  kind text not null,
  charged text not null,
  reserved_at timestamptz not null
);
create index breaker_reservations_scope on rekey.breaker_reservations (scope, reserved_at);
