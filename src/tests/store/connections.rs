//! Grants, leases, accounts and what hangs on them, on both databases.

use pilotlight::domain::health::{Cause, Health, Standing};
use pilotlight::domain::id::{AccountId, EventId, FlowId, GrantId, IncidentId, UserId, WorkspaceId};
use pilotlight::domain::plan::Plan;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::store::accounts::{self, Described};
use pilotlight::server::store::events::{self, NewEvent};
use pilotlight::server::store::flows::{self, Flow};
use pilotlight::server::store::grants::{self, Key, SealedTokens, TokenRow};
use pilotlight::server::store::host_apps::{self, HostApp};
use pilotlight::server::store::pictures::{self, Picture};
use pilotlight::server::store::posts::{self, Late, Planned};
use pilotlight::server::store::{Db, Tx, cards, incidents, people};

use crate::support::db::{both_databases, execute, member};

pub fn pair(access: &[u8], refresh: Option<&[u8]>) -> TokenRow {
    TokenRow {
        sealed: SealedTokens { access: Some(access.to_vec()), refresh: refresh.map(<[u8]>::to_vec), binding: None },
        issued_at: 10,
        access_ends_at: Some(1_000),
        refresh_ends_at: None,
        scopes: Some(vec!["read".into(), "write".into()]),
    }
}

pub async fn grant(db: &Db, user: &UserId, workspace: &WorkspaceId, identity: &str) -> GrantId {
    let mut tx = db.begin().await.expect("a transaction");
    let key = Key { workspace, platform: Platform::X, host: "", identity_id: identity };
    let fresh = GrantId::new(format!("grant-{identity}"));
    let (id, new) = grants::find_or_create(&mut tx, key, &fresh, user, 5).await.expect("a grant");
    assert!(new && id == fresh);
    grants::consented(&mut tx, &id, "Ann", &pair(b"a1", Some(b"r1")), Some(b"offer"), user, 100).await.expect("tokens");
    tx.commit().await.expect("a commit");
    id
}

pub async fn account(db: &Db, user: &UserId, of: &GrantId, name: &str) -> AccountId {
    let mut tx = db.begin().await.expect("a transaction");
    let grant = grants::get_in(&mut tx, of).await.expect("the store").expect("a grant");
    let id = AccountId::new(format!("account-{name}"));
    let what = Described { external_id: name, name, handle: Some("h"), link: None, unusable: None };
    accounts::insert(&mut tx, &id, &grant, &what, user, 20).await.expect("an account");
    tx.commit().await.expect("a commit");
    id
}

both_databases!(an_empty_refresh_token_never_overwrites, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let id = grant(&test.db, &user, &workspace, "one").await;
    let mut tx = test.db.begin().await.expect("a transaction");
    let key = Key { workspace: &workspace, platform: Platform::X, host: "", identity_id: "one" };
    let (again, new) = grants::find_or_create(&mut tx, key, &GrantId::new("other"), &user, 6).await.expect("a grant");
    assert!(!new && again == id, "one grant per identity");
    let unknown = TokenRow { scopes: None, ..pair(b"a2", None) };
    grants::consented(&mut tx, &id, "Ann B", &unknown, None, &user, 200).await.expect("tokens");
    tx.commit().await.expect("a commit");
    let row = grants::get(&test.db, &id).await.expect("the store").expect("a grant");
    assert_eq!(row.sealed, SealedTokens { access: Some(b"a2".to_vec()), refresh: Some(b"r1".to_vec()), binding: None });
    assert_eq!(row.scopes.as_deref(), Some(&["read".to_owned(), "write".to_owned()][..]));
    assert_eq!((row.offered.as_deref(), row.identity_name.as_str(), row.due_at), (Some(&b"offer"[..]), "Ann B", 200));

    assert_eq!(grants::waiting_for_setup(&test.db, &workspace).await.expect("rows").len(), 1);
    assert_eq!(grants::others_of_identity(&test.db, Platform::X, "", "one", None).await.expect("a count"), 1);
    assert_eq!(grants::others_of_identity(&test.db, Platform::X, "", "one", Some(&id)).await.expect("a count"), 0);
    let mut tx = test.db.begin().await.expect("a transaction");
    grants::moved(&mut tx, &id, "other.example").await.expect("moved");
    grants::set_up_done(&mut tx, &id, 7).await.expect("done");
    grants::give_up(&mut tx, &id).await.expect("given up");
    tx.commit().await.expect("a commit");
    let row = grants::get(&test.db, &id).await.expect("the store").expect("a grant");
    assert!(row.set_up && !row.active && row.sealed == SealedTokens::default() && row.host == "other.example");
    let mut tx = test.db.begin().await.expect("a transaction");
    grants::delete(&mut tx, &id).await.expect("deleted");
    tx.commit().await.expect("a commit");
    assert!(grants::get(&test.db, &id).await.expect("the store").is_none());
});

