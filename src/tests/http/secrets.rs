//! No secret of any platform reaches a file, an answer or the log (DESIGN rule 2).

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use pilotlight::api::connect::Picker;
use pilotlight::sandbox::{self, Choice, Control, Fault, FaultKind, cast as people_of};
use pilotlight::server::store::backup;

use crate::support::browser::Browser;
use crate::support::{TestApp, people};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_full_run_leaves_no_secret_anywhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    // With one subscriber alone, a thread that logs a line first decides for all whether anybody wants it; a test beside
    // this one wants none.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _logging = tracing::subscriber::set_default(subscriber);

    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    let form = [("platform", "bluesky"), ("handle", people::BLUESKY.0), ("password", people::BLUESKY.1)];
    browser.post("/oauth/password", &form).await;
    // A bot's token travels in the path; the second one is refused.
    for token in people_of::TELEGRAM[0].1 {
        let form = [("platform", "telegram"), ("handle", people_of::TELEGRAM_CHANNEL.0), ("password", token)];
        browser.post("/oauth/password", &form).await;
    }
    for registered in sandbox::apps().filter(|registered| registered.platform != "x") {
        connect_first(&app, &mut browser, &format!("/oauth/start?platform={}", registered.platform)).await;
    }
    // At Bluesky every session has a key of its own; it is a secret of ours that no vendor has made.
    let other = people_of::BLUESKY[1].0;
    let start = format!("/oauth/start?platform=bluesky&handle={other}");
    app.connect(&mut browser, &start, Choice::person(other)).await;
    app.drain().await;
    assert_eq!(app.cards(&mut browser).await.len(), sandbox::apps().count() + 4, "every platform is connected");
    for _ in 0..3 {
        app.keep_all().await;
    }
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    app.keep_all().await;
    let start = format!("/oauth/start?platform=mastodon&account={}", card.id);
    app.connect(&mut browser, &start, Choice::person(people::MASTODON_SECOND)).await;
    let callback = app.consent(&mut browser, &start, Choice::default()).await;
    app.twin.fault(Fault::on("mastodon", FaultKind::Status(500), None));
    let problem = browser.get(&callback).await;
    browser.get(problem.redirect()).await;
    app.twin.clear_faults();
    app.connect(&mut browser, &start, Choice::default()).await;
    for one in app.cards(&mut browser).await {
        let id = one.id.to_string();
        browser.get(&format!("/connections?account={id}")).await;
        for name in ["account", "recent", "token_debug"] {
            browser.call(name, &[("id", &id)]).await;
        }
        browser.call("check", &[("id", &id)]).await;
    }
    browser.call("disconnect", &[("id", card.id.as_str())]).await;
    app.drain().await;
    backup::into(&app.state.db, &app.dir.path().join("copy.db")).await.expect("a backup");

    let secrets = app.twin.minted();
    assert!(secrets.len() > 60, "only {} secrets were made", secrets.len());
    let seen = app.seen.lock().expect("not poisoned").clone();
    let logged = log.0.lock().expect("not poisoned").clone();
    let mut places = vec![("an answer".to_owned(), seen), ("the log".to_owned(), logged)];
    assert!(places.iter().all(|(_, bytes)| bytes.len() > 1_000), "answers or log were not caught");
    files(app.dir.path(), &mut places);
    for file in ["pilotlight.db-wal", "copy.db"] {
        let searched = places.iter().any(|(name, bytes)| name.ends_with(file) && bytes.len() > 10_000);
        assert!(searched, "{file} was not searched");
    }
    for (name, bytes) in &places {
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{name} holds a secret that begins with {}", &secret[..6.min(secret.len())]);
        }
    }
}

/// Connects the first destination that a platform offers.
async fn connect_first(app: &TestApp, browser: &mut Browser, start: &str) {
    let page = app.connect(browser, start, Choice::default()).await;
    let Some(grant) = page.redirect().strip_prefix("/connect/choose?grant=") else { return };
    browser.get(page.redirect()).await;
    let picker: Picker = browser.ask("picker", &[("grant", grant)]).await;
    let usable = picker.destinations.iter().find(|one| one.unusable.is_none()).expect("a usable destination");
    browser.post("/oauth/choose", &[("grant", grant), ("destination", &usable.id)]).await;
}

/// Every file below a directory.
fn files(dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).expect("a readable directory").flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push((
                entry.path().to_string_lossy().into_owned(),
                std::fs::read(entry.path()).expect("a readable file"),
            ));
        }
    }
}
