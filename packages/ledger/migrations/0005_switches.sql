-- Switches that people set, the providers' gates, and the processes that live.
create table rekey.gates (
  issuer text primary key,
  state text not null
    check (state in ('open', 'half-open', 'closed')), -- = domain.gateStates
  failures bigint not null,
  retry_at timestamptz not null
);

create table rekey.mode_settings (
  scope text not null
    check (scope in ('everything', 'producer', 'environment', 'issuer', 'credential')), -- = domain.modeScopes
  name text not null,
  mode text not null
    check (mode in ('observe', 'propose', 'act')), -- = domain.modes
  primary key (scope, name)
);

create table rekey.pause (
  only_row boolean primary key default true check (only_row),
  paused boolean not null,
  "all" boolean not null,
  reason text
);
insert into rekey.pause (paused, "all") values (false, false);

create table rekey.processes (
  id text primary key,
  kinds jsonb not null,
  build text not null,
  beat_at timestamptz not null
);
create index processes_beat on rekey.processes (beat_at);
