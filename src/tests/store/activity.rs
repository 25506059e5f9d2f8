//! The activity log's pages, and the addresses of calendars, on both databases.

use pilotlight::domain::activity::Place;
use pilotlight::domain::id::{AccountId, EventId, UserId, WorkspaceId};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::store::activity::{self, Line, Wanted};
use pilotlight::server::store::events::{self, NewEvent};
use pilotlight::server::store::{Db, feeds};

use super::connections::{account, grant};
use crate::support::db::{both_databases, member};

async fn happens(
    db: &Db,
    workspace: &WorkspaceId,
    account: Option<&AccountId>,
    by: Option<&UserId>,
    (id, at, kind): (&str, i64, &'static str),
) {
    let mut tx = db.begin().await.expect("a transaction");
    let event = NewEvent { id: EventId::new(id), workspace, account, by, at, kind, detail: "{}".into() };
    events::insert(&mut tx, &event).await.expect("an event");
    tx.commit().await.expect("a commit");
}

fn ids(lines: &[Line]) -> String {
    lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>().join(" ")
}

// SPEC W-6, W-2
both_databases!(the_log_is_narrowed_down_and_turned_page_by_page, |test| async move {
    let db = &test.db;
    let (user, workspace) = member(db, "a@b.example", Role::Owner).await;
    let (rival, foreign) = member(db, "c@d.example", Role::Owner).await;
    let of = grant(db, &user, &workspace, "one").await;
    let first = account(db, &user, &of, "first").await;
    let second = account(db, &user, &of, "Second").await;
    happens(db, &foreign, None, Some(&rival), ("x", 3, "connected")).await;
    happens(db, &workspace, Some(&first), Some(&user), ("a", 1, "connected")).await;
    happens(db, &workspace, Some(&second), Some(&user), ("b", 2, "connected")).await;
    happens(db, &workspace, Some(&first), None, ("c", 3, "went-amber")).await;
    happens(db, &workspace, Some(&first), None, ("d", 3, "healed")).await;
    happens(db, &workspace, None, Some(&user), ("e", 4, "webhook-added")).await;

    let all = Wanted { workspace: &workspace, kinds: &[], account: "", member: "", since: i64::MIN };
    let older = async |wanted: &Wanted<'_>| ids(&activity::older(db, wanted, None, 9).await.expect("lines"));
    assert_eq!(older(&all).await, "e d c b a");
    assert_eq!(older(&Wanted { kinds: &["connected"], ..all.clone() }).await, "b a");
    assert_eq!(older(&Wanted { kinds: &["healed", "went-amber"], ..all.clone() }).await, "d c");
    assert_eq!(older(&Wanted { kinds: &["heal"], ..all.clone() }).await, "", "whole words only");
    assert_eq!(older(&Wanted { account: first.as_str(), ..all.clone() }).await, "d c a");
    assert_eq!(older(&Wanted { member: user.as_str(), ..all.clone() }).await, "e b a");
    assert_eq!(older(&Wanted { member: "-", ..all.clone() }).await, "d c");
    assert_eq!(older(&Wanted { since: 3, ..all.clone() }).await, "e d c");
    let both = Wanted { account: first.as_str(), member: user.as_str(), ..all.clone() };
    assert_eq!(older(&both).await, "a", "filters combine");
    assert_eq!(older(&Wanted { account: "account-of-nobody", ..all.clone() }).await, "");

    // Two of one moment: neither twice nor left out.
    let page = activity::older(db, &all, None, 2).await.expect("lines");
    assert_eq!(ids(&page), "e d");
    let page = activity::older(db, &all, Some(&page[1].place()), 2).await.expect("lines");
    assert_eq!(ids(&page), "c b");
    let newer = activity::newer(db, &all, &page[0].place(), 2).await.expect("lines");
    assert_eq!(ids(&newer), "e d");
    let newer = activity::newer(db, &all, &Place { at: 1, id: "a".into() }, 2).await.expect("lines");
    assert_eq!(ids(&newer), "c b", "those that are closest");
    let narrow = Wanted { since: 3, ..all.clone() };
    assert_eq!(ids(&activity::newer(db, &narrow, &Place { at: 1, id: "a".into() }, 9).await.expect("lines")), "e d c");

    let line = &activity::older(db, &both, None, 1).await.expect("lines")[0];
    assert_eq!((line.by_name.as_deref(), line.account_name.as_deref()), (Some("Ann"), Some("first")));
    assert_eq!((line.account_id.as_deref(), line.platform.as_deref()), (Some(first.as_str()), Some("x")));

    let members = activity::members(db, &workspace).await.expect("members");
    assert_eq!(members, [(user.to_string(), "Ann".to_owned())]);
    let accounts = activity::accounts(db, &workspace).await.expect("accounts");
    let x = Platform::X;
    assert_eq!(accounts, [(first, "first".to_owned(), x), (second, "Second".to_owned(), x)], "by name");
});

// SPEC 6, W-2
both_databases!(a_calendar_has_one_address_at_a_time, |test| async move {
    let db = &test.db;
    let (user, workspace) = member(db, "a@b.example", Role::Owner).await;
    let (rival, foreign) = member(db, "c@d.example", Role::Owner).await;
    let put = async |workspace, user, hash, at| {
        let mut tx = db.begin().await.expect("a transaction");
        feeds::put(&mut tx, workspace, user, hash, at).await.expect("stored");
        tx.commit().await.expect("a commit");
    };
    assert_eq!(feeds::of_workspace(db, &workspace).await.expect("a row"), None);
    put(&foreign, &rival, "theirs", 5).await;
    put(&workspace, &user, "one", 6).await;
    put(&workspace, &user, "two", 7).await;
    let feed = feeds::of_workspace(db, &workspace).await.expect("a row").expect("a feed");
    assert_eq!((feed.token_hash.as_str(), feed.created_at, feed.by_name.as_str()), ("two", 7, "Ann"));
    assert_eq!(feeds::workspace_of(db, "one").await.expect("a row"), None, "the one before has ended");
    assert_eq!(feeds::workspace_of(db, "two").await.expect("a row"), Some(workspace.clone()));
    let revoke = async || {
        let mut tx = db.begin().await.expect("a transaction");
        let gone = feeds::revoke(&mut tx, &workspace).await.expect("revoked");
        tx.commit().await.expect("a commit");
        gone
    };
    assert!(revoke().await);
    assert!(!revoke().await, "there is none any more");
    assert_eq!(feeds::workspace_of(db, "two").await.expect("a row"), None);
    assert_eq!(feeds::workspace_of(db, "theirs").await.expect("a row"), Some(foreign), "others keep theirs");
});
