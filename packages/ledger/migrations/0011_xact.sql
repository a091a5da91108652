-- alone
-- Events by who wrote them. Writers go on while it reads the log; what a run that failed left is taken away first.
drop index concurrently if exists rekey.audit_events_xact;
create index concurrently audit_events_xact on rekey.audit_events (xact) where xact is not null;
