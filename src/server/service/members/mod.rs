//! People: the first owner, signing in and out, sessions.

mod passwords;
mod set_up;

use secrecy::SecretString;

pub use set_up::{Owner, SetUpProblem, set_up, setup_address};

use super::ServiceError;
use crate::api::session::Me;
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::plan::Plan;
use crate::domain::role::Role;
use crate::domain::text::one_line;
use crate::server::digest::sha256;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::accounts;
use crate::server::store::people::{self, UserRow, Workspace};
use crate::server::store::sessions::{self, NewSession, SessionRow};
use crate::server::store::{StoreError, Tx};

/// The longest name of a person or a workspace, in characters.
const NAME_LENGTH: usize = 80;

/// Days in milliseconds.
pub fn days(days: u32) -> i64 {
    i64::from(days) * 86_400_000
}

/// An e-mail as it is stored and compared.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// What the frame of every page shows.
///
/// # Errors
/// When the database does not answer or the workspace is gone.
pub async fn me(state: &AppState, member: &Member) -> Result<Me, ServiceError> {
    let workspace = people::workspace(&state.db, &member.workspace).await?.ok_or(ServiceError::NotFound)?;
    let read_only = state.vault.is_read_only().map(|why| match member.role {
        Role::Admin | Role::Owner => why,
        Role::Viewer | Role::Editor => "Nothing can be connected now. Admins see why.".into(),
    });
    Ok(Me {
        name: member.name.clone(),
        email: member.email.clone(),
        role: member.role,
        workspace: workspace.name,
        attention: u32::try_from(accounts::count_amber(&state.db, &member.workspace).await?).unwrap_or(0),
        read_only,
        sandbox: state.config.outbound.upstream.clone(),
    })
}

/// Opens a session if e-mail (in normal form) and password belong together, and ends the one this browser had before.
/// The answer is the cookie's value. A person nobody knows takes as long as a wrong password.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in(
    state: &AppState,
    email: &str,
    password: SecretString,
    before: Option<&str>,
) -> Result<Option<String>, ServiceError> {
    let user = people::user_by_email(&state.db, email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = passwords::verify(state, password, hash).await?;
    let Some(user) = user.filter(|_| right) else { return Ok(None) };
    let user = UserId::new(user.id);
    let Some(workspace) = people::workspaces_of(&state.db, &user).await?.into_iter().next() else { return Ok(None) };
    let mut tx = state.db.begin().await?;
    if let Some(hash) = before {
        sessions::end(&mut tx, hash).await?;
    }
    let id = open_session(state, &mut tx, &user, &workspace).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Opens a session without asking for a password; the answer is the cookie's value.
async fn open_session(
    state: &AppState,
    tx: &mut Tx,
    user: &UserId,
    workspace: &WorkspaceId,
) -> Result<String, StoreError> {
    let id = state.random.token();
    let now = state.clock.now();
    let ends_at = now + days(state.config.sessions.absolute_days);
    let hash = sha256(id.as_bytes());
    sessions::insert(tx, &NewSession { hash: &hash, user, workspace, now, ends_at }).await?;
    Ok(id)
}

/// Ends this browser's session.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(state: &AppState, session_hash: &str) -> Result<(), ServiceError> {
    let mut tx = state.db.begin().await?;
    sessions::end(&mut tx, session_hash).await?;
    tx.commit().await?;
    Ok(())
}

/// The member's signed-in browsers, the one used last at the front.
///
/// # Errors
/// When the database does not answer.
pub async fn list_sessions(state: &AppState, member: &Member) -> Result<Vec<SessionRow>, ServiceError> {
    let now = state.clock.now();
    Ok(sessions::list(&state.db, &member.user, now, state.config.sessions.idle_since(now)).await?)
}

/// Signs one of the member's browsers out.
///
/// # Errors
/// [`ServiceError::NotFound`] when it is none of theirs.
pub async fn revoke_session(state: &AppState, member: &Member, session_hash: &str) -> Result<(), ServiceError> {
    let mut tx = state.db.begin().await?;
    let found = sessions::revoke(&mut tx, &member.user, session_hash).await?;
    tx.commit().await?;
    if found { Ok(()) } else { Err(ServiceError::NotFound) }
}

/// A person to be added.
pub struct NewUser<'a> {
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a str,
    /// The workspace's name. It is made, on the Enterprise plan, if there is none of that name.
    pub workspace: &'a str,
    pub role: Role,
}

/// Adds a person and, for its first member, the workspace.
///
/// # Errors
/// [`ServiceError::Conflict`] when the e-mail is taken.
pub async fn add_user(state: &AppState, new: &NewUser<'_>) -> Result<(UserId, WorkspaceId), ServiceError> {
    let now = state.clock.now();
    let row = UserRow {
        id: state.random.uuid(now),
        email: normal_email(new.email),
        name: one_line(new.name, NAME_LENGTH),
        password_hash: passwords::hash(state, SecretString::from(new.password)).await?,
    };
    let user = UserId::new(row.id.clone());
    let mut tx = state.db.begin().await?;
    if !people::insert_user(&mut tx, &row, now).await? {
        return Err(ServiceError::Conflict("This e-mail is taken.".into()));
    }
    let name = one_line(new.workspace, NAME_LENGTH);
    let workspace = match people::workspace_named(&mut tx, &name).await? {
        Some(id) => id,
        None => {
            let id = WorkspaceId::new(state.random.uuid(now));
            people::insert_workspace(&mut tx, &Workspace { id: id.clone(), name, plan: Plan::Enterprise }, now).await?;
            id
        }
    };
    people::insert_membership(&mut tx, &workspace, &user, new.role, now).await?;
    tx.commit().await?;
    Ok((user, workspace))
}
