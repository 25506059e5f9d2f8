//! The one test binary: the whole server against the sandbox, on both databases. Subjects are modules.

mod adapters;
mod architecture;
mod config;
mod doctor;
mod http;
mod mail;
mod store;
mod support;
mod vault;
mod weather;
