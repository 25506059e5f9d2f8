//! Who may do what, and that no workspace sees another (SPEC W-1, W-2, H-5).

use axum::http::StatusCode;
use pilotlight::api::ApiError;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::Choice;

use crate::support::{TestApp, people};

// SPEC H-5, W-2
#[tokio::test]
async fn an_account_of_another_workspace_answers_like_one_that_does_not_exist() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut rival = app.signed_in_as("rival@other.example").await;

    let foreign = card.id.as_str();
    for name in ["account", "recent", "token_debug", "check", "disconnect", "removal"] {
        let theirs = rival.call(name, &[("id", foreign)]).await;
        let nobodys = rival.call(name, &[("id", "0192-none")]).await;
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{name}");
        assert_eq!((theirs.status, theirs.text()), (nobodys.status, nobodys.text()), "{name}");
    }
    let theirs = rival.call("remove", &[("id", foreign), ("typed", &card.name)]).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let page = rival.get(&format!("/connections?account={foreign}")).await.text();
    assert!(!page.contains(&card.name), "the page names a foreign account");
    let start = rival.get(&format!("/oauth/start?platform=mastodon&account={foreign}")).await;
    assert_eq!(start.redirect(), format!("/connections?account={foreign}"));
    let mine: String = {
        let page = app.connect(&mut owner, "/oauth/start?platform=facebook", Choice::default()).await;
        page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned()
    };
    assert_eq!(rival.call("picker", &[("grant", &mine)]).await.status, StatusCode::NOT_FOUND);
    let chosen = rival.post("/oauth/choose", &[("grant", &mine), ("destination", people::FACEBOOK_PAGE)]).await;
    assert_eq!(chosen.redirect(), "/connections");
    let (handle, password) = people::BLUESKY;
    let form = [("platform", "bluesky"), ("handle", handle), ("password", password), ("account", foreign)];
    assert!(rival.post("/oauth/password", &form).await.redirect().starts_with("/connect/problem"));
    assert!(app.cards(&mut rival).await.is_empty());
    assert_eq!(app.card(&mut owner, &card.id).await, card, "nothing changed");
}

// SPEC W-1
#[tokio::test]
async fn each_role_may_what_it_may() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    let id = card.id.as_str();
    for (role, check, manage) in [(Role::Viewer, 403, 403), (Role::Editor, 200, 403), (Role::Admin, 200, 200)] {
        let email = format!("{}@agency.example", role.key());
        app.add_user(&email, role.key(), "Agency", role).await;
        let mut member = app.signed_in_as(&email).await;
        assert_eq!(member.call("account", &[("id", id)]).await.status, 200, "{role:?} sees");
        assert_eq!(member.call("check", &[("id", id)]).await.status, check, "{role:?} checks");
        assert_eq!(member.call("removal", &[("id", id)]).await.status, manage, "{role:?} manages");
        let start = member.get("/oauth/start?platform=x").await;
        let refused = start.redirect().contains("code=forbidden");
        assert_eq!(refused, manage == 403, "{role:?} connects: {}", start.redirect());
        if manage == 403 {
            assert_eq!(member.call("disconnect", &[("id", id)]).await.status, 403);
            assert_eq!(member.call("remove", &[("id", id), ("typed", &card.name)]).await.status, 403);
        }
    }
    assert!(!app.card(&mut owner, &card.id).await.disconnected);
}

#[tokio::test]
async fn without_a_session_pages_lead_to_sign_in_and_functions_say_so() {
    let app = TestApp::new().await;
    let mut nobody = app.browser();
    let page = nobody.get("/connections?account=abc").await;
    assert!(page.redirect().starts_with("/sign-in?next="), "{}", page.redirect());
    for name in ["me", "connections", "choices"] {
        let answer = nobody.call(name, &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(
            serde_json::from_slice::<ApiError>(&answer.body).expect("an ApiError"),
            ApiError::SignedOut,
            "{name}"
        );
    }
    assert!(!nobody.get("/live").await.status.is_success());
}

// A form on another site must not act in a member's name.
#[tokio::test]
async fn cross_site_posts_are_refused() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    owner.site = "cross-site";
    for (path, fields) in [
        ("/api/disconnect", vec![("id", card.id.as_str())]),
        ("/auth/sign-out", vec![]),
        ("/oauth/choose", vec![("grant", "x")]),
    ] {
        assert_eq!(owner.post(path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    owner.site = "same-origin";
    assert!(!app.card(&mut owner, &card.id).await.disconnected);
}
