-- Another id by which a platform speaks of the same person: on Instagram the one that is made for our app.
alter table grants add column alias text;
create index grants_by_alias on grants (platform, alias);
