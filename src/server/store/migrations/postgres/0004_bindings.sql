-- What tokens are worth nothing without: the key that Bluesky's are bound to, the chat that a Telegram bot was named for.
-- Sealed like the tokens.
alter table grants add column binding bytea;
alter table flows add column binding bytea;
