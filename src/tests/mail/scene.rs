//! An account that broke, and the mail about it that is due.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pilotlight::api::notifications::{MailState, Notifications, SentMail};
use pilotlight::domain::health::{Cause, Observation};
use pilotlight::domain::id::{AccountId, WorkspaceId};
use pilotlight::domain::platform::Platform;
use pilotlight::server::config::{MailConfig, SmtpConfig};
use pilotlight::server::service::lifecycle::{self, Pen, Sight};
use pilotlight::server::service::outbox;
use pilotlight::server::store::accounts;
use pilotlight::server::store::outbox::Channel;

use super::server::PostOffice;
use super::{mailer, smtp};
use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::crowd::{self, Owner, Seed};
use crate::support::db;

pub struct Scene {
    pub app: TestApp,
    pub office: PostOffice,
    pub browser: Browser,
    pub owner: Owner,
    pub account: AccountId,
}

impl Scene {
    pub async fn new() -> Self {
        Self::on(None, Box::new(()), smtp).await
    }

    pub async fn on(
        database: Option<String>,
        guard: Box<dyn std::any::Any + Send>,
        config: impl FnOnce(&PostOffice) -> SmtpConfig,
    ) -> Self {
        let office = PostOffice::open().await;
        let mut app = TestApp::with(database, guard, &[]).await;
        let config = config(&office);
        let mail = MailConfig { smtp: Some(config.clone()), ..app.state.config.mail.clone() };
        app.state.config = Arc::new(pilotlight::server::config::Config { mail, ..(*app.state.config).clone() });
        app.state.mailer = mailer(config);
        let browser = app.owner().await;
        let owner = app.house().await;
        let account = break_one(&app, &owner, "crowd-1").await;
        app.advance(Duration::from_secs(61));
        Self { app, office, browser, owner, account }
    }

    /// Sends what is due, and answers how many attempts that were.
    pub async fn send(&self) -> usize {
        outbox::all_due(&self.app.state, Channel::Mail).await.expect("the store answers")
    }

    /// So much later that every wait is over.
    pub async fn send_later(&self) -> usize {
        self.app.advance(Duration::from_secs(2 * 3_600));
        self.send().await
    }

    /// As if the server that held it were dead for longer than its lease.
    pub async fn end_leases(&self) {
        db::execute(&self.app.state.db, "update outbox set lease_ends_at = 0 where lease_ends_at is not null").await;
    }

    /// The one mail, as Settings list it.
    pub async fn listed(&mut self) -> SentMail {
        let page: Notifications = self.browser.ask("notifications", &[]).await;
        assert_eq!(page.mails.len(), 1, "{:?}", page.mails);
        page.mails.into_iter().next().expect("a mail")
    }

    pub async fn state(&mut self) -> MailState {
        self.listed().await.state
    }

    /// The flag of every copy that arrived, in order; all are copies of one letter.
    pub fn copies(&self) -> Vec<bool> {
        let taken = self.office.taken();
        let ids: Vec<_> = taken.iter().map(|one| one.header("Message-ID").expect("an id").to_owned()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        taken.iter().map(|one| one.header("X-Pilotlight-Resent") == Some("1")).collect()
    }
}

/// Puts an account into the store, and breaks it.
pub async fn break_one(app: &TestApp, owner: &Owner, person: &str) -> AccountId {
    let state = &app.state;
    let seed = Seed::mint(&app.twin, Platform::X, person, app.state.clock.now());
    let mut tx = state.db.begin().await.expect("a transaction");
    let (_, id) = crowd::plant(&mut tx, state, owner, &seed).await;
    tx.commit().await.expect("a commit");
    see(app, &owner.workspace, &id, Observation::Dead(Cause::Revoked)).await;
    id
}

/// Records what was seen of an account.
pub async fn see(app: &TestApp, workspace: &WorkspaceId, id: &AccountId, seen: Observation) {
    let state = &app.state;
    let account = accounts::get(&state.db, workspace, id).await.expect("the store").expect("the account");
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await.expect("a transaction");
    let sight = Sight { account: &account, seen, missing: &[], by: None };
    let news = lifecycle::record(&mut tx, pen, &sight).await.expect("the store");
    tx.commit().await.expect("a commit");
    news.expect("the account is there").tell(&state.live);
}

/// What is logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("not poisoned")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
