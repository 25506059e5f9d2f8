//! Who is looking at the page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::role::Role;

/// The signed-in member and their workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub workspace: String,
    /// How many connected accounts are amber.
    pub attention: u32,
    /// Why nothing can be stored now (a wrong vault key), in words for the operator.
    pub read_only: Option<String>,
    /// Address of the sandbox's control page, when this server talks to one.
    pub sandbox: Option<String>,
}

/// The member behind this request.
///
/// # Errors
/// [`ApiError::SignedOut`] without a valid session.
#[server(name = GetMe, endpoint = "me")]
pub async fn me() -> Result<Me, ApiError> {
    use crate::server::http::session;
    let (state, member) = session::require().await?;
    crate::server::service::members::me(&state, &member).await.map_err(session::answer)
}
