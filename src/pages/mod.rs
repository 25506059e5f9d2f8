//! One file a route. A page asks the server through `api`, and puts the answer into components of `ui`.

pub mod activity;
pub mod banners;
pub mod compose;
pub mod connect;
pub mod connections;
pub mod door;
pub mod frame;
pub mod launchpad;
pub mod menu;
pub mod not_found;
pub mod overview;
pub mod palette;
pub mod renewed;
pub mod set_up;
pub mod settings;
pub mod sign_in;
pub mod support;
pub mod who;
