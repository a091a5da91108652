-- What people declared, and what consumers were heard to say. The schema itself is made by the runner.
create domain rekey.inventory_name as text collate "C"
  check (value ~ '^[a-z0-9][a-z0-9._-]{0,62}$');

create table rekey.identities (
  id rekey.inventory_name primary key,
  kind text not null
    check (kind in ('service', 'workload', 'partner', 'agent', 'job', 'person')), -- = domain.identityKinds
  owner rekey.inventory_name,
  aliases jsonb not null,
  active boolean not null,
  declared boolean not null
);
create index identities_aliases on rekey.identities using gin (aliases jsonb_path_ops);

create table rekey.policies (
  name rekey.inventory_name primary key,
  rotate_after_ms bigint check (rotate_after_ms > 0),
  grace_ms bigint not null check (grace_ms >= 0),
  grace_over jsonb not null,
  reversible_for_ms bigint not null check (reversible_for_ms >= 0),
  notice_ms bigint not null check (notice_ms >= 0),
  on_exposure text
    check (on_exposure in ('contain-first', 'replace-first', 'propose')), -- = domain.exposureResponses
  windows jsonb not null,
  freezes jsonb not null,
  allow_listed_proof boolean not null,
  allow_outage boolean not null,
  breaker jsonb not null,
  declared boolean not null
);

create table rekey.consumers (
  id rekey.inventory_name primary key,
  identity rekey.inventory_name not null,
  environment text not null,
  service text not null,
  signing_key jsonb,
  reader text,
  declared boolean not null
);
create index consumers_service on rekey.consumers (service, environment);
create index consumers_identity on rekey.consumers (identity);

-- Fence and hold of rotations and watches live here: one saga writes to a credential at a time.
create table rekey.credentials (
  id rekey.inventory_name primary key,
  identity rekey.inventory_name not null references rekey.identities,
  owner rekey.inventory_name not null,
  purpose text not null,
  environment text not null,
  criticality text not null
    check (criticality in ('normal', 'critical')), -- = domain.criticalities
  issuer jsonb not null,
  issuer_instance text not null generated always as (issuer ->> 'instance') stored,
  store jsonb,
  consumers text[] collate "C" not null,
  policy rekey.inventory_name not null references rekey.policies,
  ends_with text
    check (ends_with in ('deployment', 'job')), -- = domain.endings
  exclusive boolean not null,
  protected boolean not null,
  control boolean not null,
  declared boolean not null,
  ended boolean not null default false,
  fence bigint not null default 0 check (fence >= 0),
  hold_until timestamptz not null default 'epoch',
  hold_by text,
  hold_open boolean not null default false,
  hold_lost boolean not null default false,
  rotation_number bigint not null default 0 check (rotation_number >= 0),
  announcement_sequence bigint not null default 0 check (announcement_sequence >= 0),
  rotate_due_at timestamptz
);
create index credentials_identity on rekey.credentials (identity, id);
create index credentials_consumers on rekey.credentials using gin (consumers);
create index credentials_control on rekey.credentials (issuer_instance, id) where control and declared;
create index credentials_schedule on rekey.credentials (rotate_due_at, id) where declared and not ended;

create table rekey.grants (
  consumer rekey.inventory_name not null,
  credential rekey.inventory_name not null,
  purpose text not null,
  owner rekey.inventory_name not null,
  approver rekey.inventory_name,
  until timestamptz,
  declared boolean not null,
  primary key (consumer, credential)
);

create table rekey.sightings (
  consumer rekey.inventory_name not null,
  instance text not null,
  last_seen_at timestamptz not null,
  primary key (consumer, instance)
);

create table rekey.acknowledgements (
  consumer rekey.inventory_name not null,
  credential rekey.inventory_name not null,
  instance text not null,
  version bigint not null,
  sequence bigint not null,
  acknowledged_at timestamptz not null,
  counted boolean not null,
  primary key (credential, consumer, instance)
);

-- A signed acknowledgement is used once.
create table rekey.acknowledgement_tokens (
  token_id text primary key,
  consumer rekey.inventory_name not null,
  used_at timestamptz not null
);

create table rekey.service_deployments (
  service text not null,
  environment text not null,
  deployed_at timestamptz not null,
  primary key (service, environment)
);
