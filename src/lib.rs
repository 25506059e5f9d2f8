//! Pilotlight: connects a team's social-media accounts, shows which connections work, and repairs them before a post fails.
//!
//! - `domain`: the rules both sides agree on; no I/O, no clock.
//! - `api`: what the browser may ask, and the answers.
//! - `ui`, `pages`, `app`: the screen, compiled for server and browser.
//! - `server`: everything that touches a database, a platform or a socket.
//! - `sandbox`: a stand-in for the platforms; knows nothing of the server, nor the server of it.
//! - `demo`: the one place that starts both.
//!
//! ARCHITECTURE.md tells how a click goes through these rooms. All `cfg(feature ...)` lines of the project are in this file.

#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod domain;
pub mod pages;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod sandbox;
#[cfg(feature = "ssr")]
pub mod server;

#[cfg(feature = "hydrate")]
mod tab;

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("`ssr` is the server's feature and `hydrate` the browser's; cargo-leptos builds one after the other");

/// Entry of the WebAssembly: takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    tab::start();
}
