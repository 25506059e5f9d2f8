//! The operator's side of the platforms: what is set, what is missing, and what a platform says of our app.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::platform::Platform;

/// What there is to know about a platform before anybody connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    pub platform: Platform,
    pub state: SetupState,
    /// Where an app is registered with the platform.
    pub console: Option<String>,
    /// To be entered there, byte for byte.
    pub addresses: Vec<Address>,
    /// It refuses our app since then, in these words.
    pub refused: Option<Refused>,
}

/// How far a platform is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SetupState {
    /// App credentials are set.
    Ready,
    /// No app of the operator's is needed.
    NothingToDo,
    /// These settings are missing (names as in `Leptos.toml`).
    Missing {
        settings: Vec<String>,
    },
    ComingSoon,
}

/// An address of ours that the platform must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// What it is called there.
    pub label: String,
    pub url: String,
}

/// A refusal of our app that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Unix milliseconds.
    pub since: i64,
    pub words: String,
}

/// What a platform said when it was asked about our app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppCheck {
    pub verdict: Verdict,
    /// A finished sentence.
    pub words: String,
}

/// Whether a platform knows our app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Knows,
    Refuses,
    /// It did not say.
    Unknown,
}

/// Every platform's set-up, for admins.
#[server(name = GetSetups, endpoint = "platforms")]
pub async fn setups() -> Result<Vec<Setup>, ApiError> {
    use crate::server::{http::session, service::setup};
    let (state, member) = session::require().await?;
    setup::all(&state, &member).await.map_err(session::answer)
}

/// Asks a platform about our app now.
#[server(name = CheckApp, endpoint = "check_app")]
pub async fn check_app(platform: Platform) -> Result<AppCheck, ApiError> {
    use crate::server::{http::session, service::setup};
    let (state, member) = session::require().await?;
    setup::check(&state, &member, platform).await.map_err(session::answer)
}
