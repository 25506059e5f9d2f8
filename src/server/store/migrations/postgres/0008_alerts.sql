-- The zone in which a workspace's days begin and end (IANA name).
alter table workspaces add column zone text not null default 'UTC';
-- Posts that were waiting to be published when it broke.
alter table incidents add column posts bigint not null default 0;
-- How many of its reminders were written.
alter table incidents add column step bigint not null default 0;
-- The end, and the days before it, that the last reminder was about.
alter table accounts add column reminded_end bigint;
alter table accounts add column reminded_days bigint;
create index incidents_open on incidents (opened_at) where closed_at is null;

-- What a workspace is told of by mail. No row: the kind's default.
create table alert_rules (
    workspace_id text    not null references workspaces (id) on delete cascade,
    kind         text    not null,
    enabled      boolean not null,
    -- Days, as the kind means them: '7,1' before an end, '2,5,4' after a break.
    days         text    not null,
    primary key (workspace_id, kind)
);

-- Members who want something else than their role's default.
create table alert_members (
    workspace_id text    not null references workspaces (id) on delete cascade,
    user_id      text    not null references users (id) on delete cascade,
    kind         text    not null,
    wanted       boolean not null,
    primary key (workspace_id, user_id, kind)
);

-- Where others are told by HTTP. Address and secrets are sealed: whoever knows a chat's address may write there.
create table webhooks (
    id                text   not null primary key,
    workspace_id      text   not null references workspaces (id) on delete cascade,
    name              text   not null,
    format            text   not null check (format in ('standard', 'slack', 'discord')),
    host              text   not null,
    url               bytea not null,
    secret            bytea,
    -- The secret before, which still signs until then.
    old_secret        bytea,
    old_secret_ends_at bigint,
    state             text   not null check (state in ('on', 'off', 'given-up')),
    -- Since when every delivery failed.
    failing_since     bigint,
    created_at        bigint not null
);
create index webhooks_by_workspace on webhooks (workspace_id);

-- What is to be told to one addressee by one channel. Written with the event that it tells.
create table outbox (
    id            text   not null primary key,
    workspace_id  text   not null references workspaces (id) on delete cascade,
    channel       text   not null check (channel in ('mail', 'webhook')),
    kind          text   not null,
    user_id       text   references users (id) on delete cascade,
    webhook_id    text   references webhooks (id) on delete cascade,
    -- A webhook's message: JSON, never a secret. Mails are written when they are sent.
    body          text   not null default '{}',
    state         text   not null check (state in ('waiting', 'sent', 'dropped', 'dead')),
    due_at        bigint not null,
    attempts      bigint not null default 0,
    -- The end of the message went out under the lease of this epoch, and nobody knows yet what came of it.
    finishing     bigint,
    -- It went out twice, because nobody knew what became of the first.
    resent        boolean not null default false,
    -- What the other side answered last.
    answer        text,
    lease_owner   text,
    lease_ends_at bigint,
    epoch         bigint not null default 0,
    created_at    bigint not null,
    done_at       bigint,
    check ((channel = 'mail') = (user_id is not null)),
    check ((channel = 'webhook') = (webhook_id is not null))
);
create index outbox_due on outbox (due_at) where state = 'waiting';
create index outbox_by_workspace on outbox (workspace_id, created_at);
create index outbox_by_webhook on outbox (webhook_id, created_at);

-- What a message is about. One subject reaches one addressee once.
create table outbox_items (
    addressee   text   not null,
    subject     text   not null,
    outbox_id   text   not null references outbox (id) on delete cascade,
    account_id  text   not null references accounts (id) on delete cascade,
    incident_id text   references incidents (id) on delete cascade,
    primary key (addressee, subject)
);
create index outbox_items_by_message on outbox_items (outbox_id);
create index outbox_items_by_incident on outbox_items (incident_id);
create index outbox_items_by_account on outbox_items (account_id);

-- Links by which a person ends a kind of mail with one click.
create table unsubscribes (
    token_hash   text   not null primary key,
    workspace_id text   not null references workspaces (id) on delete cascade,
    user_id      text   not null references users (id) on delete cascade,
    kind         text   not null,
    created_at   bigint not null
);
create index unsubscribes_by_age on unsubscribes (created_at);

-- Secret addresses of calendars.
create table feeds (
    token_hash   text   not null primary key,
    workspace_id text   not null references workspaces (id) on delete cascade,
    user_id      text   not null references users (id) on delete cascade,
    created_at   bigint not null
);

-- Banners that a member does not want to see until then.
create table dismissals (
    user_id    text   not null references users (id) on delete cascade,
    account_id text   not null references accounts (id) on delete cascade,
    until      bigint not null,
    primary key (user_id, account_id)
);
