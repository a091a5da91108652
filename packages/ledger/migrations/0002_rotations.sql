-- One credential's way to a new version, what it did, and what comes after.
create table rekey.rotations (
  id uuid primary key,
  credential rekey.inventory_name not null references rekey.credentials,
  number bigint not null check (number > 0),
  state text not null
    check (state in ('running', 'waiting', 'halted', 'completed', 'undone', 'withdrawn', 'would-have')), -- = domain.rotationStates
  state_detail jsonb not null,
  wait_for text
    check (wait_for in ('consumers', 'time', 'window', 'approval', 'person', 'provider')), -- = domain.waitReasons
  lane text not null
    check (lane in ('urgent', 'planned', 'sweep')), -- = domain.lanes
  mode text not null
    check (mode in ('observe', 'propose', 'act')), -- = domain.modes
  approved boolean not null,
  approvals bigint,
  wanted text not null,
  causes jsonb not null,
  dying jsonb not null,
  successor bigint,
  plan_version bigint not null,
  plan jsonb not null,
  done jsonb not null,
  open jsonb,
  failures bigint not null,
  last_fault text,
  due_at timestamptz not null,
  wake_at timestamptz,
  started_at timestamptz not null,
  announced_at timestamptz,
  grace_ends_at timestamptz,
  cut_off boolean not null,
  moved jsonb not null,
  unmoved jsonb not null,
  claims_lost bigint not null,
  last_claim_lost_at timestamptz,
  undoing boolean not null,
  ended_at timestamptz,
  unique (credential, number)
);
create unique index rotations_active on rekey.rotations (credential)
  where state not in ('completed', 'undone', 'withdrawn', 'would-have');
create index rotations_due on rekey.rotations (lane, (least(due_at, wake_at)), id)
  where state not in ('completed', 'undone', 'withdrawn', 'would-have');
create index rotations_waiting_for_provider on rekey.rotations (credential)
  where state = 'waiting' and wait_for = 'provider';

create table rekey.versions (
  credential rekey.inventory_name not null references rekey.credentials,
  number bigint not null check (number > 0),
  label text not null
    check (label in ('none', 'pending', 'current', 'previous')), -- = domain.versionLabels
  life text not null
    check (life in ('planned', 'valid', 'suspended', 'ending', 'revoked')), -- = domain.versionLives
  rotation uuid not null,
  principal text,
  marked boolean not null,
  fingerprints jsonb not null,
  staged boolean not null,
  exposed_at timestamptz,
  minted_at timestamptz,
  promoted_at timestamptz,
  contained_at timestamptz,
  suspended_at timestamptz,
  proven_dead_at timestamptz,
  proof jsonb,
  primary key (credential, number),
  -- Judged at commit: promote moves the label between two rows.
  constraint versions_one_current exclude (credential with =) where (label = 'current')
    deferrable initially deferred
);

create table rekey.version_fingerprints (
  scheme text not null,
  value text not null,
  credential rekey.inventory_name not null,
  version bigint not null,
  primary key (scheme, value, credential, version),
  foreign key (credential, version) references rekey.versions (credential, number)
);

create table rekey.effects (
  rotation uuid not null,
  step text not null,
  attempt bigint not null,
  version bigint,
  state text not null
    check (state in ('intended', 'confirmed', 'absent', 'failed')), -- = domain.effectStates
  key text not null,
  baseline jsonb,
  fault text,
  primary key (rotation, step, attempt)
);

create table rekey.watches (
  id uuid primary key,
  credential rekey.inventory_name not null references rekey.credentials,
  version bigint not null,
  rotation uuid not null,
  state text not null
    check (state in ('watching', 'reopened', 'ended')), -- = domain.watchStates
  probes bigint not null,
  failures bigint not null,
  started_at timestamptz not null,
  due_at timestamptz not null,
  ended_at timestamptz
);
create index watches_due on rekey.watches (due_at, id) where state = 'watching';

-- Left for whoever holds the target; deleted in the commit that records their effect.
create table rekey.inputs (
  target_kind text not null
    check (target_kind in ('case', 'rotation', 'watch')), -- = domain.workKinds
  target_id uuid not null,
  seq bigint generated always as identity,
  payload jsonb not null,
  actor text not null,
  at timestamptz not null,
  primary key (target_kind, target_id, seq)
);

-- The latest that left: what a consumer that comes back is told.
create table rekey.announcements (
  credential rekey.inventory_name primary key,
  version bigint not null,
  rotation uuid not null,
  sequence bigint not null,
  at timestamptz not null
);

create table rekey.foreign_acknowledged (
  credential rekey.inventory_name not null,
  principal text not null,
  actor text not null,
  reason text not null,
  at timestamptz not null,
  primary key (credential, principal)
);
