-- Time as schedulers count it by their own monotonic clocks: one process at a time counts, what it adds is bounded.
create table rekey.ticks (
  only_row boolean primary key default true check (only_row),
  passed_ms bigint not null check (passed_ms >= 0),
  counted_by text,
  reading_ms bigint,
  counted_at timestamptz
);
insert into rekey.ticks (passed_ms) values (0);

-- When long waits began, by the step that waits; a build that does not know it leaves it alone.
alter table rekey.rotations add column waits_begun jsonb;
