//! Instagram through Facebook.

use pilotlight::sandbox::{Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::instagram_via_facebook::InstagramViaFacebook;
use pilotlight::server::platform::{Adapter as _, Destination, Subject, Tokens, facebook, missing_scopes};

use super::{Bench, Break, app};

const PAGE: &str = "100200300400501";

async fn fresh() -> (Bench, Tokens, Vec<Destination>) {
    let bench = Bench::new(app("instagram-via-facebook"), None).await;
    let tokens = bench.connect(&InstagramViaFacebook, Choice::person(cast::FACEBOOK_MANY)).await;
    let found = InstagramViaFacebook.destinations(&bench.cx(), &tokens).await.unwrap();
    (bench, tokens, found)
}

// SPEC S-1, C-3, T-4
#[tokio::test]
async fn instagram_via_facebook_twin() {
    let (bench, tokens, found) = fresh().await;
    let adapter = InstagramViaFacebook;
    assert_eq!(missing_scopes(adapter.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["17841400000000501", "17841400000000503"], "pages without an account are left out");
    let one = &found[0];
    assert!(one.unusable.is_none() && one.token.is_some());
    bench.http.fetch_picture(one.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    let probe = bench.probe(&adapter, &tokens, &one.id, one.token.as_ref()).await.unwrap();
    assert_eq!(probe.profile.unwrap().handle, one.handle);
    bench.probe(&adapter, &tokens, &one.id, None).await.unwrap();
    let subject =
        Subject { tokens: &tokens, identity_id: "", destination_id: &one.id, destination_token: one.token.as_ref() };
    assert!(!adapter.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let renewed = adapter.refresh(&bench.cx(), &tokens).await.unwrap();
    adapter.revoke(&bench.cx(), &renewed).await.unwrap();
    let gone = bench.probe(&adapter, &tokens, &one.id, one.token.as_ref()).await.unwrap_err();
    assert_eq!(gone.class, Class::Revoked);
    bench.done();
}

// SPEC T-4
#[tokio::test]
async fn every_break_has_its_class() {
    let breaks: [(Break, Class); 8] = [
        (|vendor, person| Control::RevokeGrant { vendor, person }, Class::Revoked),
        (|vendor, person| Control::ChangePassword { vendor, person }, Class::Password),
        (|vendor, person| Control::ExpireAccess { vendor, person }, Class::Expired),
        (|vendor, person| Control::UntickPage { vendor, person, page: PAGE.into() }, Class::Scope),
        (|vendor, person| Control::LoseRole { vendor, person, page: PAGE.into() }, Class::Role),
        (|vendor, person| Control::UnlinkInstagram { vendor, person, page: PAGE.into() }, Class::Role),
        (|vendor, person| Control::Suspend { vendor, person }, Class::Action),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Class::Action),
    ];
    for (control, class) in breaks {
        let (bench, tokens, found) = fresh().await;
        let control = control("facebook".into(), cast::FACEBOOK_MANY.into());
        bench.sandbox.control(control.clone()).unwrap();
        let one = &found[0];
        let answer = bench.probe(&InstagramViaFacebook, &tokens, &one.id, one.token.as_ref()).await;
        let failure = answer.unwrap_err();
        assert_eq!(failure.class, class, "{control:?} {failure}");
        bench.done();
    }
}

// One app, one person, two platforms: the later consent leaves the earlier one's permissions alone.
#[tokio::test]
async fn the_other_platforms_consent_takes_nothing_away() {
    let bench = Bench::new(app("facebook"), None).await;
    let first = bench.connect(&facebook::Facebook, Choice::person(cast::FACEBOOK_MANY)).await;
    bench.connect(&InstagramViaFacebook, Choice::person(cast::FACEBOOK_MANY)).await;
    let pages = facebook::Facebook.destinations(&bench.cx(), &first).await.unwrap();
    let probe = bench.probe(&facebook::Facebook, &first, &pages[0].id, pages[0].token.as_ref()).await.unwrap();
    assert_eq!(missing_scopes(facebook::Facebook.facts(), probe.scopes.as_deref()), Vec::<String>::new());
    bench.done();
}
