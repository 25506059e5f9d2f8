//! Fills the demo once: the same start, callback and choice that a person's clicks lead to, at several points of the past.

use crate::demo::{EMAIL, PASSWORD};
use crate::domain::grant::DAY_MS;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::domain::role::Role;
use crate::sandbox::{self, Choice, Control, Sandbox, cast};
use crate::server::error::RunError;
use crate::server::http::session::Member;
use crate::server::service::callback::{self, Returned};
use crate::server::service::connect::{self, Start};
use crate::server::service::keeper::{self, Reason};
use crate::server::service::password::{self, Typed};
use crate::server::service::{ServiceError, choose, members};
use crate::server::state::AppState;
use crate::server::store::posts::{self, Planned};
use crate::server::store::{accounts, people};

/// Puts the clocks of server and sandbox to now plus this many milliseconds.
pub type Shift<'a> = &'a (dyn Fn(i64) + Sync);

/// Seeds an empty database; a seeded one stays as it is.
pub async fn seed(state: &AppState, twin: &Sandbox, shift: Shift<'_>) -> Result<(), RunError> {
    if people::any_user(&state.db).await? {
        return Ok(());
    }
    let demo = Demo { state, twin, shift, member: owner(state).await? };
    demo.fill().await
}

async fn owner(state: &AppState) -> Result<Member, RunError> {
    let name = "Robin Demo";
    let new = members::NewUser {
        email: EMAIL,
        name,
        password: PASSWORD,
        workspace: "Harbour Street Collective",
        role: Role::Owner,
    };
    let (user, workspace) = members::add_user(state, &new).await?;
    Ok(Member {
        user,
        workspace,
        role: Role::Owner,
        session_hash: String::new(),
        name: name.into(),
        email: EMAIL.into(),
    })
}

struct Demo<'a> {
    state: &'a AppState,
    twin: &'a Sandbox,
    shift: Shift<'a>,
    member: Member,
}

