-- Instants are Unix milliseconds; ids are UUIDv7 text; tokens are sealed by the vault before they get here.

create table vault_keys (
    id          text   not null primary key,
    fingerprint text   not null,
    state       text   not null check (state in ('active', 'retiring')),
    created_at  bigint not null
);

create table users (
    id            text   not null primary key,
    email         text   not null unique,
    name          text   not null,
    password_hash text   not null,
    created_at    bigint not null
);

create table workspaces (
    id         text   not null primary key,
    name       text   not null,
    plan       text   not null check (plan in ('free', 'starter', 'professional', 'enterprise')),
    created_at bigint not null
);

create table memberships (
    workspace_id text   not null references workspaces (id) on delete cascade,
    user_id      text   not null references users (id) on delete cascade,
    role         text   not null check (role in ('viewer', 'editor', 'admin', 'owner')),
    created_at   bigint not null,
    primary key (workspace_id, user_id)
);
create unique index one_owner_per_workspace on memberships (workspace_id) where role = 'owner';

-- The one-time token of the first start, hashed. At most one row.
create table setup_tokens (
    token_hash text   not null primary key,
    created_at bigint not null
);

create table sessions (
    id_hash      text   not null primary key,
    user_id      text   not null references users (id) on delete cascade,
    workspace_id text   not null references workspaces (id) on delete cascade,
    created_at   bigint not null,
    seen_at      bigint not null,
    ends_at      bigint not null
);
create index sessions_by_user on sessions (user_id);

-- Apps registered on the fly with a server that a person named.
create table host_apps (
    platform      text   not null,
    host          text   not null,
    redirect_uri  text   not null,
    client_id     text   not null,
    client_secret blob   not null,
    created_at    bigint not null,
    primary key (platform, host, redirect_uri)
);

create table grants (
    id              text    not null primary key,
    workspace_id    text    not null references workspaces (id) on delete cascade,
    platform        text    not null,
    host            text    not null default '',
    identity_id     text    not null,
    identity_name   text    not null,
    setup           text    not null check (setup in ('required', 'done')),
    state           text    not null check (state in ('active', 'given-up')),
    scopes          text,
    access_token    blob,
    refresh_token   blob,
    access_issued_at bigint not null,
    access_ends_at  bigint,
    refresh_ends_at bigint,
    -- Destinations the consent offers, with their own tokens: sealed JSON.
    offered         blob,
    consented_by    text    references users (id) on delete set null,
    created_at      bigint  not null,
    refreshed_at    bigint,
    due_at          bigint  not null,
    attempts        bigint  not null default 0,
    -- Refreshes that were sent and not cleanly answered since the last clean answer.
    doubts          bigint  not null default 0,
    -- The lease of whoever talks to the platform for this grant, and the fence against late writers.
    lease_owner     text,
    lease_ends_at   bigint,
    epoch           bigint  not null default 0,
    unique (workspace_id, platform, host, identity_id)
);
create index grants_due on grants (due_at) where state = 'active';

create table accounts (
    id             text    not null primary key,
    workspace_id   text    not null references workspaces (id) on delete cascade,
    grant_id       text    not null references grants (id),
    platform       text    not null,
    host           text    not null default '',
    external_id    text    not null,
    name           text    not null,
    handle         text,
    link           text,
    picture        text,
    token          blob,
    state          text    not null check (state in ('connected', 'disconnected')),
    health         text    not null check (health in ('healthy', 'needs-reconnect')),
    cause          text,
    missing_scopes text    not null default '',
    amber_since    bigint,
    refused        bigint  not null default 0,
    unusable       text,
    connected_by   text    references users (id) on delete set null,
    connected_at   bigint  not null,
    checked_at     bigint,
    unique (workspace_id, platform, host, external_id),
    check ((health = 'needs-reconnect') = (cause is not null))
);
create index accounts_by_grant on accounts (grant_id);

create table pictures (
    hash  text not null primary key,
    mime  text not null,
    bytes blob not null
);

create table flows (
    id             text   not null primary key,
    state_hash     text   not null unique,
    browser_hash   text   not null,
    workspace_id   text   not null references workspaces (id) on delete cascade,
    user_id        text   not null references users (id) on delete cascade,
    platform       text   not null,
    host           text   not null default '',
    redirect_uri   text   not null,
    verifier       blob   not null,
    -- The account that is reconnected, with the identity that must come back; both empty for a new connection.
    account_id     text,
    expected_id    text,
    back           text   not null,
    created_at     bigint not null,
    used_at        bigint,
    -- Where the callback led, so that a repeated one leads there too.
    outcome        text
);
create index flows_by_age on flows (created_at);

create table incidents (
    id           text   not null primary key,
    workspace_id text   not null references workspaces (id) on delete cascade,
    account_id   text   not null references accounts (id) on delete cascade,
    cause        text   not null,
    opened_at    bigint not null,
    closed_at    bigint
);
create unique index one_open_incident on incidents (account_id) where closed_at is null;

create table events (
    id           text   not null primary key,
    workspace_id text   not null references workspaces (id) on delete cascade,
    account_id   text   references accounts (id) on delete cascade,
    user_id      text   references users (id) on delete set null,
    at           bigint not null,
    kind         text   not null,
    -- What the kind's sentence needs: small JSON, never a secret.
    detail       text   not null default '{}'
);
create index events_by_account on events (account_id, at);
create index events_by_workspace on events (workspace_id, at);

create table posts (
    id           text   not null primary key,
    workspace_id text   not null references workspaces (id) on delete cascade,
    author_id    text   references users (id) on delete set null,
    body         text   not null,
    created_at   bigint not null
);

create table targets (
    id         text   not null primary key,
    post_id    text   not null references posts (id) on delete cascade,
    account_id text   not null references accounts (id) on delete cascade,
    state      text   not null check (state in ('draft', 'scheduled', 'queued', 'publishing', 'published', 'held', 'failed', 'unconfirmed')),
    due_at     bigint
);
create index targets_by_account on targets (account_id, state, due_at);
