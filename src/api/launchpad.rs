//! The getting-started checklist. Its words come from the server, which knows what is set.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// What there is to do before Pilotlight watches for a workspace, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launchpad {
    pub steps: Vec<Step>,
    /// What is worth doing and can't be seen from here.
    pub tips: Vec<String>,
}

/// One step. Whether it is done is looked up each time, never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub title: String,
    pub words: String,
    pub done: bool,
    /// Address and label of where it is done; `None` once it is, and for members who may not.
    pub way: Option<(String, String)>,
}

/// How far the workspace is.
#[server(name = GetLaunchpad, endpoint = "launchpad")]
pub async fn launchpad() -> Result<Launchpad, ApiError> {
    use crate::server::{http::session, service::launchpad};
    let (state, member) = session::require().await?;
    launchpad::launchpad(&state, &member).await.map_err(session::answer)
}
