//! Accounts that break and heal without a platform, and the mails about them.

use std::time::Duration;

use pilotlight::domain::health::{Cause, Observation};
use pilotlight::domain::id::AccountId;
use pilotlight::domain::platform::Platform;
use pilotlight::server::mail::Letter;
use pilotlight::server::service::alerts::remind;
use pilotlight::server::service::lifecycle::{self, Pen, Sight};
use pilotlight::server::service::outbox;
use pilotlight::server::store::accounts;
use pilotlight::server::store::outbox::Channel;

use super::TestApp;
use super::crowd::{self, Owner, Seed};
use super::db::execute;

impl TestApp {
    /// The workspace of the app's owner, and that owner.
    pub async fn house(&self) -> Owner {
        let browser = self.owner().await;
        let member = self.member(&browser).await;
        Owner { workspace: member.workspace, user: member.user }
    }

    /// An account of `platform` in the workspace of `owner`, called like its person, whom the sandbox knows.
    pub async fn plant(&self, owner: &Owner, platform: Platform, person: &str) -> AccountId {
        let now = self.state.clock.now();
        let seed = Seed::mint(&self.twin, platform, person, now);
        let mut tx = self.state.db.begin().await.expect("a transaction");
        let (_, account) = crowd::plant(&mut tx, &self.state, owner, &seed).await;
        tx.commit().await.expect("a commit");
        execute(&self.state.db, format!("update accounts set name = '{person}' where id = '{account}'")).await;
        account
    }

    /// What the keeper would note had it seen this of an account.
    pub async fn saw(&self, owner: &Owner, account: &AccountId, seen: Observation) {
        let account =
            accounts::get(&self.state.db, &owner.workspace, account).await.expect("rows").expect("an account");
        let pen = Pen { now: self.state.clock.now(), random: &self.state.random };
        let mut tx = self.state.db.begin().await.expect("a transaction");
        let sight = Sight { account: &account, seen, missing: &[], by: None };
        let news = lifecycle::record(&mut tx, pen, &sight).await.expect("recorded").expect("it stands");
        tx.commit().await.expect("a commit");
        news.tell(&self.state.live);
    }

    /// It turns amber.
    pub async fn breaks(&self, owner: &Owner, account: &AccountId) {
        self.saw(owner, account, Observation::Dead(Cause::Revoked)).await;
    }

    /// It is green again.
    pub async fn heals(&self, owner: &Owner, account: &AccountId) {
        self.saw(owner, account, Observation::Works).await;
    }

    /// The mails that are due now.
    pub async fn mails(&self) -> Vec<Letter> {
        outbox::all_due(&self.state, Channel::Mail).await.expect("the outbox");
        self.state.mailer.take()
    }

    /// The mails that leave when the minute of gathering is over.
    pub async fn mails_in_a_minute(&self) -> Vec<Letter> {
        self.advance(Duration::from_secs(61));
        self.mails().await
    }

    /// Writes the reminders that are due and sends them.
    pub async fn reminders(&self) -> Vec<Letter> {
        remind::round(&self.state).await.expect("reminders");
        outbox::all_due(&self.state, Channel::Mail).await.expect("the outbox");
        self.state.mailer.take()
    }

    /// Tells webhooks what is due, and answers how many messages that were.
    pub async fn tell_webhooks(&self) -> usize {
        outbox::all_due(&self.state, Channel::Webhook).await.expect("the outbox")
    }
}
