-- Written from the migrations; compared in a test.

create domain rekey.inventory_name as text collate "C" CHECK ((VALUE ~ '^[a-z0-9][a-z0-9._-]{0,62}$'::text));

create table rekey.acknowledgement_tokens (
  token_id text not null,
  consumer rekey.inventory_name not null,
  used_at timestamp with time zone not null,
  constraint acknowledgement_tokens_pkey PRIMARY KEY (token_id)
);
CREATE INDEX acknowledgement_tokens_used ON rekey.acknowledgement_tokens USING btree (used_at);

create table rekey.acknowledgements (
  consumer rekey.inventory_name not null,
  credential rekey.inventory_name not null,
  instance text not null,
  version bigint not null,
  sequence bigint not null,
  acknowledged_at timestamp with time zone not null,
  counted boolean not null,
  constraint acknowledgements_pkey PRIMARY KEY (credential, consumer, instance)
);
CREATE INDEX acknowledgements_instance ON rekey.acknowledgements USING btree (consumer, instance);

create table rekey.announcements (
  credential rekey.inventory_name not null,
  version bigint not null,
  rotation uuid not null,
  sequence bigint not null,
  at timestamp with time zone not null,
  constraint announcements_pkey PRIMARY KEY (credential)
);

create table rekey.audit_events (
  id uuid not null,
  at timestamp with time zone not null,
  type text not null,
  credential text,
  case_id uuid,
  rotation uuid,
  signal uuid,
  digest text not null,
  canonical bytea not null,
  xact xid8 default pg_current_xact_id(),
  constraint audit_events_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  constraint audit_events_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_events_time ON rekey.audit_events USING btree (at, id);
CREATE INDEX audit_events_xact ON rekey.audit_events USING btree (xact) WHERE (xact IS NOT NULL);

create table rekey.audit_head (
  only_row boolean not null default true,
  seen pg_snapshot not null,
  system text not null,
  swept uuid,
  constraint audit_head_only_row_check CHECK (only_row),
  constraint audit_head_pkey PRIMARY KEY (only_row)
);

create table rekey.audit_leaves (
  "position" bigint not null,
  event uuid not null,
  credential text,
  case_id uuid,
  constraint audit_leaves_position_check CHECK (("position" >= 0)),
  constraint audit_leaves_pkey PRIMARY KEY ("position"),
  constraint audit_leaves_event_key UNIQUE (event)
);
CREATE INDEX audit_leaves_case ON rekey.audit_leaves USING btree (case_id, "position") WHERE (case_id IS NOT NULL);
CREATE INDEX audit_leaves_credential ON rekey.audit_leaves USING btree (credential, "position") WHERE (credential IS NOT NULL);

create table rekey.breaker_reservations (
  key text not null,
  scope text not null,
  producer text not null,
  kind text not null,
  charged text not null,
  reserved_at timestamp with time zone not null,
  constraint breaker_reservations_pkey PRIMARY KEY (key)
);
CREATE INDEX breaker_reservations_scope ON rekey.breaker_reservations USING btree (scope, reserved_at);

create table rekey.breaker_windows (
  scope text not null,
  constraint breaker_windows_pkey PRIMARY KEY (scope)
);

create table rekey.case_items (
  case_id uuid not null,
  credential rekey.inventory_name not null,
  version bigint,
  wanted text not null,
  wave bigint not null,
  rotation uuid,
  outcome text,
  constraint case_items_case_id_fkey FOREIGN KEY (case_id) REFERENCES rekey.cases(id),
  constraint case_items_pkey PRIMARY KEY (case_id, credential)
);
CREATE INDEX case_items_credential ON rekey.case_items USING btree (credential);

create table rekey.cases (
  id uuid not null,
  kind text not null,
  about text not null,
  episode bigint not null,
  step text not null,
  state text not null,
  state_detail jsonb not null,
  lane text not null,
  mode text not null,
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
  due_at timestamp with time zone not null,
  wake_at timestamp with time zone,
  opened_at timestamp with time zone not null,
  occurred_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  fence bigint not null,
  hold_until timestamp with time zone not null,
  hold_by text,
  hold_open boolean not null,
  constraint cases_episode_check CHECK ((episode > 0)),
  constraint cases_kind_check CHECK ((kind = ANY (ARRAY['incident'::text, 'offboarding'::text, 'retirement'::text, 'campaign'::text]))),
  constraint cases_lane_check CHECK ((lane = ANY (ARRAY['urgent'::text, 'planned'::text, 'sweep'::text]))),
  constraint cases_mode_check CHECK ((mode = ANY (ARRAY['observe'::text, 'propose'::text, 'act'::text]))),
  constraint cases_state_check CHECK ((state = ANY (ARRAY['running'::text, 'waiting'::text, 'halted'::text, 'closed'::text]))),
  constraint cases_step_check CHECK ((step = ANY (ARRAY['resolve'::text, 'expand'::text, 'admit'::text, 'wave'::text, 'enumerate'::text, 'close'::text]))),
  constraint cases_pkey PRIMARY KEY (id),
  constraint cases_kind_about_episode_key UNIQUE (kind, about, episode)
);
CREATE INDEX cases_due ON rekey.cases USING btree (lane, LEAST(due_at, wake_at), id) WHERE (state <> 'closed'::text);
CREATE UNIQUE INDEX cases_open ON rekey.cases USING btree (kind, about) WHERE (state <> 'closed'::text);

create table rekey.consumers (
  id rekey.inventory_name not null,
  identity rekey.inventory_name not null,
  environment text not null,
  service text not null,
  signing_key jsonb,
  reader text,
  declared boolean not null,
  constraint consumers_pkey PRIMARY KEY (id)
);
CREATE INDEX consumers_identity ON rekey.consumers USING btree (identity);
CREATE INDEX consumers_service ON rekey.consumers USING btree (service, environment);

create table rekey.credentials (
  id rekey.inventory_name not null,
  identity rekey.inventory_name not null,
  owner rekey.inventory_name not null,
  purpose text not null,
  environment text not null,
  criticality text not null,
  issuer jsonb not null,
  issuer_instance text not null generated always as (issuer ->> 'instance'::text) stored,
  store jsonb,
  consumers text[] collate "C" not null,
  policy rekey.inventory_name not null,
  ends_with text,
  exclusive boolean not null,
  protected boolean not null,
  control boolean not null,
  declared boolean not null,
  ended boolean not null default false,
  fence bigint not null default 0,
  hold_until timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  hold_by text,
  hold_open boolean not null default false,
  hold_lost boolean not null default false,
  rotation_number bigint not null default 0,
  announcement_sequence bigint not null default 0,
  rotate_due_at timestamp with time zone,
  constraint credentials_announcement_sequence_check CHECK ((announcement_sequence >= 0)),
  constraint credentials_criticality_check CHECK ((criticality = ANY (ARRAY['normal'::text, 'critical'::text]))),
  constraint credentials_ends_with_check CHECK ((ends_with = ANY (ARRAY['deployment'::text, 'job'::text]))),
  constraint credentials_fence_check CHECK ((fence >= 0)),
  constraint credentials_rotation_number_check CHECK ((rotation_number >= 0)),
  constraint credentials_identity_fkey FOREIGN KEY (identity) REFERENCES rekey.identities(id),
  constraint credentials_policy_fkey FOREIGN KEY (policy) REFERENCES rekey.policies(name),
  constraint credentials_pkey PRIMARY KEY (id)
);
CREATE INDEX credentials_consumers ON rekey.credentials USING gin (consumers);
CREATE INDEX credentials_control ON rekey.credentials USING btree (issuer_instance, id) WHERE (control AND declared);
CREATE INDEX credentials_identity ON rekey.credentials USING btree (identity, id);
CREATE INDEX credentials_schedule ON rekey.credentials USING btree (rotate_due_at, id) WHERE (declared AND (NOT ended));

create table rekey.effects (
  rotation uuid not null,
  step text not null,
  attempt bigint not null,
  version bigint,
  state text not null,
  key text not null,
  baseline jsonb,
  fault text,
  constraint effects_state_check CHECK ((state = ANY (ARRAY['intended'::text, 'confirmed'::text, 'absent'::text, 'failed'::text]))),
  constraint effects_pkey PRIMARY KEY (rotation, step, attempt)
);

create table rekey.foreign_acknowledged (
  credential rekey.inventory_name not null,
  principal text not null,
  actor text not null,
  reason text not null,
  at timestamp with time zone not null,
  constraint foreign_acknowledged_pkey PRIMARY KEY (credential, principal)
);

create table rekey.gates (
  issuer text not null,
  state text not null,
  failures bigint not null,
  retry_at timestamp with time zone not null,
  asked_at timestamp with time zone,
  constraint gates_state_check CHECK ((state = ANY (ARRAY['open'::text, 'half-open'::text, 'closed'::text]))),
  constraint gates_pkey PRIMARY KEY (issuer)
);

create table rekey.grants (
  consumer rekey.inventory_name not null,
  credential rekey.inventory_name not null,
  purpose text not null,
  owner rekey.inventory_name not null,
  approver rekey.inventory_name,
  until timestamp with time zone,
  declared boolean not null,
  constraint grants_pkey PRIMARY KEY (consumer, credential)
);

create table rekey.identities (
  id rekey.inventory_name not null,
  kind text not null,
  owner rekey.inventory_name,
  aliases jsonb not null,
  active boolean not null,
  declared boolean not null,
  constraint identities_kind_check CHECK ((kind = ANY (ARRAY['service'::text, 'workload'::text, 'partner'::text, 'agent'::text, 'job'::text, 'person'::text]))),
  constraint identities_pkey PRIMARY KEY (id)
);
CREATE INDEX identities_aliases ON rekey.identities USING gin (aliases jsonb_path_ops);

create table rekey.inputs (
  target_kind text not null,
  target_id uuid not null,
  seq bigint not null generated always as identity,
  payload jsonb not null,
  actor text not null,
  at timestamp with time zone not null,
  constraint inputs_target_kind_check CHECK ((target_kind = ANY (ARRAY['case'::text, 'rotation'::text, 'watch'::text]))),
  constraint inputs_pkey PRIMARY KEY (target_kind, target_id, seq)
);

create table rekey.mode_settings (
  scope text not null,
  name text not null,
  mode text not null,
  constraint mode_settings_mode_check CHECK ((mode = ANY (ARRAY['observe'::text, 'propose'::text, 'act'::text]))),
  constraint mode_settings_scope_check CHECK ((scope = ANY (ARRAY['everything'::text, 'producer'::text, 'environment'::text, 'issuer'::text, 'credential'::text]))),
  constraint mode_settings_pkey PRIMARY KEY (scope, name)
);

create table rekey.obligations (
  id uuid not null,
  case_id uuid not null,
  credential rekey.inventory_name,
  version bigint,
  owner rekey.inventory_name,
  opened_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  attempts bigint not null,
  last_reason text,
  settled_at timestamp with time zone,
  settled_by text,
  constraint obligations_settled_by_check CHECK ((settled_by = ANY (ARRAY['proof'::text, 'exception'::text, 'expanded'::text, 'observed'::text, 'dismissed'::text]))),
  constraint obligations_case_id_fkey FOREIGN KEY (case_id) REFERENCES rekey.cases(id),
  constraint obligations_pkey PRIMARY KEY (id)
);
CREATE INDEX obligations_case ON rekey.obligations USING btree (case_id);
CREATE INDEX obligations_credential ON rekey.obligations USING btree (credential) WHERE (settled_at IS NULL);
CREATE INDEX obligations_debt ON rekey.obligations USING btree (id) WHERE (settled_at IS NULL);
CREATE UNIQUE INDEX obligations_owed ON rekey.obligations USING btree (case_id, credential, version) NULLS NOT DISTINCT WHERE (settled_at IS NULL);

create table rekey.outbox (
  "position" bigint not null generated always as identity,
  shard smallint not null,
  topic text not null,
  key text not null,
  headers jsonb not null,
  value text not null,
  announces jsonb,
  constraint outbox_shard_check CHECK (((shard >= 0) AND (shard <= 15))),
  constraint outbox_pkey PRIMARY KEY ("position")
);
CREATE INDEX outbox_unsent ON rekey.outbox USING btree (shard, "position");

create table rekey.outbox_shards (
  shard smallint not null,
  fence bigint not null,
  hold_until timestamp with time zone not null,
  hold_by text,
  constraint outbox_shards_shard_check CHECK (((shard >= 0) AND (shard <= 15))),
  constraint outbox_shards_pkey PRIMARY KEY (shard)
);

create table rekey.pause (
  only_row boolean not null default true,
  paused boolean not null,
  "all" boolean not null,
  reason text,
  constraint pause_only_row_check CHECK (only_row),
  constraint pause_pkey PRIMARY KEY (only_row)
);

create table rekey.peppers (
  scheme text not null,
  value text not null,
  kept_at timestamp with time zone not null,
  constraint peppers_pkey PRIMARY KEY (scheme)
);

create table rekey.policies (
  name rekey.inventory_name not null,
  rotate_after_ms bigint,
  grace_ms bigint not null,
  grace_over jsonb not null,
  reversible_for_ms bigint not null,
  notice_ms bigint not null,
  on_exposure text,
  windows jsonb not null,
  freezes jsonb not null,
  allow_listed_proof boolean not null,
  allow_outage boolean not null,
  breaker jsonb not null,
  declared boolean not null,
  constraint policies_grace_ms_check CHECK ((grace_ms >= 0)),
  constraint policies_notice_ms_check CHECK ((notice_ms >= 0)),
  constraint policies_on_exposure_check CHECK ((on_exposure = ANY (ARRAY['contain-first'::text, 'replace-first'::text, 'propose'::text]))),
  constraint policies_reversible_for_ms_check CHECK ((reversible_for_ms >= 0)),
  constraint policies_rotate_after_ms_check CHECK ((rotate_after_ms > 0)),
  constraint policies_pkey PRIMARY KEY (name)
);

create table rekey.processes (
  id text not null,
  kinds jsonb not null,
  build text not null,
  beat_at timestamp with time zone not null,
  constraint processes_pkey PRIMARY KEY (id)
);
CREATE INDEX processes_beat ON rekey.processes USING btree (beat_at);

create table rekey.rotations (
  id uuid not null,
  credential rekey.inventory_name not null,
  number bigint not null,
  state text not null,
  state_detail jsonb not null,
  wait_for text,
  lane text not null,
  mode text not null,
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
  due_at timestamp with time zone not null,
  wake_at timestamp with time zone,
  started_at timestamp with time zone not null,
  announced_at timestamp with time zone,
  grace_ends_at timestamp with time zone,
  cut_off boolean not null,
  moved jsonb not null,
  unmoved jsonb not null,
  claims_lost bigint not null,
  last_claim_lost_at timestamp with time zone,
  undoing boolean not null,
  ended_at timestamp with time zone,
  waits_begun jsonb,
  constraint rotations_lane_check CHECK ((lane = ANY (ARRAY['urgent'::text, 'planned'::text, 'sweep'::text]))),
  constraint rotations_mode_check CHECK ((mode = ANY (ARRAY['observe'::text, 'propose'::text, 'act'::text]))),
  constraint rotations_number_check CHECK ((number > 0)),
  constraint rotations_state_check CHECK ((state = ANY (ARRAY['running'::text, 'waiting'::text, 'halted'::text, 'completed'::text, 'undone'::text, 'withdrawn'::text, 'would-have'::text]))),
  constraint rotations_wait_for_check CHECK ((wait_for = ANY (ARRAY['consumers'::text, 'time'::text, 'window'::text, 'approval'::text, 'person'::text, 'provider'::text]))),
  constraint rotations_credential_fkey FOREIGN KEY (credential) REFERENCES rekey.credentials(id),
  constraint rotations_pkey PRIMARY KEY (id),
  constraint rotations_credential_number_key UNIQUE (credential, number)
);
CREATE UNIQUE INDEX rotations_active ON rekey.rotations USING btree (credential) WHERE (state <> ALL (ARRAY['completed'::text, 'undone'::text, 'withdrawn'::text, 'would-have'::text]));
CREATE INDEX rotations_due ON rekey.rotations USING btree (lane, LEAST(due_at, wake_at), id) WHERE (state <> ALL (ARRAY['completed'::text, 'undone'::text, 'withdrawn'::text, 'would-have'::text]));
CREATE INDEX rotations_waiting_for_provider ON rekey.rotations USING btree (credential) WHERE ((state = 'waiting'::text) AND (wait_for = 'provider'::text));

create table rekey.service_deployments (
  service text not null,
  environment text not null,
  deployed_at timestamp with time zone not null,
  constraint service_deployments_pkey PRIMARY KEY (service, environment)
);

create table rekey.sightings (
  consumer rekey.inventory_name not null,
  instance text not null,
  last_seen_at timestamp with time zone not null,
  constraint sightings_pkey PRIMARY KEY (consumer, instance)
);

create table rekey.signals (
  id uuid not null,
  source_system text not null,
  source_feed text not null,
  event_id text not null,
  kind text,
  digest text not null,
  outcome text not null,
  reason text not null,
  case_id uuid,
  received_at timestamp with time zone not null,
  signal jsonb,
  authentication jsonb,
  coordinates text not null,
  problems jsonb not null,
  constraint signals_kind_check CHECK ((kind = ANY (ARRAY['exposure'::text, 'offboarding'::text, 'lifecycle'::text, 'usage'::text, 'moved'::text, 'manual'::text, 'schedule'::text]))),
  constraint signals_outcome_check CHECK ((outcome = ANY (ARRAY['opened'::text, 'joined'::text, 'noted'::text, 'refused'::text, 'quarantined'::text]))),
  constraint signals_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX signals_event ON rekey.signals USING btree (source_system, source_feed, event_id) WHERE (outcome <> 'quarantined'::text);
CREATE INDEX signals_outcome ON rekey.signals USING btree (outcome, id);
CREATE INDEX signals_quarantined ON rekey.signals USING btree (source_system, source_feed, event_id) WHERE (outcome = 'quarantined'::text);

create table rekey.ticks (
  only_row boolean not null default true,
  passed_ms bigint not null,
  counted_by text,
  reading_ms bigint,
  counted_at timestamp with time zone,
  constraint ticks_only_row_check CHECK (only_row),
  constraint ticks_passed_ms_check CHECK ((passed_ms >= 0)),
  constraint ticks_pkey PRIMARY KEY (only_row)
);

create table rekey.version_fingerprints (
  scheme text not null,
  value text not null,
  credential rekey.inventory_name not null,
  version bigint not null,
  constraint version_fingerprints_credential_version_fkey FOREIGN KEY (credential, version) REFERENCES rekey.versions(credential, number),
  constraint version_fingerprints_pkey PRIMARY KEY (scheme, value, credential, version)
);

create table rekey.versions (
  credential rekey.inventory_name not null,
  number bigint not null,
  label text not null,
  life text not null,
  rotation uuid not null,
  principal text,
  marked boolean not null,
  fingerprints jsonb not null,
  staged boolean not null,
  exposed_at timestamp with time zone,
  minted_at timestamp with time zone,
  promoted_at timestamp with time zone,
  contained_at timestamp with time zone,
  suspended_at timestamp with time zone,
  proven_dead_at timestamp with time zone,
  proof jsonb,
  constraint versions_label_check CHECK ((label = ANY (ARRAY['none'::text, 'pending'::text, 'current'::text, 'previous'::text]))),
  constraint versions_life_check CHECK ((life = ANY (ARRAY['planned'::text, 'valid'::text, 'suspended'::text, 'ending'::text, 'revoked'::text]))),
  constraint versions_number_check CHECK ((number > 0)),
  constraint versions_credential_fkey FOREIGN KEY (credential) REFERENCES rekey.credentials(id),
  constraint versions_pkey PRIMARY KEY (credential, number),
  constraint versions_one_current EXCLUDE USING btree (credential WITH =) WHERE ((label = 'current'::text)) DEFERRABLE INITIALLY DEFERRED
);

create table rekey.watches (
  id uuid not null,
  credential rekey.inventory_name not null,
  version bigint not null,
  rotation uuid not null,
  state text not null,
  probes bigint not null,
  failures bigint not null,
  started_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint watches_state_check CHECK ((state = ANY (ARRAY['watching'::text, 'reopened'::text, 'ended'::text]))),
  constraint watches_credential_fkey FOREIGN KEY (credential) REFERENCES rekey.credentials(id),
  constraint watches_pkey PRIMARY KEY (id)
);
CREATE INDEX watches_due ON rekey.watches USING btree (due_at, id) WHERE (state = 'watching'::text);

create table rekey.world (
  only_row boolean not null default true,
  system text,
  timeline bigint,
  behind text,
  credentials jsonb not null,
  constraint world_only_row_check CHECK (only_row),
  constraint world_pkey PRIMARY KEY (only_row)
);
