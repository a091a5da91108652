-- alone
-- Instances that are heard of no more are forgotten, the oldest first, with what they said. An older build keeps them.
drop index concurrently if exists rekey.sightings_seen;
create index concurrently sightings_seen on rekey.sightings (last_seen_at);
drop index concurrently if exists rekey.acknowledgements_instance;
create index concurrently acknowledgements_instance on rekey.acknowledgements (consumer, instance);
