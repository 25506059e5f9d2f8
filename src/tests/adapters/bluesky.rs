//! Bluesky.

use pilotlight::domain::explain::Problem;
use pilotlight::sandbox::{self, Choice, Control};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, AppCredentials, Ask, Context, Returned, Subject, Tokens, bluesky};
use secrecy::SecretString;

use super::Bench;

#[tokio::test]
async fn bluesky_twin() {
    let (handle, password) = sandbox::cast::BLUESKY[0];
    for host in [None, Some("pds.bsky.example"), Some("bsky.social")] {
        let mut bench = Bench::new(None, host).await;
        let password = SecretString::from(password);
        let (tokens, who) = bluesky::Bluesky.sign_in(&bench.cx(), handle, &password).await.unwrap();
        assert_eq!(who.host.as_deref(), Some("pds.bsky.example"));
        bench.host = who.host.clone();
        let me = &bluesky::Bluesky.destinations(&bench.cx(), &tokens).await.unwrap()[0];
        assert_eq!(me.id, who.id);
        bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
        bench.probe(&bluesky::Bluesky, &tokens, &me.id, None).await.unwrap();
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        assert!(!bluesky::Bluesky.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
        let pair = bluesky::Bluesky.refresh(&bench.cx(), &tokens).await.unwrap();
        let control = |control: fn(String, String) -> Control| {
            bench.sandbox.control(control("bluesky".into(), handle.into())).unwrap()
        };
        control(|vendor, person| Control::DeactivateAccount { vendor, person });
        assert_eq!(bench.probe(&bluesky::Bluesky, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
        control(|vendor, person| Control::Restore { vendor, person });
        control(|vendor, person| Control::ExpireAccess { vendor, person });
        assert_eq!(bench.probe(&bluesky::Bluesky, &pair, &me.id, None).await.unwrap_err().class, Class::Expired);
        control(|vendor, person| Control::DeleteAppPassword { vendor, person });
        assert_eq!(bluesky::Bluesky.refresh(&bench.cx(), &pair).await.unwrap_err().class, Class::Revoked);
        let wrong = bluesky::Bluesky.sign_in(&bench.cx(), handle, &password).await.unwrap_err();
        assert_eq!(wrong.problem, Some(Problem::WrongPassword));
        bench.done();
    }
}

const LOCAL: &str = "http://127.0.0.1:3000/oauth/callback/bluesky";

/// The way through the consent page: what came back, and what it was bound to.
async fn consented(bench: &Bench, cx: &Context<'_>, choice: Choice) -> (String, Option<String>, Option<SecretString>) {
    let ask = Ask { state: "st", verifier: &bench.verifier, again: false, hint: Some(sandbox::cast::BLUESKY[0].0) };
    let begun = bluesky::Bluesky.begin(cx, &ask).await.unwrap();
    let back = url::Url::parse(&bench.sandbox.consent(&begun.url, choice).unwrap()).unwrap();
    let field = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(field("state").as_deref(), Some("st"));
    (field("code").unwrap(), field("iss"), begun.binding)
}

async fn by_oauth(bench: &Bench, cx: &Context<'_>) -> Tokens {
    let (code, issuer, binding) = consented(bench, cx, Choice::person(sandbox::cast::BLUESKY[0].0)).await;
    let back =
        Returned { issuer: issuer.as_deref(), binding: binding.as_ref(), ..Returned::new(&code, &bench.verifier) };
    bluesky::Bluesky.exchange(cx, &back).await.unwrap()
}

fn local<'a>(bench: &'a Bench, app: &'a AppCredentials) -> Context<'a> {
    Context { app: Some(app), redirect_uri: LOCAL, ..bench.cx() }
}

// SPEC C-2, T-3
#[tokio::test]
async fn bluesky_twin_by_oauth() {
    let bench = Bench::new(None, None).await;
    let app = bluesky::client::register(LOCAL).unwrap();
    let tokens = by_oauth(&bench, &local(&bench, &app)).await;
    let who = bluesky::Bluesky.identity(&local(&bench, &app), &tokens).await.unwrap();
    assert_eq!(who.host.as_deref(), Some("pds.bsky.example"));
    let me = &bluesky::Bluesky.destinations(&local(&bench, &app), &tokens).await.unwrap()[0];
    assert_eq!((me.id.as_str(), me.picture_url.is_some()), (who.id.as_str(), true));
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert!(!bluesky::Bluesky.recent_posts(&local(&bench, &app), &subject).await.unwrap().is_empty());

    // Hours later the nonces are old, and a pair replaces the other.
    bench.now.fetch_add(7_200_000, std::sync::atomic::Ordering::SeqCst);
    let probe = async |tokens: &Tokens| {
        let subject = Subject { tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        bluesky::Bluesky.probe(&local(&bench, &app), &subject).await
    };
    assert_eq!(probe(&tokens).await.unwrap_err().class, Class::Expired);
    let pair = bluesky::Bluesky.refresh(&local(&bench, &app), &tokens).await.unwrap();
    probe(&pair).await.unwrap();
    // The old refresh token again ends the session, with the pair that is good.
    assert_eq!(bluesky::Bluesky.refresh(&local(&bench, &app), &tokens).await.unwrap_err().class, Class::Revoked);
    assert_eq!(probe(&pair).await.unwrap_err().class, Class::Expired);
    assert_eq!(bluesky::Bluesky.refresh(&local(&bench, &app), &pair).await.unwrap_err().class, Class::Revoked);

    let tokens = by_oauth(&bench, &local(&bench, &app)).await;
    // A token without the key that it is bound to opens nothing.
    let stolen = Tokens { binding: by_oauth(&bench, &local(&bench, &app)).await.binding, ..tokens.clone() };
    assert_eq!(probe(&stolen).await.unwrap_err().class, Class::Expired);
    assert_eq!(bluesky::Bluesky.refresh(&local(&bench, &app), &stolen).await.unwrap_err().class, Class::Revoked);
    probe(&tokens).await.unwrap();
    let control = Control::DeactivateAccount { vendor: "bluesky".into(), person: sandbox::cast::BLUESKY[0].0.into() };
    bench.sandbox.control(control).unwrap();
    assert_eq!(probe(&tokens).await.unwrap_err().class, Class::Action);
    bluesky::Bluesky.revoke(&local(&bench, &app), &tokens).await.unwrap();
    assert_eq!(probe(&tokens).await.unwrap_err().class, Class::Expired);
    assert_eq!(bluesky::Bluesky.refresh(&local(&bench, &app), &tokens).await.unwrap_err().class, Class::Revoked);
    bench.done();
}

#[tokio::test]
async fn another_person_at_the_sign_in_page_is_not_taken() {
    let bench = Bench::new(None, None).await;
    let app = bluesky::client::register(LOCAL).unwrap();
    let (code, issuer, binding) =
        consented(&bench, &local(&bench, &app), Choice::person(sandbox::cast::BLUESKY[1].0)).await;
    let back =
        Returned { issuer: issuer.as_deref(), binding: binding.as_ref(), ..Returned::new(&code, &bench.verifier) };
    let failure = bluesky::Bluesky.exchange(&local(&bench, &app), &back).await.unwrap_err();
    assert_eq!(failure.problem, Some(Problem::WrongAccount));
    let again = bluesky::Bluesky.exchange(&local(&bench, &app), &back).await.unwrap_err();
    assert_eq!(again.problem, Some(Problem::CodeRefused));
    bench.done();
}
