//! Connecting with what is typed here: a handle and an app password (Bluesky), a chat and a bot token (Telegram; SPEC C-2).

use secrecy::SecretString;

use super::connect::{Start, target};
use super::desk::Desk;
use super::settle::{self, Arrival};
use super::stop::{Stop, from_failure};
use super::{ServiceError, callback};
use crate::domain::explain::Problem;
use crate::domain::id::AccountId;
use crate::domain::platform::{Entry, Platform};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::guard;
use crate::server::state::AppState;
use crate::server::store::accounts;

/// What a person typed.
pub struct Typed {
    pub platform: Platform,
    /// Their server, if they named one.
    pub host: Option<String>,
    /// Handle, or the chat of a bot.
    pub handle: String,
    /// App password, or a bot's token.
    pub password: SecretString,
    /// The account to reconnect; `None` for a new connection.
    pub account: Option<AccountId>,
    /// Where the person was: a path of ours.
    pub back: String,
}

/// Connects, and notes an attempt that did not work. Answers where to send the person.
pub async fn connect(state: &AppState, member: &Member, typed: &Typed) -> Result<String, Stop> {
    member.may(Action::ManageAccounts)?;
    match open(state, member, typed).await {
        Ok(path) => Ok(path),
        Err(stop) => {
            let problem = stop.problem();
            let account = known(state, member, typed).await;
            callback::note_failure(state, member, typed.platform, account.as_ref(), problem).await;
            Err(Stop::Because(problem))
        }
    }
}

/// The account that was to be reconnected, if it is one of this workspace.
async fn known(state: &AppState, member: &Member, typed: &Typed) -> Option<AccountId> {
    let id = typed.account.as_ref()?;
    let account = accounts::get(&state.db, &member.workspace, id).await.ok().flatten()?;
    Some(account.id)
}

/// Opens a session with what was typed and settles it. An app password itself is not stored; a bot's token is its session.
async fn open(state: &AppState, member: &Member, typed: &Typed) -> Result<String, Stop> {
    if state.vault.is_read_only().is_some() {
        return Err(Stop::Because(Problem::ReadOnly));
    }
    if !matches!(typed.platform.entry(), Some(Entry::Handle | Entry::BotToken)) {
        return Err(ServiceError::Invalid("This platform has nothing to type here.".into()).into());
    }
    let ask = Start {
        platform: typed.platform,
        account: typed.account.clone(),
        host: None,
        handle: None,
        back: typed.back.clone(),
    };
    let target = target(state, member, &ask).await?;
    let named = match typed.host.as_deref().map(str::trim).filter(|host| !host.is_empty()) {
        Some(host) => {
            guard::host(host, &state.config.outbound.private_hosts).map_err(|_| Stop::Because(Problem::BadServer))?
        }
        // A reconnect finds the account's server anew: it may have moved.
        None if target.account.is_some() => String::new(),
        None => target.host,
    };
    let desk = Desk::new(state, typed.platform, &named).await?;
    let (tokens, identity) =
        desk.adapter.sign_in(&desk.cx(state), typed.handle.trim(), &typed.password).await.map_err(|failure| {
            tracing::info!(%failure, "what was typed did not open a session");
            Stop::Because(from_failure(&failure))
        })?;
    let host = identity.host.clone().unwrap_or(named);
    let desk = Desk::new(state, typed.platform, &host).await?;
    let arrival = Arrival {
        platform: typed.platform,
        host,
        tokens,
        identity,
        account: target.account,
        expected_id: target.expected_id,
        back: typed.back.clone(),
    };
    settle::settle(state, member, &desk, arrival).await
}
