//! The hands of the demo's person: connects, chooses, breaks and heals as clicks would.

use super::seed::Shift;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::sandbox::{Choice, Control, Sandbox, cast};
use crate::server::error::RunError;
use crate::server::http::session::Member;
use crate::server::service::callback::{self, Returned};
use crate::server::service::connect::{self, Start};
use crate::server::service::keeper::{self, Reason};
use crate::server::service::password::{self, Typed};
use crate::server::service::{ServiceError, accounts as service, choose};
use crate::server::state::AppState;
use crate::server::store::posts::{self, Planned};
use crate::server::store::{accounts, incidents};

/// Somebody at a platform; `host` where that is many servers.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub platform: Platform,
    pub host: Option<&'a str>,
    pub person: &'a str,
}

/// Somebody at a platform that is one place.
pub fn at(platform: Platform, person: &str) -> Who<'_> {
    Who { platform, host: None, person }
}

/// Somebody on a Mastodon server.
pub fn on<'a>(host: &'a str, person: &'a str) -> Who<'a> {
    Who { platform: Platform::Mastodon, host: Some(host), person }
}

/// Server, sandbox and the owner at work.
pub struct Demo<'a> {
    pub state: &'a AppState,
    pub twin: &'a Sandbox,
    pub shift: Shift<'a>,
    pub member: Member,
}

impl Demo<'_> {
    /// Connects an account by the platform's consent page; the first one where that offers several.
    pub async fn connect(&self, who: Who<'_>) -> Result<AccountId, RunError> {
        let path = self.consent(who, None, Choice::person(who.person)).await?;
        if !path.starts_with("/connect/choose") {
            return account_in(&path);
        }
        self.choose(&path, 1).await?.pop().ok_or_else(|| unexpected(&path))
    }

    /// Connects up to `count` destinations of somebody.
    pub async fn connect_many(&self, who: Who<'_>, count: usize) -> Result<Vec<AccountId>, RunError> {
        let path = self.consent(who, None, Choice::person(who.person)).await?;
        self.choose(&path, count).await
    }

    /// Reconnects an account.
    pub async fn reconnect(&self, who: Who<'_>, account: &AccountId) -> Result<(), RunError> {
        let path = self.consent(who, Some(account), Choice::person(who.person)).await?;
        if path.contains("done=reconnected") { Ok(()) } else { Err(unexpected(&path)) }
    }

    /// Ticks up to `count` destinations of a consent that can be published to.
    pub async fn choose(&self, path: &str, count: usize) -> Result<Vec<AccountId>, RunError> {
        let grant = path.split_once("grant=").map(|(_, grant)| GrantId::new(grant)).ok_or_else(|| unexpected(path))?;
        let picker = choose::picker(self.state, &self.member, &grant).await?;
        let usable = picker.destinations.into_iter().filter(|one| one.unusable.is_none()).take(count);
        let chosen: Vec<String> = usable.map(|one| one.id).collect();
        choose::choose(self.state, &self.member, &grant, &chosen).await?;
        let connected = accounts::of_grant(&self.state.db, &grant).await?;
        Ok(connected.into_iter().map(|account| account.id).collect())
    }

    /// Goes to the consent page and comes back; answers the path that the callback leads to.
    pub async fn consent(&self, who: Who<'_>, account: Option<&AccountId>, choice: Choice) -> Result<String, RunError> {
        let Who { platform, host, .. } = who;
        let host = host.map(str::to_owned);
        let ask = Start { platform, account: account.cloned(), host, handle: None, back: "/connections".into() };
        let started = connect::start(self.state, &self.member, &ask, None).await.map_err(|stop| {
            RunError::Other(format!("the demo could not start connecting {platform}: {:?}", stop.problem()))
        })?;
        let back = self
            .twin
            .consent(&started.location, choice)
            .map_err(|error| RunError::Other(format!("the sandbox did not consent for {platform}: {error}")))?;
        // Facebook ends its redirect with a fragment, which a browser keeps to itself.
        let address = back.split('#').next().unwrap_or(&back);
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let field = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let returned = Returned {
            code: field("code"),
            state: field("state"),
            error: field("error"),
            error_description: None,
            issuer: field("iss"),
            scopes: field("scopes"),
        };
        Ok(callback::finish(self.state, Some(&self.member), Some(&started.browser), platform, returned).await)
    }

    /// Connects a Bluesky account with its app password.
    pub async fn app_password(&self, index: usize) -> Result<AccountId, RunError> {
        let (handle, password) = cast::BLUESKY[index];
        self.typed(Platform::Bluesky, handle, password).await
    }

    /// Connects with what a person types: an app password, or a bot's token.
    pub async fn typed(&self, platform: Platform, handle: &str, password: &str) -> Result<AccountId, RunError> {
        let typed = Typed {
            platform,
            host: None,
            handle: handle.into(),
            password: password.into(),
            account: None,
            back: "/connections".into(),
        };
        let path = password::connect(self.state, &self.member, &typed)
            .await
            .map_err(|stop| RunError::Other(format!("the demo could not connect {handle}: {:?}", stop.problem())))?;
        account_in(&path)
    }

    /// Breaks something in the sandbox.
    pub fn break_it(&self, control: Control) -> Result<(), RunError> {
        self.twin.control(control).map_err(|error| RunError::Other(error.to_string()))
    }

    /// Lets the keeper look at the account's consent.
    pub async fn look(&self, account: &AccountId) -> Result<(), RunError> {
        let row = accounts::get(&self.state.db, &self.member.workspace, account).await?;
        let row = row.ok_or_else(|| RunError::Other("the demo lost an account".into()))?;
        keeper::look_at(self.state, &row.grant, Reason::Asked).await?;
        Ok(())
    }

    /// Gives up the connection of an account.
    pub async fn disconnect(&self, account: &AccountId) -> Result<(), RunError> {
        service::disconnect(self.state, &self.member, account).await?;
        Ok(())
    }

    /// Plans a post, so many milliseconds from now.
    pub async fn plan(
        &self,
        account: &AccountId,
        state: &'static str,
        after_ms: i64,
        body: &str,
    ) -> Result<(), ServiceError> {
        let now = self.state.clock.now();
        let (post, target) = (self.state.random.uuid(now), self.state.random.uuid(now));
        let planned = Planned {
            post: &post,
            target: &target,
            workspace: &self.member.workspace,
            author: &self.member.user,
            account,
            body,
            state,
            due_at: now + after_ms,
            now,
        };
        let mut tx = self.state.db.begin().await?;
        posts::plan(&mut tx, &planned).await?;
        incidents::recount(&mut tx, account).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The account that a path of the Connections page is about.
pub fn account_in(path: &str) -> Result<AccountId, RunError> {
    let (_, after) = path.split_once("account=").ok_or_else(|| unexpected(path))?;
    Ok(AccountId::new(after.split('&').next().unwrap_or(after)))
}

fn unexpected(path: &str) -> RunError {
    RunError::Other(format!("the demo could not connect an account: it ended on {path}"))
}
