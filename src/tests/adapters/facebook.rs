//! Facebook.

use pilotlight::sandbox::{self, Choice, Control};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, Subject, facebook, missing_scopes};

use super::Bench;

#[tokio::test]
async fn facebook_twin() {
    let both = Some((sandbox::FACEBOOK_APP_ID, sandbox::FACEBOOK_APP_SECRET));
    let fresh = async || {
        let bench = Bench::new(both, None).await;
        let tokens = bench.connect(&facebook::Facebook, Choice::person("mara")).await;
        let pages = facebook::Facebook.destinations(&bench.cx(), &tokens).await.unwrap();
        (bench, tokens, pages)
    };
    let (bench, tokens, pages) = fresh().await;
    assert!(tokens.access_ends_at.is_some());
    assert_eq!(missing_scopes(facebook::Facebook.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    assert_eq!(pages.len(), 4);
    assert_eq!(pages.iter().filter(|page| page.unusable.is_some()).count(), 1);
    let page = &pages[0];
    bench.probe(&facebook::Facebook, &tokens, &page.id, page.token.as_ref()).await.unwrap();
    facebook::Facebook.identity(&bench.cx(), &tokens).await.unwrap();
    let subject =
        Subject { tokens: &tokens, identity_id: "", destination_id: &page.id, destination_token: page.token.as_ref() };
    assert!(!facebook::Facebook.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let renewed = facebook::Facebook.refresh(&bench.cx(), &tokens).await.unwrap();
    facebook::Facebook.revoke(&bench.cx(), &renewed).await.unwrap();
    assert_eq!(
        bench.probe(&facebook::Facebook, &tokens, &page.id, page.token.as_ref()).await.unwrap_err().class,
        Class::Revoked
    );
    bench.done();

    let person = || ("facebook".to_owned(), "mara".to_owned());
    let breaks = |page: &str| {
        let ((vendor, person), page) = (person(), page.to_owned());
        vec![
            (Control::RevokeGrant { vendor: vendor.clone(), person: person.clone() }, Class::Revoked),
            (Control::ChangePassword { vendor: vendor.clone(), person: person.clone() }, Class::Password),
            (Control::ExpireAccess { vendor: vendor.clone(), person: person.clone() }, Class::Expired),
            (Control::UntickPage { vendor: vendor.clone(), person: person.clone(), page: page.clone() }, Class::Scope),
            (Control::LoseRole { vendor: vendor.clone(), person: person.clone(), page }, Class::Role),
            (Control::Suspend { vendor: vendor.clone(), person: person.clone() }, Class::Action),
            (Control::DeactivateAccount { vendor, person }, Class::Action),
        ]
    };
    for (control, class) in breaks("100200300400501") {
        let (bench, tokens, pages) = fresh().await;
        let page = &pages[0];
        bench.sandbox.control(control.clone()).unwrap();
        let failure = bench.probe(&facebook::Facebook, &tokens, &page.id, page.token.as_ref()).await.unwrap_err();
        assert_eq!(failure.class, class, "{control:?} {failure}");
        bench.done();
    }
    let (bench, tokens, pages) = fresh().await;
    let (vendor, person) = person();
    bench.sandbox.control(Control::Untick { vendor, person, scope: "pages_manage_posts".into() }).unwrap();
    let probe = bench.probe(&facebook::Facebook, &tokens, &pages[0].id, pages[0].token.as_ref()).await.unwrap();
    assert_eq!(missing_scopes(facebook::Facebook.facts(), probe.scopes.as_deref()), ["pages_manage_posts"]);
}
