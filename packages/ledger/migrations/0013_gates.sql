-- When a provider was last asked through its closed gate: a containment waits for no more than that. Stores have gates too, named
-- store/<instance>. An older build leaves the column as it is.
alter table rekey.gates add column if not exists asked_at timestamptz;