async fn stand(tx: &mut Tx, id: &AccountId, cause: Option<Cause>, now: i64) {
    let health = if cause.is_some() { Health::NeedsReconnect } else { Health::Healthy };
    accounts::set_standing(tx, id, &Standing { health, cause, refused: 0 }, &["write".into()], Some(now))
        .await
        .expect("standing");
}

both_databases!(accounts_and_their_cards, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (_, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    let of = grant(&test.db, &user, &workspace, "one").await;
    let first = account(&test.db, &user, &of, "first").await;
    let second = account(&test.db, &user, &of, "second").await;

    let mut tx = test.db.begin().await.expect("a transaction");
    stand(&mut tx, &first, Some(Cause::Revoked), 70).await;
    stand(&mut tx, &first, Some(Cause::PermissionsMissing), 90).await;
    accounts::set_token(&mut tx, &first, Some(b"sealed")).await.expect("a token");
    accounts::set_picture(&mut tx, &first, "hash").await.expect("a picture");
    accounts::set_profile(&mut tx, &first, "First!", None).await.expect("a profile");
    for (target, state, due) in [("t1", "scheduled", 400), ("t2", "scheduled", 300), ("t3", "held", 50)] {
        let post = format!("post-{target}");
        let planned = Planned {
            post: &post,
            target,
            workspace: &workspace,
            author: &user,
            account: &first,
            body: "b",
            state,
            due_at: due,
            now: 1,
        };
        posts::plan(&mut tx, &planned).await.expect("a post");
    }
    assert_eq!(accounts::count_connected_in(&mut tx, &workspace).await.expect("a count"), 2);
    assert_eq!(
        accounts::find(&mut tx, &workspace, Platform::X, "", "second").await.expect("the store"),
        Some(second.clone())
    );
    assert_eq!(accounts::find(&mut tx, &foreign, Platform::X, "", "second").await.expect("the store"), None);
    let seen = accounts::looked_at(&mut tx, &first, &of, 99).await.expect("the store").expect("a standing");
    assert_eq!(seen.cause, Some(Cause::PermissionsMissing));
    assert_eq!(people::plan_of_in(&mut tx, &workspace).await.expect("a plan"), Plan::Starter);
    tx.commit().await.expect("a commit");

    let row = accounts::get(&test.db, &workspace, &first).await.expect("the store").expect("an account");
    assert_eq!(
        (row.name.as_str(), row.handle.as_deref(), row.amber_since, row.checked_at),
        ("First!", Some("h"), Some(70), Some(99))
    );
    assert_eq!((row.token.as_deref(), row.missing_scopes), (Some(&b"sealed"[..]), vec!["write".to_owned()]));
    assert!(accounts::get(&test.db, &foreign, &first).await.expect("the store").is_none(), "SPEC W-2");
    assert_eq!(accounts::of_grant(&test.db, &of).await.expect("rows").len(), 2);

    let card = cards::one(&test.db, &workspace, &first).await.expect("cards").expect("a card");
    assert_eq!((card.scheduled, card.next_post_at, card.held, card.has_refresh), (2, Some(300), 1, true));
    assert_eq!(cards::all(&test.db, &workspace).await.expect("cards").len(), 2);
    assert!(cards::all(&test.db, &foreign).await.expect("cards").is_empty(), "SPEC W-2");
    let both = [first.clone(), second.clone()];
    assert_eq!(cards::among(&test.db, &workspace, &both).await.expect("cards").len(), 2);
    assert!(cards::among(&test.db, &foreign, &both).await.expect("cards").is_empty(), "SPEC W-2");
    assert!(cards::among(&test.db, &workspace, &[]).await.expect("cards").is_empty());
    let lines = cards::lines(&test.db, &workspace).await.expect("lines");
    let line = lines.iter().find(|line| line.id == first.as_str()).expect("a line");
    assert_eq!((lines.len(), line.next_post_at, line.ends_at), (2, card.next_post_at, card.refresh_ends_at));
    assert!(cards::lines(&test.db, &foreign).await.expect("lines").is_empty(), "SPEC W-2");
    assert_eq!(posts::count_of_account(&test.db, &first).await.expect("a count"), 3);
    // A refresh token without a known end stands behind both; then behind none, and the access token ends at 350.
    let late = |among: &[AccountId]| {
        let (db, workspace, among) = (test.db.clone(), workspace.clone(), among.to_vec());
        async move { posts::after_token(&db, &workspace, &among).await.expect("posts") }
    };
    assert!(late(&both).await.is_empty());
    execute(&test.db, "update grants set refresh_token = null, access_ends_at = 350").await;
    let after = Late { account: first.clone(), due_at: 400, has_refresh: false };
    assert_eq!(late(&both).await, std::slice::from_ref(&after));
    assert_eq!(late(std::slice::from_ref(&first)).await, [after]);
    assert!(late(std::slice::from_ref(&second)).await.is_empty());
    execute(&test.db, "update grants set access_ends_at = 400").await;
    assert_eq!(late(&both).await.len(), 1, "at the very end it is too late");
    execute(&test.db, "update grants set access_ends_at = 401").await;
    assert!(late(&both).await.is_empty());
    assert!(posts::after_token(&test.db, &foreign, &both).await.expect("posts").is_empty(), "SPEC W-2");
    assert_eq!(people::plan_of(&test.db, &workspace).await.expect("a plan"), Plan::Starter);
    assert_eq!(people::name_of(&test.db, &user).await.expect("a name").as_deref(), Some("Ann"));

    let mut tx = test.db.begin().await.expect("a transaction");
    stand(&mut tx, &first, None, 120).await;
    accounts::disconnect(&mut tx, &second).await.expect("disconnected");
    assert_eq!(accounts::of_grant_in(&mut tx, &of).await.expect("rows").iter().filter(|one| one.connected).count(), 1);
    tx.commit().await.expect("a commit");
    let row = accounts::get(&test.db, &workspace, &first).await.expect("the store").expect("an account");
    assert_eq!((row.standing.health, row.amber_since), (Health::Healthy, None));
    assert_eq!(accounts::count_connected(&test.db, &workspace).await.expect("a count"), 1);
    assert_eq!(accounts::connected_ids(&test.db, &workspace, Platform::X, "").await.expect("ids"), ["first"]);

    let mut tx = test.db.begin().await.expect("a transaction");
    let what = Described {
        external_id: "second",
        name: "Second",
        handle: None,
        link: Some("https://x"),
        unusable: Some("why"),
    };
    accounts::attach(&mut tx, &second, &of, &what).await.expect("attached");
    accounts::delete(&mut tx, &first).await.expect("deleted");
    posts::delete_orphans(&mut tx, &workspace).await.expect("no orphans");
    tx.commit().await.expect("a commit");
    let row = accounts::get(&test.db, &workspace, &second).await.expect("the store").expect("an account");
    assert!(row.connected && row.unusable.as_deref() == Some("why"));
    assert_eq!(posts::count_of_account(&test.db, &first).await.expect("a count"), 0);
});

