//! The first start: a one-time token proves that the new owner can read the server's console.

use secrecy::{ExposeSecret, SecretString};

use super::{NAME_LENGTH, normal_email, open_session, passwords};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::plan::Plan;
use crate::domain::role::Role;
use crate::domain::text::one_line;
use crate::server::digest::sha256;
use crate::server::service::ServiceError;
use crate::server::state::AppState;
use crate::server::store::people::{self, UserRow, Workspace};

/// Who sets the server up.
pub struct Owner<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub password: &'a SecretString,
    /// The workspace's name.
    pub workspace: &'a str,
}

/// Why the owner was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpProblem {
    BadToken,
    WeakPassword,
    BadEmail,
    MissingField,
}

/// The address at which the owner is created, with a new one-time token; `None` once there is anybody. Any earlier
/// address is void from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn setup_address(state: &AppState) -> Result<Option<String>, ServiceError> {
    if people::any_user(&state.db).await? {
        return Ok(None);
    }
    let token = state.random.token();
    let mut tx = state.db.begin().await?;
    people::put_setup_token(&mut tx, &sha256(token.as_bytes()), state.clock.now()).await?;
    tx.commit().await?;
    Ok(Some(format!("{}/set-up?token={token}", state.config.server.public_url)))
}

/// Creates the owner and their workspace on the Enterprise plan (SPEC W-3), spends the token and opens a session.
/// The answer is the cookie's value.
///
/// # Errors
/// When the database does not answer; what the person can mend is in the inner result.
pub async fn set_up(
    state: &AppState,
    token: &str,
    owner: &Owner<'_>,
) -> Result<Result<String, SetUpProblem>, ServiceError> {
    if let Err(problem) = check(token, owner) {
        return Ok(Err(problem));
    }
    let hash = passwords::hash(state, owner.password.clone()).await?;
    let now = state.clock.now();
    let user = UserRow {
        id: state.random.uuid(now),
        email: normal_email(owner.email),
        name: one_line(owner.name, NAME_LENGTH),
        password_hash: hash,
    };
    let workspace = Workspace {
        id: WorkspaceId::new(state.random.uuid(now)),
        name: one_line(owner.workspace, NAME_LENGTH),
        plan: Plan::Enterprise,
    };
    let user_id = UserId::new(user.id.clone());
    let mut tx = state.db.begin().await?;
    // All or nothing: without the commit below the token is not spent.
    if !people::take_setup_token(&mut tx, &sha256(token.as_bytes())).await? {
        return Ok(Err(SetUpProblem::BadToken));
    }
    if !people::insert_user(&mut tx, &user, now).await? {
        return Ok(Err(SetUpProblem::BadEmail));
    }
    people::insert_workspace(&mut tx, &workspace, now).await?;
    people::insert_membership(&mut tx, &workspace.id, &user_id, Role::Owner, now).await?;
    let id = open_session(state, &mut tx, &user_id, &workspace.id).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

fn check(token: &str, owner: &Owner<'_>) -> Result<(), SetUpProblem> {
    if [owner.name, owner.email, owner.workspace].iter().any(|text| text.trim().is_empty()) {
        return Err(SetUpProblem::MissingField);
    }
    if token.is_empty() {
        return Err(SetUpProblem::BadToken);
    }
    if !is_email(owner.email.trim()) {
        return Err(SetUpProblem::BadEmail);
    }
    if owner.password.expose_secret().is_empty() {
        return Err(SetUpProblem::MissingField);
    }
    if passwords::is_weak(owner.password, &normal_email(owner.email), &owner.name.trim().to_lowercase()) {
        return Err(SetUpProblem::WeakPassword);
    }
    Ok(())
}

/// Only what can't be an address is refused; whether it is one, a mail would tell.
fn is_email(text: &str) -> bool {
    let odd =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"' | '\\');
    match text.rsplit_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && !local.contains('@')
                && !domain.is_empty()
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && text.len() <= 254
                && !text.chars().any(odd)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC W-1
    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for good in ["a@b", "ann.o+x@example.org", "ÄÖ@exämple.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@@b", "a b@c", "a@b.", "a@.b", "a@b\nbcc: c", "Ann <a@b>"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
