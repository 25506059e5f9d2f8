//! Instagram's own login.

use std::sync::atomic::Ordering;

use pilotlight::sandbox::{Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::instagram::Instagram;
use pilotlight::server::platform::{Adapter as _, Subject, Tokens, missing_scopes};

use super::{Bench, Break, app};

const DAY_MS: i64 = 86_400_000;

async fn fresh(person: &str) -> (Bench, Tokens) {
    let bench = Bench::new(app("instagram"), None).await;
    let tokens = bench.connect(&Instagram, Choice::person(person)).await;
    (bench, tokens)
}

// SPEC S-1, T-2, T-4; both shapes of the code's answer
#[tokio::test]
async fn instagram_twin() {
    for person in cast::INSTAGRAM {
        let (bench, tokens) = fresh(person).await;
        assert_eq!(missing_scopes(Instagram.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
        let me = &Instagram.destinations(&bench.cx(), &tokens).await.unwrap()[0];
        assert!(me.unusable.is_none() && me.id.len() == 17, "{}", me.id);
        assert_eq!(Instagram.identity(&bench.cx(), &tokens).await.unwrap().id, me.id);
        bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
        bench.probe(&Instagram, &tokens, &me.id, None).await.unwrap();
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        assert!(!Instagram.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());

        let young = Instagram.refresh(&bench.cx(), &tokens).await.unwrap_err();
        assert!(!young.is_death(), "{young}");
        bench.now.fetch_add(DAY_MS, Ordering::SeqCst);
        let renewed = Instagram.refresh(&bench.cx(), &tokens).await.unwrap();
        assert!(renewed.access_ends_at > tokens.access_ends_at);
        bench.probe(&Instagram, &renewed, &me.id, None).await.unwrap();
        Instagram.revoke(&bench.cx(), &renewed).await.unwrap();
        assert_eq!(bench.probe(&Instagram, &renewed, &me.id, None).await.unwrap_err().class, Class::Revoked);
        bench.done();
    }
}

// SPEC C-5: what was declined is only told when the code is traded
#[tokio::test]
async fn a_declined_permission_is_named() {
    let bench = Bench::new(app("instagram"), None).await;
    let choice = Choice { untick_scopes: vec!["instagram_business_content_publish".into()], ..Choice::default() };
    let tokens = bench.connect(&Instagram, choice).await;
    let missing = missing_scopes(Instagram.facts(), tokens.scopes.as_deref());
    assert_eq!(missing, ["instagram_business_content_publish"]);
    bench.done();
}

// SPEC T-4
#[tokio::test]
async fn every_break_has_its_class() {
    let person = cast::INSTAGRAM[0];
    let breaks: [(Break, Class); 7] = [
        (|vendor, person| Control::RevokeGrant { vendor, person }, Class::Revoked),
        (|vendor, person| Control::ChangePassword { vendor, person }, Class::Password),
        (|vendor, person| Control::ExpireAccess { vendor, person }, Class::Expired),
        (|vendor, person| Control::Suspend { vendor, person }, Class::Action),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Class::Action),
        (|vendor, person| Control::SwitchToPersonal { vendor, person }, Class::Action),
        (|vendor, person| Control::Untick { vendor, person, scope: "instagram_business_basic".into() }, Class::Scope),
    ];
    for (control, class) in breaks {
        let (bench, tokens) = fresh(person).await;
        let id = Instagram.identity(&bench.cx(), &tokens).await.unwrap().id;
        let control = control("instagram".into(), person.into());
        bench.sandbox.control(control.clone()).unwrap();
        let failure = bench.probe(&Instagram, &tokens, &id, None).await.unwrap_err();
        assert_eq!(failure.class, class, "{control:?} {failure}");
        bench.now.fetch_add(DAY_MS, Ordering::SeqCst);
        let failure = Instagram.refresh(&bench.cx(), &tokens).await.unwrap_err();
        assert_eq!(failure.class, class, "refresh after {control:?} {failure}");
        bench.done();
    }
}

// SPEC C-9
#[tokio::test]
async fn a_wrong_app_is_told_from_a_refused_code() {
    let (id, _) = app("instagram").unwrap();
    let right = Bench::new(app("instagram"), None).await;
    assert!(Instagram.check_app(&right.cx()).await.is_ok());
    let wrong = Bench::new(Some((id, "not-the-secret")), None).await;
    assert_eq!(Instagram.check_app(&wrong.cx()).await.unwrap_err().class, Class::App);
}
