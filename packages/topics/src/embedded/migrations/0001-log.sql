-- Offsets are given by `update partitions set head = head + n`: the row lock is held to the commit,
-- so a reader that sees an offset sees every smaller one. A sequence would not promise that.
create table rekey_topics.topics (
  id integer generated always as identity primary key,
  name text not null unique check (length(name) between 1 and 249),
  partition_count integer not null check (partition_count between 1 and 128),
  retention_ms bigint not null check (retention_ms > 0)
);

create table rekey_topics.partitions (
  topic_id integer not null references rekey_topics.topics (id),
  number integer not null check (number >= 0),
  head bigint not null default 0,
  first_kept bigint not null default 0,
  primary key (topic_id, number),
  check (first_kept between 0 and head)
) with (fillfactor = 50);

-- Bytes throughout: text refuses U+0000, which a key, a header or a value may hold.
create table rekey_topics.records (
  topic_id integer not null,
  number integer not null,
  record_offset bigint not null,
  key bytea not null,
  headers bytea not null,
  value bytea not null,
  appended_at timestamptz not null default now(),
  primary key (topic_id, number, record_offset),
  foreign key (topic_id, number) references rekey_topics.partitions (topic_id, number)
);

-- One row per group and partition: who reads it, until when, and how far the group came.
create table rekey_topics.claims (
  consumer_group text not null,
  topic_id integer not null,
  number integer not null,
  committed bigint not null default 0,
  fence bigint not null default 0,
  holder uuid,
  hold_until timestamptz not null default '-infinity',
  primary key (consumer_group, topic_id, number),
  foreign key (topic_id, number) references rekey_topics.partitions (topic_id, number)
) with (fillfactor = 50);

create table rekey_topics.members (
  consumer_group text not null,
  id uuid not null,
  topic_ids integer[] not null,
  alive_until timestamptz not null,
  primary key (consumer_group, id)
);
