-- How often a refresh was sent, or announced by somebody who then died, since the last clean answer.
alter table refresh_journal add column sendings bigint not null default 1;
