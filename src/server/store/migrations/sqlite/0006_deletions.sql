-- What was deleted because a person asked their platform for it; found by the hash of the code that they were given.
create table deletions (
    code_hash text primary key,
    platform text not null,
    done_at bigint not null,
    grants bigint not null,
    accounts bigint not null
);
-- A platform's signal names a person, not a workspace.
create index grants_by_identity on grants (platform, identity_id);
