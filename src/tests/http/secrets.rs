//! No secret of any platform reaches a file, an answer or the log (DESIGN rule 2).

use std::io::Write;
use std::sync::{Arc, Mutex};

use pilotlight::api::connect::Picker;
use pilotlight::sandbox::{Choice, Control};

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
    let _logging = tracing::subscriber::set_default(subscriber);

    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let mut seen: Vec<u8> = Vec::new();
    let mut look = |page: crate::support::browser::Page| {
        seen.extend_from_slice(format!("{:?}", page.headers).as_bytes());
        seen.extend_from_slice(&page.body);
    };

    let card = app.mastodon(&mut browser).await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    let form = [("platform", "bluesky"), ("handle", people::BLUESKY.0), ("password", people::BLUESKY.1)];
    look(browser.post("/oauth/password", &form).await);
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    look(browser.get(page.redirect()).await);
    let picker: Picker = browser.ask("picker", &[("grant", &grant)]).await;
    look(browser.call("picker", &[("grant", &grant)]).await);
    let usable = picker.destinations.iter().find(|d| d.unusable.is_none()).expect("a usable page");
    look(browser.post("/oauth/choose", &[("grant", &grant), ("destination", &usable.id)]).await);
    for _ in 0..3 {
        app.keep_all().await;
    }
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    app.keep_all().await;
    for one in app.cards(&mut browser).await {
        let id = one.id.to_string();
        look(browser.get(&format!("/connections?account={id}")).await);
        look(browser.call("account", &[("id", &id)]).await);
        look(browser.call("check", &[("id", &id)]).await);
    }
    look(browser.call("disconnect", &[("id", card.id.as_str())]).await);
    app.drain().await;

    let secrets = app.twin.minted();
    assert!(secrets.len() > 15, "only {} secrets were made", secrets.len());
    let mut places =
        vec![("an answer".to_owned(), seen), ("the log".to_owned(), log.0.lock().expect("not poisoned").clone())];
    assert!(places[1].1.len() > 1_000, "the log was not caught");
    for entry in std::fs::read_dir(app.dir.path()).expect("the data directory").flatten() {
        if entry.path().is_file() {
            places.push((
                entry.file_name().to_string_lossy().into_owned(),
                std::fs::read(entry.path()).expect("a readable file"),
            ));
        }
    }
    assert!(
        places.iter().any(|(name, bytes)| name.starts_with("pilotlight.db") && bytes.len() > 10_000),
        "no database was searched"
    );
    for (name, bytes) in &places {
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{name} holds a secret that begins with {}", &secret[..6.min(secret.len())]);
        }
    }
}
