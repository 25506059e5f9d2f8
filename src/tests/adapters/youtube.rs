//! YouTube, at Google.

use pilotlight::domain::explain::Problem;
use pilotlight::sandbox::{self, Choice, Control, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, AppCredentials, Ask, Returned, Subject, missing_scopes, youtube};

use super::{Bench, Break};

const APP: Option<(&str, &str)> = Some((sandbox::GOOGLE_CLIENT_ID, sandbox::GOOGLE_CLIENT_SECRET));
const UPLOAD: &str = "https://www.googleapis.com/auth/youtube.upload";

// SPEC S-1, C-3
#[tokio::test]
async fn youtube_twin() {
    let bench = Bench::new(APP, None).await;
    let tokens = bench.connect(&youtube::Youtube, Choice::person(cast::GOOGLE[0])).await;
    assert_eq!(missing_scopes(youtube::Youtube.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let who = youtube::Youtube.identity(&bench.cx(), &tokens).await.unwrap();
    let channel = &youtube::Youtube.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    assert!(who.id.ends_with(&format!("/{}", channel.id)) && channel.id.starts_with("UC"));
    bench.http.fetch_picture(channel.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
    let subject =
        Subject { tokens: &tokens, identity_id: &who.id, destination_id: &channel.id, destination_token: None };
    let seen = youtube::Youtube.probe(&bench.cx(), &subject).await.unwrap();
    assert!(seen.scopes.is_some() && seen.access_ends_at == tokens.access_ends_at);
    assert_eq!(youtube::Youtube.recent_posts(&bench.cx(), &subject).await.unwrap().len(), 5);
    // The refresh token stays the same and does not come again.
    for _ in 0..2 {
        let fresh = youtube::Youtube.refresh(&bench.cx(), &tokens).await.unwrap();
        assert!(fresh.refresh.is_none());
        bench.probe(&youtube::Youtube, &fresh, &channel.id, None).await.unwrap();
    }
    youtube::Youtube.revoke(&bench.cx(), &tokens).await.unwrap();
    youtube::Youtube.revoke(&bench.cx(), &tokens).await.unwrap();
    assert_eq!(youtube::Youtube.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Revoked);
    bench.done();
}

// SPEC T-4
#[tokio::test]
async fn everything_that_breaks_it_has_its_class() {
    let channel = "UCq4ayS1deB3lls0fTh3N0rth";
    let person = || ("google".to_owned(), cast::GOOGLE[0].to_owned());
    // What a probe makes of it with the old access token, and what a refresh makes of it.
    let rows: [(Break, Option<Class>, Option<Class>); 7] = [
        (|vendor, person| Control::RevokeGrant { vendor, person }, Some(Class::Expired), Some(Class::Revoked)),
        (|vendor, person| Control::ExpireAccess { vendor, person }, Some(Class::Expired), None),
        (|vendor, person| Control::ExpireRefresh { vendor, person }, None, Some(Class::Revoked)),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Some(Class::Expired), Some(Class::Revoked)),
        (|vendor, person| Control::Suspend { vendor, person }, None, Some(Class::Action)),
        (
            |vendor, person| Control::LoseRole { vendor, person, page: "UCq4ayS1deB3lls0fTh3N0rth".into() },
            Some(Class::Action),
            None,
        ),
        (|vendor, person| Control::ChangePassword { vendor, person }, None, None),
    ];
    for (how, probed, refreshed) in rows {
        let bench = Bench::new(APP, None).await;
        let tokens = bench.connect(&youtube::Youtube, Choice::person(cast::GOOGLE[0])).await;
        let (vendor, person) = person();
        let control = how(vendor, person);
        bench.sandbox.control(control.clone()).unwrap();
        let probe = bench.probe(&youtube::Youtube, &tokens, channel, None).await;
        assert_eq!(probe.err().map(|failure| failure.class), probed, "{control:?}");
        let refresh = youtube::Youtube.refresh(&bench.cx(), &tokens).await;
        assert_eq!(refresh.err().map(|failure| failure.class), refreshed, "{control:?}");
        bench.done();
    }
    let bench = Bench::new(APP, None).await;
    let tokens = bench.connect(&youtube::Youtube, Choice::person(cast::GOOGLE[0])).await;
    let (vendor, person) = person();
    bench.sandbox.control(Control::Untick { vendor, person, scope: UPLOAD.into() }).unwrap();
    let probe = bench.probe(&youtube::Youtube, &tokens, channel, None).await.unwrap();
    assert_eq!(missing_scopes(youtube::Youtube.facts(), probe.scopes.as_deref()), [UPLOAD]);
    let wrong = Bench {
        app: Some(AppCredentials { client_id: sandbox::GOOGLE_CLIENT_ID.into(), client_secret: "wrong".into() }),
        ..bench
    };
    assert_eq!(youtube::Youtube.refresh(&wrong.cx(), &tokens).await.unwrap_err().class, Class::App);
    assert_eq!(youtube::Youtube.check_app(&wrong.cx()).await.unwrap_err().class, Class::App);
    wrong.done();
}

// SPEC C-5, C-6, C-9
#[tokio::test]
async fn a_person_without_a_channel_and_an_unticked_box_are_told() {
    let bench = Bench::new(APP, None).await;
    youtube::Youtube.check_app(&bench.cx()).await.unwrap();
    let none = bench.connect(&youtube::Youtube, Choice::person(cast::GOOGLE[2])).await;
    let failure = youtube::Youtube.identity(&bench.cx(), &none).await.unwrap_err();
    assert_eq!((failure.class, failure.problem), (Class::Action, Some(Problem::NoDestination)));
    let choice = Choice { untick_scopes: vec![UPLOAD.into()], ..Choice::person(cast::GOOGLE[1]) };
    let less = bench.connect(&youtube::Youtube, choice).await;
    assert_eq!(missing_scopes(youtube::Youtube.facts(), less.scopes.as_deref()), [UPLOAD]);
    // Who does not insist on asking gets no refresh token the second time: the stored one has to do.
    let ask = Ask { state: "st", verifier: &bench.verifier, again: true, hint: None };
    let url = youtube::Youtube.authorize_url(&bench.cx(), &ask).unwrap();
    let url = url.replace("prompt=select_account+consent", "prompt=select_account");
    let back = bench.sandbox.consent(&url, Choice::person(cast::GOOGLE[1])).unwrap();
    let back = url::Url::parse(&back).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let second = youtube::Youtube.exchange(&bench.cx(), &Returned::new(&code, &bench.verifier)).await.unwrap();
    assert!(less.refresh.is_some() && second.refresh.is_none());
    bench.done();
}
