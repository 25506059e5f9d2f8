//! SPEC S-1: without sockets everything is as it is with them.

use axum::body::Bytes;

use super::super::{Fault, FaultKind};
use super::*;

fn me(token: &str) -> axum::http::Request<Bytes> {
    let request = axum::http::Request::builder().uri("/api.x.com/2/users/me?user.fields=verified");
    request.header("authorization", format!("Bearer {token}")).body(Bytes::new()).expect("a request")
}

#[tokio::test]
async fn a_call_is_answered_as_by_the_router() {
    let play = Play::new();
    let access = play.sandbox.mint("x", "crowd-4", None).expect("a consent").access;
    let got = play.sandbox.call(me(&access)).await.expect("an answer");
    let same = play.get_as(&access, "api.x.com/2/users/me", &[("user.fields", "verified")]).await;
    assert_eq!((got.status().as_u16(), &got.body()[..]), (200, &same.body[..]));
    for name in ["content-type", "x-rate-limit-reset"] {
        assert_eq!(got.headers()[name], same.headers[name]);
    }
    assert_eq!(play.sandbox.requests().len(), 2);
    assert_eq!(play.sandbox.requests()[0].grant.as_deref(), Some("x:crowd-4"));
}

#[tokio::test]
async fn a_call_meets_the_same_faults() {
    let play = Play::new();
    let form = axum::http::Request::builder()
        .method("POST")
        .uri("/api.x.com/2/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded");
    let token = play.sandbox.mint("x", "crowd-4", None).expect("a consent").refresh.expect("one");
    let form = form.header("authorization", basic(super::super::X_CLIENT_ID, super::super::X_CLIENT_SECRET));
    let body = Bytes::from(format!("grant_type=refresh_token&refresh_token={token}"));
    play.sandbox.fault(Fault::on("x", FaultKind::LoseAnswer, Some(1)));
    let lost = play.sandbox.call(form.body(body).expect("a request")).await;
    assert_eq!(lost.expect_err("no answer").kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(play.sandbox.refreshes().len(), 1);
    assert!(!play.sandbox.secret_is_live(&token), "it had its effect");
    play.sandbox.fault(Fault::on("x", FaultKind::Huge(200_000), Some(1)));
    assert_eq!(play.sandbox.call(me("any")).await.expect("an answer").body().len(), 200_000);
}
