//! Fills the demo once.

use super::hands::Demo;
use super::{crowd, story};
use crate::demo::{EMAIL, PASSWORD, VIEWER};
use crate::domain::role::Role;
use crate::sandbox::Sandbox;
use crate::server::error::RunError;
use crate::server::http::session::Member;
use crate::server::service::members;
use crate::server::state::AppState;
use crate::server::store::people;

/// Puts the clocks of server and sandbox to now plus this many milliseconds.
pub type Shift<'a> = &'a (dyn Fn(i64) + Sync);

/// Seeds an empty database; a seeded one stays as it is. `accounts`: so many instead of as many as the story has.
pub async fn seed(state: &AppState, twin: &Sandbox, shift: Shift<'_>, accounts: Option<u32>) -> Result<(), RunError> {
    if people::any_user(&state.db).await? {
        return Ok(());
    }
    let demo = Demo { state, twin, shift, member: owner(state).await? };
    let told = if accounts.is_none_or(|wanted| wanted >= story::ACCOUNTS) {
        story::tell(&demo).await?;
        story::ACCOUNTS
    } else {
        0
    };
    crowd::fill(&demo, accounts.unwrap_or(told).saturating_sub(told)).await
}

/// Answers the owner; beside them is somebody who may only look.
async fn owner(state: &AppState) -> Result<Member, RunError> {
    let name = "Robin Demo";
    let workspace = "Harbour Street Collective";
    let new = members::NewUser { email: EMAIL, name, password: PASSWORD, workspace, role: Role::Owner };
    let viewer = members::NewUser { email: VIEWER, name: "Sam Viewer", role: Role::Viewer, ..new };
    let (user, workspace) = members::add_user(state, &new).await?;
    members::add_user(state, &viewer).await?;
    Ok(Member {
        user,
        workspace,
        role: Role::Owner,
        session_hash: String::new(),
        name: name.into(),
        email: EMAIL.into(),
    })
}
