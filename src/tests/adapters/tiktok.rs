//! TikTok.

use pilotlight::sandbox::{self, Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::tiktok::Tiktok;
use pilotlight::server::platform::{Adapter as _, AppCredentials, Returned, Subject, Tokens, missing_scopes};

use super::Bench;

const APP: Option<(&str, &str)> = Some((sandbox::TIKTOK_CLIENT_KEY, sandbox::TIKTOK_CLIENT_SECRET));

// SPEC S-1, C-3
#[tokio::test]
async fn tiktok_twin() {
    let bench = Bench::new(APP, None).await;
    Tiktok.check_app(&bench.cx()).await.unwrap();
    let tokens = bench.connect(&Tiktok, Choice::person(cast::TIKTOK[0])).await;
    assert_eq!(missing_scopes(Tiktok.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let now = bench.cx().now;
    assert_eq!((tokens.access_ends_at, tokens.refresh_ends_at), (Some(now + 7_200_000), Some(now + 180 * 86_400_000)));
    let me = &Tiktok.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    assert_eq!(me.handle.as_deref(), Some(cast::TIKTOK[0]));
    bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    bench.probe(&Tiktok, &tokens, &me.id, None).await.unwrap();
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert_eq!(Tiktok.recent_posts(&bench.cx(), &subject).await.unwrap().len(), 5);
    // A refresh token is used up by its use.
    let pair = Tiktok.refresh(&bench.cx(), &tokens).await.unwrap();
    assert_eq!(Tiktok.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Revoked);
    let next = Tiktok.refresh(&bench.cx(), &pair).await.unwrap();
    Tiktok.revoke(&bench.cx(), &next).await.unwrap();
    assert_eq!(Tiktok.refresh(&bench.cx(), &next).await.unwrap_err().class, Class::Revoked);
    bench.done();
}

// SPEC C-5, T-4
#[tokio::test]
async fn everything_that_breaks_it_has_its_class() {
    let breaks: [fn(String, String) -> Control; 4] = [
        |vendor, person| Control::RevokeGrant { vendor, person },
        |vendor, person| Control::Suspend { vendor, person },
        |vendor, person| Control::DeactivateAccount { vendor, person },
        |vendor, person| Control::ExpireRefresh { vendor, person },
    ];
    for (index, how) in breaks.into_iter().enumerate() {
        let bench = Bench::new(APP, None).await;
        let tokens = bench.connect(&Tiktok, Choice::person(cast::TIKTOK[0])).await;
        let me = Tiktok.identity(&bench.cx(), &tokens).await.unwrap();
        bench.sandbox.control(how("tiktok".into(), cast::TIKTOK[0].into())).unwrap();
        assert_eq!(Tiktok.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Revoked);
        let probe = bench.probe(&Tiktok, &tokens, &me.id, None).await;
        assert_eq!(probe.err().map(|failure| failure.class), (index < 3).then_some(Class::Expired));
        bench.done();
    }
    let bench = Bench::new(APP, None).await;
    let choice = Choice {
        untick_scopes: vec!["user.info.profile".into(), "video.publish".into()],
        ..Choice::person(cast::TIKTOK[1])
    };
    let less = bench.connect(&Tiktok, choice).await;
    assert_eq!(missing_scopes(Tiktok.facts(), less.scopes.as_deref()), ["video.publish"]);
    // What it says it may do is not always what it may do: a field too many must not fail the look.
    let scopes = Some(vec!["user.info.basic".into(), "user.info.profile".into()]);
    let less = Tokens { scopes, ..less };
    let me = Tiktok.identity(&bench.cx(), &less).await.unwrap();
    assert_eq!((me.name.as_str(), me.handle), ("Bell Foundry", None));
    let wrong = Bench {
        app: Some(AppCredentials { client_id: sandbox::TIKTOK_CLIENT_KEY.into(), client_secret: "wrong".into() }),
        ..bench
    };
    assert_eq!(Tiktok.refresh(&wrong.cx(), &less).await.unwrap_err().class, Class::App);
    assert_eq!(Tiktok.check_app(&wrong.cx()).await.unwrap_err().class, Class::App);
    let unknown =
        Bench { app: Some(AppCredentials { client_id: "nobody".into(), client_secret: "wrong".into() }), ..wrong };
    let back = Returned::new("code", &unknown.verifier);
    assert_eq!(Tiktok.exchange(&unknown.cx(), &back).await.unwrap_err().class, Class::App);
}
