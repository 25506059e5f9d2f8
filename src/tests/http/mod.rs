//! The web side through the real router.

mod callback;
mod check_all;
mod connect;
mod events;
mod faults;
mod find;
mod guard;
mod instances;
mod launchpad;
mod lifecycle;
mod listing;
mod live;
mod metrics;
mod overview;
mod panel;
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
