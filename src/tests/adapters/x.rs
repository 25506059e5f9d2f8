//! X.

use pilotlight::sandbox::{self, Choice, Control};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, AppCredentials, Subject, missing_scopes, x};

use super::Bench;

#[tokio::test]
async fn x_twin() {
    let bench = Bench::new(Some((sandbox::X_CLIENT_ID, sandbox::X_CLIENT_SECRET)), None).await;
    let person = sandbox::cast::X[0];
    let tokens = bench.connect(&x::X, Choice::person(person)).await;
    assert_eq!(missing_scopes(x::X.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let me = &x::X.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    bench.probe(&x::X, &tokens, &me.id, None).await.unwrap();
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert!(!x::X.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let pair = x::X.refresh(&bench.cx(), &tokens).await.unwrap();
    let control =
        |control: fn(String, String) -> Control| bench.sandbox.control(control("x".into(), person.into())).unwrap();
    control(|vendor, person| Control::Suspend { vendor, person });
    assert_eq!(bench.probe(&x::X, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
    control(|vendor, person| Control::Restore { vendor, person });
    control(|vendor, person| Control::DeactivateAccount { vendor, person });
    assert_eq!(bench.probe(&x::X, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
    control(|vendor, person| Control::Restore { vendor, person });
    control(|vendor, person| Control::ExpireAccess { vendor, person });
    assert_eq!(bench.probe(&x::X, &pair, &me.id, None).await.unwrap_err().class, Class::Expired);
    assert_eq!(x::X.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Revoked, "replay");
    assert_eq!(x::X.refresh(&bench.cx(), &pair).await.unwrap_err().class, Class::Revoked, "family");
    let tokens = bench.connect(&x::X, Choice::person(person)).await;
    x::X.revoke(&bench.cx(), &tokens).await.unwrap();
    let wrong = Bench {
        app: Some(AppCredentials { client_id: sandbox::X_CLIENT_ID.into(), client_secret: "wrong".into() }),
        ..bench
    };
    assert_eq!(x::X.refresh(&wrong.cx(), &tokens).await.unwrap_err().class, Class::App);
    wrong.done();
}
