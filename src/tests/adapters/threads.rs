//! Threads.

use std::sync::atomic::Ordering;

use pilotlight::sandbox::{Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::threads::Threads;
use pilotlight::server::platform::{Adapter as _, Subject, missing_scopes};

use super::{Bench, app};

const DAY_MS: i64 = 86_400_000;

// SPEC S-1, T-2, T-4
#[tokio::test]
async fn threads_twin() {
    let bench = Bench::new(app("threads"), None).await;
    let tokens = bench.connect(&Threads, Choice::person(cast::THREADS[0])).await;
    assert_eq!(missing_scopes(Threads.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let me = &Threads.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    assert_eq!(Threads.identity(&bench.cx(), &tokens).await.unwrap().id, me.id);
    bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    let probe = bench.probe(&Threads, &tokens, &me.id, None).await.unwrap();
    assert_eq!(probe.access_ends_at, tokens.access_ends_at);
    assert_eq!(probe.scopes.unwrap().len(), 2);
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert!(!Threads.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let young = Threads.refresh(&bench.cx(), &tokens).await.unwrap_err();
    assert!(!young.is_death(), "{young}");
    bench.now.fetch_add(DAY_MS, Ordering::SeqCst);
    let renewed = Threads.refresh(&bench.cx(), &tokens).await.unwrap();
    assert!(renewed.access_ends_at > tokens.access_ends_at);
    assert!(Threads.check_app(&bench.cx()).await.is_ok());
    bench.done();
}

// SPEC T-4
#[tokio::test]
async fn every_break_has_its_class() {
    let person = cast::THREADS[0];
    let breaks: [(fn(String, String) -> Control, Class); 6] = [
        (|vendor, person| Control::RevokeGrant { vendor, person }, Class::Revoked),
        (|vendor, person| Control::ChangePassword { vendor, person }, Class::Password),
        (|vendor, person| Control::ExpireAccess { vendor, person }, Class::Expired),
        (|vendor, person| Control::Suspend { vendor, person }, Class::Action),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Class::Action),
        (|vendor, person| Control::Untick { vendor, person, scope: "threads_basic".into() }, Class::Scope),
    ];
    for (control, class) in breaks {
        let bench = Bench::new(app("threads"), None).await;
        let tokens = bench.connect(&Threads, Choice::person(person)).await;
        let id = Threads.identity(&bench.cx(), &tokens).await.unwrap().id;
        let control = control("threads".into(), person.into());
        bench.sandbox.control(control.clone()).unwrap();
        let failure = bench.probe(&Threads, &tokens, &id, None).await.unwrap_err();
        assert_eq!(failure.class, class, "{control:?} {failure}");
        bench.done();
    }
}

// SPEC C-5
#[tokio::test]
async fn a_permission_that_was_taken_back_is_in_the_report() {
    let bench = Bench::new(app("threads"), None).await;
    let tokens = bench.connect(&Threads, Choice::person(cast::THREADS[0])).await;
    let id = Threads.identity(&bench.cx(), &tokens).await.unwrap().id;
    let (vendor, person) = ("threads".to_owned(), cast::THREADS[0].to_owned());
    bench.sandbox.control(Control::Untick { vendor, person, scope: "threads_content_publish".into() }).unwrap();
    let probe = bench.probe(&Threads, &tokens, &id, None).await.unwrap();
    assert_eq!(missing_scopes(Threads.facts(), probe.scopes.as_deref()), ["threads_content_publish"]);
    bench.done();
}
