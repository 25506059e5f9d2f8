//! Threads.

use std::sync::atomic::Ordering;

use pilotlight::sandbox::{Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, Subject, missing_scopes, threads::Threads};

use super::{Bench, app};

// SPEC S-1, T-2, T-4
#[tokio::test]
async fn threads_twin() {
    let bench = Bench::new(app("threads"), None).await;
    let tokens = bench.connect(&Threads, Choice::person(cast::THREADS[0])).await;
    assert_eq!(missing_scopes(Threads.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let me = &Threads.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    assert_eq!(Threads.identity(&bench.cx(), &tokens).await.unwrap().id, me.id);
    bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    bench.probe(&Threads, &tokens, &me.id, None).await.unwrap();
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert!(!Threads.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    // A token of less than a day can't be renewed, and that is no death.
    assert_eq!(Threads.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Unknown);
    bench.now.fetch_add(86_400_000, Ordering::SeqCst);
    let renewed = Threads.refresh(&bench.cx(), &tokens).await.unwrap();
    assert!(renewed.access_ends_at > tokens.access_ends_at);
    bench.probe(&Threads, &renewed, &me.id, None).await.unwrap();
    let break_it = |control: fn(String, String) -> Control| {
        bench.sandbox.control(control("threads".into(), cast::THREADS[0].into())).unwrap();
    };
    break_it(|vendor, person| Control::Suspend { vendor, person });
    assert_eq!(bench.probe(&Threads, &renewed, &me.id, None).await.unwrap_err().class, Class::Action);
    break_it(|vendor, person| Control::Restore { vendor, person });
    break_it(|vendor, person| Control::ExpireAccess { vendor, person });
    assert_eq!(bench.probe(&Threads, &renewed, &me.id, None).await.unwrap_err().class, Class::Expired);
    assert_eq!(Threads.refresh(&bench.cx(), &renewed).await.unwrap_err().class, Class::Expired);
    bench.done();
}
