//! SPEC S-1: the watch over refreshes, and the faults that only a watch makes visible.

use std::sync::{Arc, Mutex};

use super::super::{
    End, FACEBOOK_APP_ID, FACEBOOK_APP_SECRET, Fault, FaultKind, Moment, RefreshOutcome, X_CLIENT_ID, X_CLIENT_SECRET,
};
use super::*;

const TOKEN: &str = "api.x.com/2/oauth2/token";

impl Play {
    fn refresh_token(&self, person: &str) -> String {
        self.sandbox.mint("x", person, None).expect("a consent").refresh.expect("a refresh token")
    }

    async fn renew(&self, token: &str) -> Got {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.call("POST", TOKEN, &[], Some(&form), &basic(X_CLIENT_ID, X_CLIENT_SECRET)).await
    }

    fn strike(&self, kind: FaultKind) {
        self.sandbox.fault(Fault::on("x", kind, Some(1)));
    }

    fn outcomes(&self) -> Vec<(String, RefreshOutcome)> {
        self.sandbox.refreshes().into_iter().map(|refresh| (refresh.grant, refresh.outcome)).collect()
    }

    async fn until(&self, what: impl Fn(&Sandbox) -> bool) {
        while !what(&self.sandbox) {
            tokio::task::yield_now().await;
        }
    }
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn every_refresh_is_noted_with_what_came_of_it() {
    use RefreshOutcome::*;
    let play = Play::new();
    let first = play.refresh_token("crowd-1");
    assert_eq!(play.sandbox.holds("x", "crowd-1").expect("a consent").renewed_at, None);
    play.pass_seconds(60);
    let second = play.renew(&first).await.text_at("/refresh_token");
    let held = play.sandbox.holds("x", "crowd-1").expect("a consent");
    assert_eq!((held.lives, held.renewed_at), (true, Some(START + 60_000)));
    assert_eq!(held.refresh_sha256, Some(sha256(&second)));
    play.strike(FaultKind::Status(503));
    play.renew(&second).await;
    play.renew("made-up").await;
    play.renew(&first).await;
    play.renew(&second).await;
    let held = play.sandbox.holds("x", "crowd-1").expect("a consent");
    assert_eq!((held.lives, held.ended), (false, Some(End::Replaced)));
    let mine = || "x:crowd-1".to_owned();
    assert_eq!(
        play.outcomes(),
        [(mine(), Renewed), (mine(), Refused), (String::new(), Refused), (mine(), Replayed), (mine(), Refused)]
    );
    assert_eq!(play.sandbox.refreshes()[0].at_ms, START + 60_000);

    let other = play.sandbox.mint("bluesky", "crowd-1", None).expect("a session").refresh.expect("one");
    let at = "pds.bsky.example/xrpc/com.atproto.server.refreshSession";
    let renew = async || play.call("POST", at, &[], None, &format!("Bearer {other}")).await.status;
    assert_eq!((renew().await, renew().await), (200, 200), "the second one within the grace");
    play.pass_seconds(7_200);
    assert_eq!(renew().await, 400);
    let person = play.sandbox.mint("facebook", "crowd-1", None).expect("a consent");
    let form = [
        ("grant_type", "fb_exchange_token"),
        ("client_id", FACEBOOK_APP_ID),
        ("client_secret", FACEBOOK_APP_SECRET),
        ("fb_exchange_token", &person.access),
    ];
    let longer = play.post("graph.facebook.com/v25.0/oauth/access_token", &form).await.text_at("/access_token");
    assert_eq!(play.sandbox.holds("facebook", "crowd-1").expect("one").access_sha256, Some(sha256(&longer)));
    let rest: Vec<_> = play.outcomes().split_off(5);
    let sky = || "bluesky:crowd-1".to_owned();
    assert_eq!(rest, [(sky(), Renewed), (sky(), Renewed), (sky(), Replayed), ("facebook:crowd-1".to_owned(), Renewed)]);
    assert!(play.sandbox.overlaps().is_empty(), "one after the other");
}

#[tokio::test]
async fn two_at_once_are_an_overlap_until_the_first_is_answered() {
    for kind in [FaultKind::Delay(600_000), FaultKind::Late(600_000), FaultKind::Hang] {
        let play = Play::new();
        let (one, other) = (play.refresh_token("crowd-1"), play.refresh_token("crowd-2"));
        let arrived = Arc::new(AtomicI64::new(0));
        let count = arrived.clone();
        play.sandbox.on_refresh(Box::new(move |moment, _| {
            count.fetch_add(i64::from(moment == Moment::Arrived), Ordering::SeqCst);
        }));
        play.strike(kind.clone());
        // Whoever is polled first waits for the fault; the others come meanwhile.
        tokio::select! {
            biased;
            _ = play.renew(&one) => panic!("{kind:?} takes its time"),
            () = async {
                play.until(|_| arrived.load(Ordering::SeqCst) == 1).await;
                play.renew(&other).await;
                assert!(play.sandbox.overlaps().is_empty(), "another person is no overlap: {kind:?}");
                play.renew(&one).await;
            } => {}
        }
        assert_eq!(play.sandbox.overlaps(), ["x:crowd-1"], "{kind:?}");
    }
}

#[tokio::test]
async fn who_has_hung_up_is_not_under_way_any_more() {
    for kind in [FaultKind::Delay(600_000), FaultKind::Late(600_000), FaultKind::Hang] {
        let play = Play::new();
        let one = play.refresh_token("crowd-1");
        let arrived = Arc::new(AtomicI64::new(0));
        let count = arrived.clone();
        play.sandbox.on_refresh(Box::new(move |moment, _| {
            count.fetch_add(i64::from(moment == Moment::Arrived), Ordering::SeqCst);
        }));
        play.strike(kind.clone());
        tokio::select! {
            biased;
            _ = play.renew(&one) => panic!("{kind:?} takes its time"),
            () = play.until(|_| arrived.load(Ordering::SeqCst) == 1) => {}
        }
        play.renew(&one).await;
        assert!(play.sandbox.overlaps().is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn late_is_before_the_effect_and_delay_after_it() {
    let play = Play::new();
    let (late, slow) = (play.refresh_token("crowd-1"), play.refresh_token("crowd-2"));
    let arrived = Arc::new(AtomicI64::new(0));
    let count = arrived.clone();
    play.sandbox.on_refresh(Box::new(move |moment, _| {
        count.fetch_add(i64::from(moment == Moment::Arrived), Ordering::SeqCst);
    }));
    play.strike(FaultKind::Late(600_000));
    tokio::select! {
        biased;
        _ = play.renew(&late) => panic!("it waits"),
        () = play.until(|_| arrived.load(Ordering::SeqCst) == 1) => {}
    }
    assert!(play.outcomes().is_empty() && play.sandbox.secret_is_live(&late), "nothing has happened yet");

    play.strike(FaultKind::Delay(600_000));
    tokio::select! {
        biased;
        _ = play.renew(&slow) => panic!("it waits"),
        () = play.until(|_| arrived.load(Ordering::SeqCst) == 2) => {}
    }
    assert!(!play.sandbox.secret_is_live(&slow), "it has happened at once");

    play.strike(FaultKind::Late(20));
    tokio::select! {
        biased;
        _ = play.renew(&late) => panic!("it waits"),
        () = play.until(|_| arrived.load(Ordering::SeqCst) == 3) => {}
    }
    play.until(|sandbox| !sandbox.secret_is_live(&late)).await;
    let renewed = |person: &str| (format!("x:{person}"), RefreshOutcome::Renewed);
    play.until(|sandbox| sandbox.refreshes().len() == 2).await;
    assert_eq!(play.outcomes(), [renewed("crowd-2"), renewed("crowd-1")], "although nobody waited");

    play.strike(FaultKind::Late(20));
    let next = play.refresh_token("crowd-3");
    assert_eq!(play.renew(&next).await.status, 200, "whoever waits is answered");
}

#[tokio::test]
async fn an_observer_is_told_every_moment_and_may_ask_back() {
    let play = Play::new();
    let told: Arc<Mutex<Vec<(Moment, String, usize)>>> = Arc::default();
    let (sandbox, notes) = (play.sandbox.clone(), told.clone());
    play.sandbox.on_refresh(Box::new(move |moment, label| {
        // Would hang for ever if the sandbox held its locks meanwhile.
        let known = sandbox.refreshes().len() + usize::from(sandbox.holds("x", "crowd-1").is_none());
        notes.lock().expect("unpoisoned").push((moment, label.to_owned(), known));
    }));
    let one = play.refresh_token("crowd-1");
    let next = play.renew(&one).await.text_at("/refresh_token");
    play.get("api.x.com/2/users/me", &[]).await;
    play.strike(FaultKind::LoseAnswer);
    play.renew(&next).await;
    play.strike(FaultKind::Html);
    play.renew(&next).await;
    play.strike(FaultKind::DropConnection);
    play.renew("made-up").await;
    use Moment::*;
    let mine = |moment, count| (moment, "x:crowd-1".to_owned(), count);
    assert_eq!(
        *told.lock().expect("unpoisoned"),
        [
            mine(Arrived, 0),
            mine(Processed, 1),
            mine(Answering, 1),
            mine(Arrived, 1),
            mine(Processed, 2),
            mine(Arrived, 2),
            mine(Answering, 3),
            (Arrived, String::new(), 3),
        ]
    );
}

#[tokio::test]
async fn every_vendor_has_its_own_words_for_slow_down_and_for_a_wrong_app() {
    let play = Play::new();
    let asked = async |kind: FaultKind, vendor: &str, at: &str| {
        play.sandbox.fault(Fault::on(vendor, kind, Some(1)));
        play.post(at, &[]).await
    };
    let wait = || FaultKind::RateLimited { seconds: Some(90) };
    let header = |got: &Got, name: &str| got.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
    let graph = "graph.facebook.com/v25.0/oauth/access_token";
    let sky = "pds.bsky.example/xrpc/com.atproto.server.refreshSession";

    let got = asked(wait(), "x", TOKEN).await;
    assert_eq!((got.status, got.text_at("/title")), (429, "Too Many Requests".into()));
    assert_eq!(header(&got, "x-rate-limit-reset"), Some((START / 1_000 + 90).to_string()));
    let got = asked(FaultKind::RateLimited { seconds: None }, "x", TOKEN).await;
    assert_eq!((got.status, header(&got, "x-rate-limit-reset")), (429, None));
    let got = asked(wait(), "facebook", graph).await;
    assert_eq!((got.status, got.json()["error"]["code"].as_i64()), (403, Some(4)));
    assert!(header(&got, "x-business-use-case-usage").is_some_and(|usage| usage.contains("regain_access\":2")));
    let got = asked(wait(), "facebook", "graph.facebook.com/v25.0/me").await;
    assert_eq!((got.status, got.json()["error"]["code"].as_i64()), (400, Some(17)));
    let got = asked(wait(), "mastodon", "mastodon.example/oauth/token").await;
    assert_eq!((got.status, header(&got, "x-ratelimit-reset")), (429, Some("2026-11-01T12:01:30.000Z".into())));
    let got = asked(wait(), "bluesky", sky).await;
    assert_eq!((got.status, got.text_at("/error")), (429, "RateLimitExceeded".into()));
    assert_eq!(header(&got, "ratelimit-reset"), Some((START / 1_000 + 90).to_string()));

    let refused = || FaultKind::AppRefused;
    assert_eq!(asked(refused(), "x", TOKEN).await.oauth().1, "unauthorized_client");
    assert_eq!(asked(refused(), "x", "api.x.com/2/users/me").await.text_at("/title"), "Client Forbidden");
    let got = asked(refused(), "facebook", graph).await;
    assert_eq!(got.text_at("/error/message"), "Error validating client secret.");
    assert_eq!(asked(refused(), "mastodon", "mastodon.example/oauth/token").await.oauth().1, "invalid_client");
    let plain = asked(refused(), "mastodon", "mastodon.example/api/v1/apps").await;
    assert_eq!(plain.status, 422, "an app without credentials yet has none that are wrong");
    assert_eq!(asked(refused(), "bluesky", sky).await.text_at("/error"), "invalid_client");
    let register = play.sandbox.mint("bluesky", "crowd-1", None).expect("a session").identity_id;
    play.sandbox.fault(Fault::on("bluesky", refused(), Some(1)));
    assert_eq!(play.get(&format!("plc.directory/{register}"), &[]).await.status, 200, "open to everybody");
    let order = serde_json::json!({"on": "x", "kind": {"rate_limited": {"seconds": 5}}, "share": 0.25});
    assert_eq!(play.post_json("_control.json", &order).await.status, 200);
}
