//! What can be connected, and the choice of destinations after a consent.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::id::GrantId;
use crate::domain::plan::Plan;
use crate::domain::platform::Platform;

/// Where several accounts are reconnected one after another: pages lead there, the server answers it.
pub const RECONNECT: &str = "/oauth/reconnect";

/// One line of the connect dialog (SPEC C-1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub platform: Platform,
    pub offer: Offer,
}

/// Whether a platform can be connected now, and if not, what is in the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Offer {
    Ready,
    /// The plan does not include it; this one does.
    Upgrade {
        plan: Plan,
    },
    /// The plan carries no further account.
    LimitReached {
        limit: usize,
    },
    /// The operator must set these settings (names as in `Leptos.toml`).
    NotConfigured {
        settings: Vec<String>,
    },
    ComingSoon,
}

/// The destinations of a consent, for the person to choose from (SPEC C-3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picker {
    pub grant: GrantId,
    pub platform: Platform,
    /// Who consented.
    pub person: String,
    pub destinations: Vec<Destination>,
    /// How many more accounts the plan carries; `None` is without limit.
    pub slots_left: Option<usize>,
    pub plan: Plan,
}

/// One destination that can be ticked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    pub id: String,
    pub name: String,
    pub handle: Option<String>,
    pub connected: bool,
    /// Why it can't be published to; it can't be ticked then.
    pub unusable: Option<String>,
}

/// Every platform and whether it can be connected.
#[server(name = GetChoices, endpoint = "choices")]
pub async fn choices() -> Result<Vec<Choice>, ApiError> {
    use crate::server::{http::session, service::connect};
    let (state, member) = session::require().await?;
    connect::choices(&state, &member).await.map_err(session::answer)
}

/// What a consent offers.
#[server(name = GetPicker, endpoint = "picker")]
pub async fn picker(grant: GrantId) -> Result<Picker, ApiError> {
    use crate::server::{http::session, service::choose};
    let (state, member) = session::require().await?;
    choose::picker(&state, &member, &grant).await.map_err(session::answer)
}
