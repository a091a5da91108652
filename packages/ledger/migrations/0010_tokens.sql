-- Tokens of what consumers said are forgotten when no path accepts them any more, the oldest first. An older build keeps them.
create index acknowledgement_tokens_used on rekey.acknowledgement_tokens (used_at);
