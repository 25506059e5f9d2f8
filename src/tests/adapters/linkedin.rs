//! LinkedIn.

use std::sync::atomic::Ordering;

use pilotlight::sandbox::{self, Choice, Control, Fault, FaultKind, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::linkedin::LinkedIn;
use pilotlight::server::platform::{Adapter as _, Ask, Subject, missing_scopes};

use super::{Bench, app};

const MEMBER: LinkedIn = LinkedIn { organisations: false };
const BOTH: LinkedIn = LinkedIn { organisations: true };

fn broken(bench: &Bench, control: fn(String, String) -> Control) {
    bench.sandbox.control(control("linkedin".into(), cast::LINKEDIN[0].into())).unwrap();
}

// SPEC S-1, C-4, T-4
#[tokio::test]
async fn an_approved_app_brings_organisations_and_refreshes() {
    let bench = Bench::new(app("linkedin"), None).await;
    let tokens = bench.connect(&BOTH, Choice::person(cast::LINKEDIN[0])).await;
    assert_eq!(missing_scopes(BOTH.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    assert!(tokens.refresh.is_some() && tokens.refresh_ends_at.is_some());
    let all = BOTH.destinations(&bench.cx(), &tokens).await.unwrap();
    assert_eq!(all.iter().map(|one| one.unusable.is_none()).collect::<Vec<_>>(), [true, true, true, false]);
    bench.http.fetch_picture(all[0].picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    for one in &all[..3] {
        bench.probe(&BOTH, &tokens, &one.id, None).await.unwrap();
    }
    let posts = async |id: &str| {
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: id, destination_token: None };
        BOTH.recent_posts(&bench.cx(), &subject).await.unwrap()
    };
    assert!(posts(&all[0].id).await.is_empty(), "closed for members");
    assert_eq!(posts(&all[1].id).await.len(), 5);

    // The year of the refresh token counts on, and the token stays.
    let year = tokens.refresh_ends_at.unwrap();
    bench.now.fetch_add(86_400_000 * 54, Ordering::SeqCst);
    let fresh = BOTH.refresh(&bench.cx(), &tokens).await.unwrap();
    assert_eq!(fresh.refresh_ends_at, Some(year));
    let class = async |tokens, id: &str| bench.probe(&BOTH, tokens, id, None).await.unwrap_err().class;
    bench.probe(&BOTH, &fresh, &all[0].id, None).await.unwrap();
    assert_eq!(class(&fresh, &all[1].id).await, Class::Transient, "65601 for some seconds");
    bench.now.fetch_add(6_000, Ordering::SeqCst);
    bench.probe(&BOTH, &fresh, &all[1].id, None).await.unwrap();

    bench.sandbox.fault(Fault::on("linkedin", FaultKind::AppRefused, None).at("/rest/organizationAcls"));
    assert_eq!(class(&fresh, &all[1].id).await, Class::App, "a version that was switched off");
    bench.sandbox.clear_faults();
    broken(&bench, |vendor, person| Control::LoseRole { vendor, person, page: cast::LINKEDIN_ORGANISATION.into() });
    assert_eq!(class(&fresh, &all[1].id).await, Class::Role);
    bench.probe(&BOTH, &fresh, &all[2].id, None).await.unwrap();
    broken(&bench, |vendor, person| Control::ExpireAccess { vendor, person });
    assert_eq!(class(&fresh, &all[0].id).await, Class::Expired);
    bench.now.fetch_add(6_000, Ordering::SeqCst);
    let fresh = BOTH.refresh(&bench.cx(), &tokens).await.unwrap();
    bench.now.fetch_add(60_000, Ordering::SeqCst);
    broken(&bench, |vendor, person| Control::ExpireRefresh { vendor, person });
    assert_eq!(BOTH.refresh(&bench.cx(), &fresh).await.unwrap_err().class, Class::Revoked);
    BOTH.revoke(&bench.cx(), &fresh).await.unwrap();
    assert_eq!(class(&fresh, &all[0].id).await, Class::Revoked);
    bench.done();
}

// SPEC C-9
#[tokio::test]
async fn a_self_serve_app_brings_the_member_for_sixty_days() {
    let own = (sandbox::LINKEDIN_SELF_SERVE_ID, sandbox::LINKEDIN_SELF_SERVE_SECRET);
    let bench = Bench::new(Some(own), None).await;
    let ask = Ask { state: "st", verifier: &bench.verifier, again: false, hint: None };
    let url = BOTH.authorize_url(&bench.cx(), &ask).unwrap();
    let back = bench.sandbox.consent(&url, Choice::person(cast::LINKEDIN[0])).unwrap();
    assert!(back.contains("error=unauthorized_scope_error"), "{back}");
    let tokens = bench.connect(&MEMBER, Choice::person(cast::LINKEDIN[0])).await;
    assert!(tokens.refresh.is_none() && tokens.access_ends_at.is_some());
    let facts = MEMBER.facts();
    assert!(facts.window(bench.cx().now, tokens.access_ends_at, false).is_none(), "it only ages");
    let all = MEMBER.destinations(&bench.cx(), &tokens).await.unwrap();
    assert_eq!(all.len(), 1);
    bench.probe(&MEMBER, &tokens, &all[0].id, None).await.unwrap();
    bench.now.fetch_add(86_400_000 * 61, Ordering::SeqCst);
    assert_eq!(bench.probe(&MEMBER, &tokens, &all[0].id, None).await.unwrap_err().class, Class::Expired);
    let wrong = Bench {
        app: Some(super::AppCredentials { client_secret: "wrong".into(), ..bench.app.clone().unwrap() }),
        ..bench
    };
    assert_eq!(wrong.probe(&MEMBER, &tokens, &all[0].id, None).await.unwrap_err().class, Class::App);
    wrong.done();
}