// SPEC T-7, W-2
both_databases!(what_a_check_of_all_accounts_looks_at, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (rival, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    let two = grant(&test.db, &user, &workspace, "two").await;
    account(&test.db, &user, &two, "b").await;
    account(&test.db, &user, &two, "c").await;
    let one = grant(&test.db, &user, &workspace, "one").await;
    let left = account(&test.db, &user, &one, "a").await;
    let bare = grant(&test.db, &user, &workspace, "bare").await;
    let theirs = grant(&test.db, &rival, &foreign, "theirs").await;
    account(&test.db, &rival, &theirs, "d").await;
    let found = |of: WorkspaceId| {
        let db = test.db.clone();
        async move { accounts::connected_by_grant(&db, &of).await.expect("grants") }
    };
    assert_eq!(found(workspace.clone()).await, [(one.clone(), 1), (two.clone(), 2)], "not {bare}, without accounts");
    assert_eq!(found(foreign).await, [(theirs, 1)]);
    let mut tx = test.db.begin().await.expect("a transaction");
    accounts::disconnect(&mut tx, &left).await.expect("disconnected");
    tx.commit().await.expect("a commit");
    assert_eq!(found(workspace.clone()).await, [(two.clone(), 2)]);
    let mut tx = test.db.begin().await.expect("a transaction");
    grants::give_up(&mut tx, &two).await.expect("given up");
    tx.commit().await.expect("a commit");
    assert_eq!(found(workspace).await, []);
});

