//! The web side: routes, cookies, guards. HTTP types end here.

pub mod activity;
pub mod assets;
pub mod auth;
mod bare;
pub mod calendar;
pub mod cookie;
pub mod guard;
pub mod limits;
pub mod live;
pub mod mail;
mod nonce;
pub mod oauth;
pub mod pictures;
pub mod router;
pub mod session;
pub mod shell;
mod signals;
pub mod status;
