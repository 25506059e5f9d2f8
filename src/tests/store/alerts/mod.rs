//! The outbox and everything around it, on both databases.

mod items;
mod outbox;
mod reminders;
mod rules;
mod webhooks;

use pilotlight::domain::health::Cause;
use pilotlight::domain::id::{AccountId, IncidentId, MessageId, UserId, WebhookId, WorkspaceId};
use pilotlight::domain::role::Role;
use pilotlight::server::store::outbox::{Channel, Claimed, Lease, NewMessage, To};
use pilotlight::server::store::webhooks::Webhook;
use pilotlight::server::store::{Db, incidents, outbox as messages};

use super::connections::{account, grant};
use crate::support::db::member;

/// Longer than a test takes.
const LONG: i64 = 600_000;

/// A workspace, its member, and one account.
struct House {
    user: UserId,
    workspace: WorkspaceId,
    account: AccountId,
}

async fn house(db: &Db, name: &str) -> House {
    let (user, workspace) = member(db, &format!("{name}@b.example"), Role::Owner).await;
    let of = grant(db, &user, &workspace, name).await;
    let account = account(db, &user, &of, name).await;
    House { user, workspace, account }
}

impl House {
    /// Writes a mail to the member, due at `due_at`.
    async fn mail(&self, db: &Db, id: &str, kind: &str, due_at: i64) -> MessageId {
        write(db, &self.workspace, To::Member(self.user.clone()), id, kind, due_at).await
    }

    async fn incident(&self, db: &Db, id: &str, from: i64) -> IncidentId {
        let mut tx = db.begin().await.expect("a transaction");
        let incident = IncidentId::new(id);
        let opened = incidents::open(&mut tx, &incident, &self.workspace, &self.account, Cause::Revoked, from);
        opened.await.expect("opened");
        tx.commit().await.expect("a commit");
        incident
    }
}

async fn write(db: &Db, workspace: &WorkspaceId, to: To, id: &str, kind: &str, due_at: i64) -> MessageId {
    let id = MessageId::new(id);
    let new = NewMessage { id: id.clone(), workspace, to, kind, body: "{}", due_at, now: 50 };
    let mut tx = db.begin().await.expect("a transaction");
    messages::insert(&mut tx, &new).await.expect("a message");
    tx.commit().await.expect("a commit");
    id
}

/// A webhook that is on.
pub(super) async fn hook(db: &Db, workspace: &WorkspaceId, id: &str) -> WebhookId {
    use pilotlight::server::store::webhooks as hooks;
    let new = Webhook {
        id: id.into(),
        workspace_id: workspace.to_string(),
        name: format!("Chat {id}"),
        format: "standard".into(),
        host: "chat.example".into(),
        url: b"sealed".to_vec(),
        secret: Some(b"first".to_vec()),
        old_secret: None,
        old_secret_ends_at: None,
        state: "on".into(),
        failing_since: None,
        created_at: 10,
    };
    let mut tx = db.begin().await.expect("a transaction");
    hooks::insert(&mut tx, &new).await.expect("a webhook");
    tx.commit().await.expect("a commit");
    WebhookId::new(id)
}

/// Claims mails that are due at 100.
async fn claim(db: &Db, owner: &str, lease_ms: i64) -> Vec<Claimed> {
    messages::claim(db, Channel::Mail, owner, 100, lease_ms, 10).await.expect("the store")
}

async fn claim_one(db: &Db, owner: &str, lease_ms: i64) -> Claimed {
    let mut claimed = claim(db, owner, lease_ms).await;
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

/// `in_tx!(db, |tx| expression)`: the answer of one store function, committed.
macro_rules! in_tx {
    ($db:expr, |$tx:ident| $call:expr) => {{
        let mut $tx = $db.begin().await.expect("a transaction");
        let answer = $call.await.expect("the store");
        $tx.commit().await.expect("a commit");
        answer
    }};
}
use in_tx;

async fn end(db: &Db, lease: &Lease, how: messages::End, now: i64) -> bool {
    in_tx!(db, |tx| messages::end(&mut tx, lease, how, "said", now))
}