// SPEC 1: one incident per outage.
both_databases!(history_and_incidents, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let of = grant(&test.db, &user, &workspace, "one").await;
    let id = account(&test.db, &user, &of, "first").await;
    let mut tx = test.db.begin().await.expect("a transaction");
    for n in 0..3 {
        incidents::open(&mut tx, &IncidentId::new(format!("i{n}")), &workspace, &id, Cause::Revoked, 10 + n)
            .await
            .expect("opened");
    }
    incidents::set_cause(&mut tx, &id, Cause::Expired).await.expect("a cause");
    incidents::close(&mut tx, &id, 50).await.expect("closed");
    incidents::open(&mut tx, &IncidentId::new("later"), &workspace, &id, Cause::Revoked, 60).await.expect("opened");
    for (n, kind) in ["connected", "went-amber", "disconnected", "refreshed", "reconnected"].into_iter().enumerate() {
        let at = i64::try_from(n).expect("small");
        let event = NewEvent {
            id: EventId::new(format!("e{n}")),
            workspace: &workspace,
            account: Some(&id),
            by: Some(&user),
            at,
            kind,
            detail: "{}".into(),
        };
        events::insert(&mut tx, &event).await.expect("an event");
    }
    tx.commit().await.expect("a commit");
    assert_eq!(incidents::of_account(&test.db, &id).await.expect("incidents"), [(10, Some(50)), (60, None)]);
    assert_eq!(incidents::lately(&test.db, &id, 49).await.expect("incidents"), [(10, Some(50)), (60, None)]);
    assert_eq!(incidents::lately(&test.db, &id, 50).await.expect("incidents"), [(60, None)], "over by then");
    let given_up = events::given_up(&test.db, &id).await.expect("events");
    assert_eq!(given_up, [(0, false), (2, true), (4, false)]);
    let lines = events::of_account(&test.db, &id, 10).await.expect("events");
    assert_eq!(lines.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>()[3..], ["went-amber", "connected"]);
    assert_eq!(lines[0].by_name.as_deref(), Some("Ann"));
    assert_eq!(events::count_of_account(&test.db, &id).await.expect("a count"), 5);
    assert_eq!(events::of_workspace(&test.db, &workspace, 1).await.expect("events").len(), 1);
});

both_databases!(attempts_are_used_once, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let flow = Flow {
        id: FlowId::new("f"),
        browser_hash: "b".into(),
        workspace,
        user,
        platform: Platform::X,
        host: String::new(),
        redirect_uri: "http://localhost/cb".into(),
        verifier: vec![1, 2],
        binding: None,
        account: None,
        expected_id: None,
        back: "/connections".into(),
        created_at: 5,
        used_at: None,
        outcome: None,
    };
    let mut tx = test.db.begin().await.expect("a transaction");
    flows::insert(&mut tx, &flow, "state").await.expect("stored");
    tx.commit().await.expect("a commit");
    assert!(flows::by_state(&test.db, "other").await.expect("the store").is_none());
    let found = flows::by_state(&test.db, "state").await.expect("the store").expect("a flow");
    assert_eq!((found.verifier.as_slice(), found.used_at), (&[1, 2][..], None));
    let tries = (0..12).map(|n| {
        let (db, id) = (test.db.clone(), flow.id.clone());
        tokio::spawn(async move { flows::use_up(&db, &id, n).await.expect("the store") })
    });
    let mut won = 0;
    for one in tries.collect::<Vec<_>>() {
        won += usize::from(one.await.expect("no panic"));
    }
    assert_eq!(won, 1);
    assert_eq!(flows::outcome(&test.db, &flow.id).await.expect("the store"), None);
    flows::set_outcome(&test.db, &flow.id, "/there").await.expect("stored");
    assert_eq!(flows::outcome(&test.db, &flow.id).await.expect("the store").as_deref(), Some("/there"));
    assert_eq!(flows::sweep(&test.db, 5).await.expect("swept"), 0);
    assert_eq!(flows::sweep(&test.db, 6).await.expect("swept"), 1);
});

both_databases!(pictures_and_registrations, |test| async move {
    let mut tx = test.db.begin().await.expect("a transaction");
    for bytes in [vec![1], vec![2]] {
        pictures::put(&mut tx, "hash", &Picture { mime: "image/png".into(), bytes }).await.expect("a picture");
    }
    for (client_id, secret) in [("one", vec![1]), ("two", vec![2])] {
        let app = HostApp { client_id: client_id.into(), client_secret: secret };
        host_apps::put(&mut tx, Platform::Mastodon, "m.example", "http://cb", &app, 1).await.expect("an app");
    }
    tx.commit().await.expect("a commit");
    assert_eq!(pictures::get(&test.db, "hash").await.expect("the store").expect("a picture").bytes, [1]);
    assert!(pictures::get(&test.db, "none").await.expect("the store").is_none());
    let app = host_apps::get(&test.db, Platform::Mastodon, "m.example", "http://cb")
        .await
        .expect("the store")
        .expect("an app");
    assert_eq!((app.client_id.as_str(), app.client_secret.as_slice()), ("two", &[2][..]));
    let mut tx = test.db.begin().await.expect("a transaction");
    host_apps::delete(&mut tx, Platform::Mastodon, "m.example", "http://cb").await.expect("deleted");
    tx.commit().await.expect("a commit");
    assert!(host_apps::get(&test.db, Platform::Mastodon, "m.example", "http://cb").await.expect("the store").is_none());
});
