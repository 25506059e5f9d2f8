-- The operator's figures count accounts every few seconds.
create index accounts_by_health on accounts (platform, health) where state = 'connected';