impl Demo<'_> {
    async fn fill(&self) -> Result<(), RunError> {
        // A long-lived Facebook token of 60 days, 38 days old: it expires soon.
        (self.shift)(-38 * DAY_MS);
        let bakery = self.facebook(cast::FACEBOOK_MANY, 3).await?;
        let rider = self.redirect(Platform::Mastodon, Some("mastodon.example"), cast::MASTODON[1]).await?;
        (self.shift)(-9 * DAY_MS);
        let cycling = self.facebook(cast::FACEBOOK_FEW, 1).await?;
        let baker = self.redirect(Platform::Mastodon, Some("mastodon.example"), cast::MASTODON[0]).await?;
        let choir = self.redirect(Platform::Mastodon, Some("social.example"), cast::MASTODON[0]).await?;
        let harbour = self.app_password(0).await?;
        (self.shift)(-DAY_MS / 12);
        let mill = self.app_password(1).await?;
        self.redirect(Platform::X, None, cast::X[0]).await?;
        let north = self.redirect(Platform::X, None, cast::X[1]).await?;

        self.all_others().await?;

        (self.shift)(-2 * DAY_MS);
        self.break_one("mastodon", cast::MASTODON[1], &rider, |vendor, person| Control::RevokeGrant { vendor, person })
            .await?;
        (self.shift)(-3_600_000);
        self.break_one("facebook", cast::FACEBOOK_FEW, &cycling[0], |vendor, person| Control::ChangePassword {
            vendor,
            person,
        })
        .await?;
        (self.shift)(0);
        self.plan(&rider, "held", -DAY_MS, "Our spring tour starts on Saturday. Bring lights and a friend.").await?;
        self.plan(&rider, "scheduled", DAY_MS, "Route and rest stops for Saturday.").await?;
        self.plan(&cycling[0], "scheduled", 6 * 3_600_000, "Workshop hours change next week.").await?;
        for (account, hours, text) in [
            (&bakery[0], 18, "Fresh from the oven: rye with caraway, from seven."),
            (&bakery[1], 42, "Two seats left for Thursday's class."),
            (&baker, 20, "What should we bake for the market?"),
            (&harbour, 30, "Low tide walk on Sunday, boots on."),
            (&mill, 52, "We grind on request, also small amounts."),
            (&choir, 70, "Open rehearsal: come and listen."),
            (&north, 26, "New bells are in."),
        ] {
            self.plan(account, "scheduled", hours * 3_600_000, text).await?;
        }
        Ok(())
    }

    /// One account, or two where one login brings several, of every platform that is not in the story above.
    async fn all_others(&self) -> Result<(), RunError> {
        let told = [Platform::Facebook, Platform::X];
        let others = sandbox::apps().filter_map(|app| Platform::from_key(app.platform));
        for platform in others.filter(|platform| !told.contains(platform)) {
            let path = self.consent(platform, None, Choice::default()).await?;
            if platform.has_many_destinations() {
                self.choose(&path, 2).await?;
            } else {
                account_in(&path)?;
            }
        }
        self.typed(Platform::Telegram, cast::TELEGRAM_CHANNEL.0, cast::TELEGRAM[0].1[0]).await?;
        Ok(())
    }

    /// Connects an account by the platform's consent page; answers the account.
    async fn redirect(&self, platform: Platform, host: Option<&str>, person: &str) -> Result<AccountId, RunError> {
        let path = self.consent(platform, host, Choice::person(person)).await?;
        account_in(&path)
    }

    /// Connects up to `count` pages of a Facebook person.
    async fn facebook(&self, person: &str, count: usize) -> Result<Vec<AccountId>, RunError> {
        let path = self.consent(Platform::Facebook, None, Choice::person(person)).await?;
        self.choose(&path, count).await
    }

    /// Ticks up to `count` destinations of a consent that can be published to.
    async fn choose(&self, path: &str, count: usize) -> Result<Vec<AccountId>, RunError> {
        let grant = path.split_once("grant=").map(|(_, grant)| GrantId::new(grant)).ok_or_else(|| unexpected(path))?;
        let picker = choose::picker(self.state, &self.member, &grant).await?;
        let usable = picker.destinations.into_iter().filter(|one| one.unusable.is_none()).take(count);
        let chosen: Vec<String> = usable.map(|one| one.id).collect();
        choose::choose(self.state, &self.member, &grant, &chosen).await?;
        let connected = accounts::of_grant(&self.state.db, &grant).await?;
        Ok(connected.into_iter().map(|account| account.id).collect())
    }

    async fn consent(&self, platform: Platform, host: Option<&str>, choice: Choice) -> Result<String, RunError> {
        let host = host.map(str::to_owned);
        let ask = Start { platform, account: None, host, handle: None, back: "/connections".into() };
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
    async fn app_password(&self, index: usize) -> Result<AccountId, RunError> {
        let (handle, password) = cast::BLUESKY[index];
        self.typed(Platform::Bluesky, handle, password).await
    }

    /// Connects with what a person types: an app password, or a bot's token.
    async fn typed(&self, platform: Platform, handle: &str, password: &str) -> Result<AccountId, RunError> {
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

    /// Breaks a consent in the sandbox and lets the keeper find out.
    async fn break_one(
        &self,
        vendor: &str,
        person: &str,
        account: &AccountId,
        how: fn(String, String) -> Control,
    ) -> Result<(), RunError> {
        self.twin.control(how(vendor.into(), person.into())).map_err(|error| RunError::Other(error.to_string()))?;
        let row = accounts::get(&self.state.db, &self.member.workspace, account).await?;
        let row = row.ok_or_else(|| RunError::Other("the demo lost an account".into()))?;
        keeper::look_at(self.state, &row.grant, Reason::Asked).await?;
        Ok(())
    }

    async fn plan(
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
        tx.commit().await?;
        Ok(())
    }
}

fn account_in(path: &str) -> Result<AccountId, RunError> {
    let (_, after) = path.split_once("account=").ok_or_else(|| unexpected(path))?;
    Ok(AccountId::new(after.split('&').next().unwrap_or(after)))
}

fn unexpected(path: &str) -> RunError {
    RunError::Other(format!("the demo could not connect an account: it ended on {path}"))
}
