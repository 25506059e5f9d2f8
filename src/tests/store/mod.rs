//! Every store function, on SQLite and on PostgreSQL.

mod activity;
mod alerts;
mod banners;
mod connections;
mod figures;
mod incidents;
mod keys;
mod leases;
mod open;
mod people;
mod relay;
mod reseal;
mod sessions;
