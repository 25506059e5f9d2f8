//! What the banners name, and what a member has put away, on both databases.

use pilotlight::domain::banner::Trouble;
use pilotlight::domain::health::{Cause, Health, Standing};
use pilotlight::domain::id::{AccountId, UserId, WorkspaceId};
use pilotlight::domain::role::Role;
use pilotlight::server::store::posts::{self, Planned};
use pilotlight::server::store::{Db, accounts, banners};

use super::connections::{account, grant};
use crate::support::db::{both_databases, execute, member};

const NOW: i64 = 1_000;
const UNTIL: i64 = 2_000;

async fn named(db: &Db, workspace: &WorkspaceId, user: &UserId) -> Vec<(String, Trouble)> {
    let found = banners::standing(db, workspace, user, NOW, UNTIL).await.expect("rows");
    let mut found: Vec<_> = found.into_iter().map(|one| (one.troubled.name, one.troubled.trouble)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

async fn ends(db: &Db, grant: &str, access: &str, refresh: &str) {
    let sql = format!("update grants set access_ends_at = {access}, refresh_ends_at = {refresh} where id = '{grant}'");
    execute(db, sql).await;
}

async fn breaks(db: &Db, account: &AccountId, at: i64) {
    let amber = Standing { health: Health::NeedsReconnect, cause: Some(Cause::Revoked), refused: 0 };
    let mut tx = db.begin().await.expect("a transaction");
    accounts::set_standing(&mut tx, account, &amber, &[], Some(at)).await.expect("a standing");
    tx.commit().await.expect("a commit");
}

// SPEC A-1, W-2
both_databases!(what_broke_and_what_ends_is_found, |test| async move {
    let db = &test.db;
    let (user, workspace) = member(db, "a@b.example", Role::Owner).await;
    let (rival, foreign) = member(db, "c@d.example", Role::Owner).await;
    for (name, access, refresh) in
        [("soon", "5", "2000"), ("far", "5", "2001"), ("over", "5", "1000"), ("unknown", "1500", "null")]
    {
        let of = grant(db, &user, &workspace, name).await;
        account(db, &user, &of, name).await;
        ends(db, of.as_str(), access, refresh).await;
    }
    let of = grant(db, &user, &workspace, "own").await;
    let own = account(db, &user, &of, "own").await;
    let gone = account(db, &user, &of, "gone").await;
    let sealed = "refresh_token = null, access_ends_at = 1400, refresh_ends_at = 9000";
    execute(db, format!("update grants set {sealed} where id = '{of}'")).await;
    let theirs = grant(db, &rival, &foreign, "theirs").await;
    let hidden = account(db, &rival, &theirs, "hidden").await;
    breaks(db, &hidden, 7).await;
    breaks(db, &gone, 7).await;
    let mut tx = db.begin().await.expect("a transaction");
    accounts::disconnect(&mut tx, &gone).await.expect("disconnected");
    tx.commit().await.expect("a commit");

    let expected =
        [("own".to_owned(), Trouble::Ending { at: 1400 }), ("soon".to_owned(), Trouble::Ending { at: 2000 })];
    assert_eq!(named(db, &workspace, &user).await, expected, "the refresh token's end counts where there is one");

    breaks(db, &own, 30).await;
    let mut tx = db.begin().await.expect("a transaction");
    for (at, state, due_at) in [(1, "scheduled", 1_700), (2, "scheduled", 1_600), (3, "draft", 1_100)] {
        let (post, target) = (format!("post-{at}"), format!("target-{at}"));
        let (workspace, author, account) = (&workspace, &user, &own);
        let planned =
            Planned { post: &post, target: &target, workspace, author, account, body: "b", state, due_at, now: 1 };
        posts::plan(&mut tx, &planned).await.expect("a post");
    }
    tx.commit().await.expect("a commit");
    let broken = |held| Trouble::Broken { since: 30, held, next_post_at: Some(1_600) };
    assert_eq!(named(db, &workspace, &user).await[0].1, broken(false));
    execute(db, "update targets set state = 'held' where id = 'target-3'").await;
    assert_eq!(named(db, &workspace, &user).await[0].1, broken(true));
    let others = named(db, &foreign, &rival).await;
    assert_eq!(others.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["hidden"]);
});

// SPEC A-1
both_databases!(what_is_put_away_comes_back_and_is_the_members_own, |test| async move {
    let db = &test.db;
    let (user, workspace) = member(db, "a@b.example", Role::Owner).await;
    let (other, _) = member(db, "c@d.example", Role::Owner).await;
    let of = grant(db, &user, &workspace, "one").await;
    let id = account(db, &user, &of, "one").await;
    ends(db, of.as_str(), "5", "1500").await;
    let dismiss = async |until| {
        let mut tx = db.begin().await.expect("a transaction");
        banners::dismiss(&mut tx, &user, &id, until).await.expect("put away");
        tx.commit().await.expect("a commit");
    };
    dismiss(NOW).await;
    assert_eq!(named(db, &workspace, &user).await.len(), 1, "the time is over");
    dismiss(NOW + 1).await;
    assert_eq!(named(db, &workspace, &user).await.len(), 0);
    assert_eq!(named(db, &workspace, &other).await.len(), 1, "not for others");

    let forget = async |now| {
        let mut tx = db.begin().await.expect("a transaction");
        banners::forget(&mut tx, &user, now).await.expect("forgotten");
        tx.commit().await.expect("a commit");
    };
    forget(NOW).await;
    assert_eq!(named(db, &workspace, &user).await.len(), 0, "not yet over");
    forget(NOW + 1).await;
    assert_eq!(named(db, &workspace, &user).await.len(), 1);
    dismiss(NOW + 1).await;
    breaks(db, &id, 3).await;
    assert_eq!(named(db, &workspace, &user).await.len(), 1, "what is broken can't be put away");
});
