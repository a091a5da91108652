-- alone
-- Instances that are heard of no more are forgotten with what they said. An older build keeps them. No index has last_seen_at: each
-- heartbeat changes it, and would change the index too.
drop index concurrently if exists rekey.acknowledgements_instance;
create index concurrently acknowledgements_instance on rekey.acknowledgements (consumer, instance);
