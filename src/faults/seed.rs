//! Connections as the program itself would have made them, with tokens that the sandbox knows.

use std::ops::Range;

use pilotlight::domain::id::{AccountId, GrantId, UserId, WorkspaceId};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Minted, Sandbox};
use pilotlight::server::clock::{Clock, Randomness, SystemClock};
use pilotlight::server::platform::Tokens;
use pilotlight::server::service::tokens;
use pilotlight::server::store::accounts::{self, Described};
use pilotlight::server::store::grants::{self, Key};
use pilotlight::server::store::{Db, Tx};
use pilotlight::server::vault::Vault;

use super::support::db;

/// One person of the crowd.
#[derive(Clone, Debug)]
pub struct One {
    /// As the sandbox knows them.
    pub person: String,
    pub grant: GrantId,
}

/// How far back an access token's end is put for a grant to be due by every clock that a test skews.
const LONG_AGO_MS: i64 = 400_000;

/// Rows that are written at once.
const BATCH: usize = 250;

/// Who the crowd belongs to.
pub struct Owner {
    user: UserId,
    workspace: WorkspaceId,
}

/// A workspace and its one member.
pub async fn owner(store: &Db) -> Owner {
    let (user, workspace) = db::member(store, "rig@agency.example", Role::Owner).await;
    Owner { user, workspace }
}

/// Adds the people `crowd-<n>` of these numbers, with one grant and account each.
pub async fn crowd(store: &Db, vault: &Vault, twin: &Sandbox, owner: &Owner, numbers: Range<usize>) -> Vec<One> {
    let Owner { user, workspace } = owner;
    let (now, random) = (SystemClock.now(), Randomness::system());
    let people: Vec<String> = numbers.map(|number| format!("crowd-{number}")).collect();
    let mut crowd = Vec::with_capacity(people.len());
    for batch in people.chunks(BATCH) {
        let mut tx = store.begin().await.expect("a transaction");
        for person in batch {
            let minted = twin.mint("x", person, None).expect("tokens");
            let key = Key { workspace, platform: Platform::X, host: "", identity_id: &minted.identity_id };
            let grant = GrantId::new(random.uuid(now));
            let (grant, fresh) = grants::find_or_create(&mut tx, key, &grant, user, now).await.expect("a grant");
            assert!(fresh, "the crowd is one of different people");
            let row = tokens::seal(vault, &grant, workspace, &pair(&minted), now - LONG_AGO_MS).expect("a seal");
            grants::consented(&mut tx, &grant, &minted.name, &row, None, user, now).await.expect("a consent");
            grants::set_up_done(&mut tx, &grant, now).await.expect("a set-up");
            connect(&mut tx, &grant, &minted, &AccountId::new(random.uuid(now)), user, now).await;
            crowd.push(One { person: person.clone(), grant });
        }
        tx.commit().await.expect("a commit");
    }
    crowd
}

/// Due by every clock: its access token counts as one that ended.
fn pair(minted: &Minted) -> Tokens {
    Tokens {
        access: minted.access.clone().into(),
        refresh: minted.refresh.clone().map(Into::into),
        access_ends_at: Some(SystemClock.now() - LONG_AGO_MS),
        refresh_ends_at: None,
        scopes: Some(minted.scopes.clone()),
        binding: None,
    }
}

async fn connect(tx: &mut Tx, grant: &GrantId, minted: &Minted, account: &AccountId, by: &UserId, now: i64) {
    let grant = grants::get_in(tx, grant).await.expect("a row").expect("the grant");
    let what = Described {
        external_id: &minted.destination.id,
        name: &minted.destination.name,
        handle: minted.destination.handle.as_deref(),
        link: None,
        unusable: None,
    };
    accounts::insert(tx, account, &grant, &what, by, now).await.expect("an account");
}

/// Makes those due once more whose ids come first, so many of them.
pub async fn due_again(store: &Db, count: usize) {
    let long_ago = SystemClock.now() - LONG_AGO_MS;
    db::execute(
        store,
        format!(
            "update grants set due_at = 1, access_issued_at = {long_ago}, access_ends_at = {long_ago} \
             where id in (select id from grants order by id limit {count})"
        ),
    )
    .await;
}
