//! The web side through the real router.

mod callback;
mod check_all;
mod connect;
mod events;
mod faults;
mod guard;
mod instances;
mod lifecycle;
mod listing;
mod metrics;
mod platforms;
mod postgres;
mod queue;
mod reconnect;
mod roles;
mod secrets;
mod session;
mod settings;
mod signals;
mod support;
