-- What was given up is counted at every look at the figures, and comes first in its lists.
create index outbox_dead on outbox (channel, workspace_id) where state = 'dead';
