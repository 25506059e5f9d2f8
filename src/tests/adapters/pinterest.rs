//! Pinterest.

use pilotlight::sandbox::{Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, Subject, missing_scopes, pinterest::Pinterest};

use super::{Bench, app};

// SPEC S-1, T-4
#[tokio::test]
async fn pinterest_twin() {
    let bench = Bench::new(app("pinterest"), None).await;
    let tokens = bench.connect(&Pinterest, Choice::person(cast::PINTEREST[0])).await;
    assert_eq!(missing_scopes(Pinterest.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let me = &Pinterest.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    assert!(me.unusable.is_none());
    assert_eq!(Pinterest.identity(&bench.cx(), &tokens).await.unwrap().id, me.id);
    bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    bench.probe(&Pinterest, &tokens, &me.id, None).await.unwrap();
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert!(!Pinterest.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let pair = Pinterest.refresh(&bench.cx(), &tokens).await.unwrap();
    assert_eq!(Pinterest.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Revoked, "used up");
    bench.probe(&Pinterest, &pair, &me.id, None).await.unwrap();
    let break_it = |control: fn(String, String) -> Control| {
        bench.sandbox.control(control("pinterest".into(), cast::PINTEREST[0].into())).unwrap();
    };
    break_it(|vendor, person| Control::Untick { vendor, person, scope: "user_accounts:read".into() });
    assert_eq!(bench.probe(&Pinterest, &pair, &me.id, None).await.unwrap_err().class, Class::Scope);
    break_it(|vendor, person| Control::ExpireAccess { vendor, person });
    assert_eq!(bench.probe(&Pinterest, &pair, &me.id, None).await.unwrap_err().class, Class::Expired);
    break_it(|vendor, person| Control::RevokeGrant { vendor, person });
    assert_eq!(Pinterest.refresh(&bench.cx(), &pair).await.unwrap_err().class, Class::Revoked);
    bench.done();
}
