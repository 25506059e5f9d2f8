//! Accounts that broke two minutes ago, each in a workspace of its own: so many mails are due.

use pilotlight::domain::health::{Cause, Observation};
use pilotlight::domain::id::{AccountId, GrantId, UserId, WorkspaceId};
use pilotlight::domain::plan::Plan;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::clock::{Clock, Randomness, SystemClock};
use pilotlight::server::platform::Tokens;
use pilotlight::server::service::lifecycle::{self, Pen, Sight};
use pilotlight::server::service::tokens;
use pilotlight::server::store::Tx;
use pilotlight::server::store::accounts::{self, Described};
use pilotlight::server::store::grants::{self, Key};
use pilotlight::server::store::people::{self, UserRow, Workspace};

use crate::rig::Rig;
use crate::support::db;

/// Long enough for the minute in which mails gather.
const AGO_MS: i64 = 120_000;
/// Rows that are written at once.
const BATCH: usize = 100;

/// Who is told: of every fifty one is unknown to the mail server, and one does not get what it has read.
fn address(number: usize) -> String {
    let kind = match number % 50 {
        7 => "rejected",
        23 => "unwanted",
        _ => "member",
    };
    format!("{kind}-{number}@agency.example")
}

/// Writes so many incidents, as the program does.
pub async fn incidents(rig: &Rig, count: usize) {
    let (random, now) = (Randomness::system(), SystemClock.now() - AGO_MS);
    let pen = Pen { now, random: &random };
    let numbers: Vec<usize> = (0..count).collect();
    for batch in numbers.chunks(BATCH) {
        let mut tx = rig.db().begin().await.expect("a transaction");
        for number in batch {
            let account = account(&mut tx, rig, pen, *number).await;
            let account = accounts::get_in(&mut tx, &account).await.expect("the store").expect("the account");
            let seen = Observation::Dead(Cause::Revoked);
            let sight = Sight { account: &account, seen, missing: &[], by: None };
            let news = lifecycle::record(&mut tx, pen, &sight).await.expect("the store").expect("the account is there");
            drop(news);
        }
        tx.commit().await.expect("a commit");
    }
    // Nobody looks at these accounts meanwhile.
    db::execute(rig.db(), format!("update grants set due_at = {}", i64::MAX / 2)).await;
}

async fn account(tx: &mut Tx, rig: &Rig, pen: Pen<'_>, number: usize) -> AccountId {
    let id = || pen.random.uuid(pen.now);
    let row =
        UserRow { id: id(), email: address(number), name: format!("Member {number}"), password_hash: "none".into() };
    let (user, workspace) = (UserId::new(row.id.clone()), WorkspaceId::new(id()));
    assert!(people::insert_user(tx, &row, pen.now).await.expect("a user"));
    let house = Workspace { id: workspace.clone(), name: format!("Agency {number}"), plan: Plan::Starter };
    people::insert_workspace(tx, &house, pen.now).await.expect("a workspace");
    people::insert_membership(tx, &workspace, &user, Role::Owner, pen.now).await.expect("a membership");

    let identity = format!("person-{number}");
    let key = Key { workspace: &workspace, platform: Platform::X, host: "", identity_id: &identity };
    let (grant, _) = grants::find_or_create(tx, key, &GrantId::new(id()), &user, pen.now).await.expect("a grant");
    let sealed = tokens::seal(&rig.vault, &grant, &workspace, &pair(), pen.now).expect("a seal");
    grants::consented(tx, &grant, &identity, &sealed, None, &user, i64::MAX / 2).await.expect("a consent");
    grants::set_up_done(tx, &grant, i64::MAX / 2).await.expect("a set-up");
    let account = AccountId::new(id());
    let grant = grants::get_in(tx, &grant).await.expect("the store").expect("the grant");
    let name = format!("Bakery {number}");
    let what = Described { external_id: &identity, name: &name, handle: None, link: None, unusable: None };
    accounts::insert(tx, &account, &grant, &what, &user, pen.now).await.expect("an account");
    account
}

fn pair() -> Tokens {
    Tokens {
        access: "access".to_owned().into(),
        refresh: None,
        access_ends_at: None,
        refresh_ends_at: None,
        scopes: None,
        binding: None,
    }
}
