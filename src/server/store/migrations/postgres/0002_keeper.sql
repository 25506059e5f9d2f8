-- The database's own time, Unix milliseconds. Leases are judged by it alone: the clocks of several servers may differ.
create view db_clock as select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms;

-- Refreshes that were sent and not cleanly answered. A row is written before the call and goes with its clean answer,
-- so what is here is either under way or in doubt.
create table refresh_journal (
    grant_id   text   not null primary key references grants (id) on delete cascade,
    -- The lease under which it was sent last.
    epoch      bigint not null,
    instance   text   not null,
    -- By the database's clock.
    sent_at    bigint not null,
    -- 'sent': nobody has heard of it since; 'unanswered': whoever sent it lived on and got no clean answer.
    state      text   not null check (state in ('sent', 'unanswered')),
    -- How often it went unanswered since the last clean answer.
    unanswered bigint not null default 0
);

-- Platforms (and servers) that refuse our own app. The first to notice writes the row and tells the operator; the first
-- call that works removes it.
create table platform_faults (
    platform text   not null,
    host     text   not null default '',
    since    bigint not null,
    detail   text   not null,
    primary key (platform, host)
);

insert into refresh_journal (grant_id, epoch, instance, sent_at, state, unanswered)
    select id, epoch, '', 0, 'unanswered', doubts from grants where doubts > 0;
alter table grants drop column doubts;

drop index grants_due;
create index grants_due on grants (platform, due_at) where state = 'active';
