//! The rules that browser and server must agree on.
//!
//! Nothing here does I/O, reads a clock or waits: every function is a calculation over its arguments,
//! so the same code runs in the browser and on the server and can be tested without either.

pub mod activity;
pub mod alert;
pub mod banner;
pub mod custom;
pub mod explain;
pub mod filter;
pub mod forecast;
pub mod grant;
pub mod health;
pub mod id;
pub mod notify;
pub mod plan;
pub mod platform;
pub mod refresh;
pub mod role;
pub mod text;
pub mod uptime;
