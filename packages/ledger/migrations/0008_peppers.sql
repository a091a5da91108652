-- What each pepper makes of a fixed text: a process with another key under the same id would recognise no leaked value.
create table rekey.peppers (
  scheme text primary key,
  value text not null,
  kept_at timestamptz not null
);
