//! Several servers on one PostgreSQL: what is told in one is heard in all, whatever happens on the way.

use std::time::Duration;

use pilotlight::api::accounts::Progress;
use pilotlight::domain::id::{AccountId, WorkspaceId};
use pilotlight::server::service::live::{Change, News, Tone};
use pilotlight::server::state::AppState;
use pilotlight::server::worker::relay;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinHandle;

use crate::support::proxy::Proxy;
use crate::support::{TestApp, db};

/// A server whose relay runs, and one tab of every workspace.
struct Tab {
    state: AppState,
    heard: Receiver<News>,
    relay: JoinHandle<()>,
}

impl Tab {
    /// On a server that hears the others.
    async fn on(state: AppState) -> Self {
        Self::with_pulse(state, relay::PULSE).await
    }

    async fn with_pulse(state: AppState, pulse: Duration) -> Self {
        let heard = state.live.listen();
        let relay = tokio::spawn(relay::run(state.clone(), pulse));
        let mut tab = Self { state, heard, relay };
        // Told as soon as the relay listens.
        assert!(matches!(tab.next().await, News::LookAgain(_)));
        tab
    }

    async fn next(&mut self) -> News {
        let next = tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await;
        next.expect("something is told").expect("the stream goes on")
    }

    async fn change(&mut self) -> Change {
        match self.next().await {
            News::Change(change) => change,
            News::LookAgain(_) => panic!("nothing was missed"),
        }
    }

    /// Waits for a call to look; changes may come before it.
    async fn look_again(&mut self) {
        while !matches!(self.next().await, News::LookAgain(_)) {}
    }

    fn tell(&self, toast: &str) {
        self.state.live.tell(&workspace(), Some(&AccountId::new("a")), Some((Tone::Warn, toast.into())));
    }
}

fn workspace() -> WorkspaceId {
    WorkspaceId::new("w")
}

fn toasts(changes: &[Change]) -> Vec<&str> {
    changes.iter().filter_map(|change| change.toast.as_deref()).collect()
}

/// What both hear from now on: one change told in each. That nothing is heard twice shows in the second, which comes
/// after whatever was sent before it.
async fn hear_each_other(one: &mut Tab, two: &mut Tab) {
    one.tell("from one");
    assert_eq!(toasts(&[one.change().await, two.change().await]), ["from one"; 2]);
    two.tell("from two");
    assert_eq!(toasts(&[one.change().await, two.change().await]), ["from two"; 2]);
}

/// As [`hear_each_other`], after an outage: calls to look may come in between, more often than needed.
async fn hear_each_other_again(one: &mut Tab, two: &mut Tab) {
    // A call to look that is still under way covers what is told before it: so until one gets through as itself.
    for (from, to) in [(&*one, two.state.live.listen()), (&*two, one.state.live.listen())] {
        let mut to = to;
        let through = async {
            loop {
                from.tell("again");
                let heard = tokio::time::timeout(Duration::from_millis(100), to.recv()).await;
                if let Ok(Ok(News::Change(change))) = heard {
                    assert_eq!(change.toast.as_deref(), Some("again"));
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), through).await.expect("changes cross again");
    }
}

/// An app on a schema of its own, by way of a wire that can be cut; and the way around it.
async fn app() -> Option<(TestApp, Proxy, String)> {
    let Some((url, schema)) = db::schema().await else {
        eprintln!("skipped: {} is not set", db::POSTGRES);
        return None;
    };
    let (proxy, by_proxy) = Proxy::to_database(&url).await;
    Some((TestApp::with(Some(by_proxy), schema, &[]).await, proxy, url))
}

// SPEC T-1
#[tokio::test]
async fn a_change_is_heard_everywhere_once() {
    let Some((app, _proxy, _)) = app().await else { return };
    let mut one = Tab::on(app.state.clone()).await;
    let mut two = Tab::on(app.beside(None).await).await;
    hear_each_other(&mut one, &mut two).await;

    one.state.live.tell(&workspace(), None, None);
    one.state.live.progress(&workspace(), Progress { done: 1, total: 3 });
    let (here, there) = ([one.change().await, one.change().await], [two.change().await, two.change().await]);
    // The cursor is each process's own.
    assert_eq!(
        there.clone().map(|change| Change { cursor: 0, ..change }),
        here.map(|change| Change { cursor: 0, ..change })
    );
    assert!(there[0].cursor < there[1].cursor);
    hear_each_other(&mut one, &mut two).await;
}

#[tokio::test]
async fn a_long_toast_stays_at_home_and_its_change_does_not() {
    let Some((app, _proxy, _)) = app().await else { return };
    let (mut one, mut two) = (Tab::on(app.state.clone()).await, Tab::on(app.beside(None).await).await);
    one.tell(&"x".repeat(9_000));
    assert_eq!(one.change().await.toast.map(|toast| toast.len()), Some(9_000));
    let there = two.change().await;
    assert_eq!((there.toast, there.account), (None, Some(AccountId::new("a"))));
    hear_each_other(&mut one, &mut two).await;
}

// SPEC T-1: a connection that an administrator ends is made anew, and the tabs look at what they may have missed.
#[tokio::test]
async fn a_killed_connection_is_healed() {
    const KILL: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and \
        application_name = 'pilotlight_live_' || (select oid from pg_namespace where nspname = current_schema())::text";
    let Some((app, _proxy, _)) = app().await else { return };
    let (mut one, mut two) = (Tab::on(app.state.clone()).await, Tab::on(app.beside(None).await).await);
    for _ in 0..3 {
        db::execute(&app.state.db, KILL).await;
        one.look_again().await;
        two.look_again().await;
        hear_each_other_again(&mut one, &mut two).await;
        // Those that were told on the way may still come.
        (one.heard, two.heard) = (one.state.live.listen(), two.state.live.listen());
    }
}

// SPEC T-1: while the database is away nothing is lost, and when it comes back nobody restarts anything.
#[tokio::test]
async fn a_database_that_goes_away_and_comes_back() {
    let Some((app, proxy, around)) = app().await else { return };
    let mut browser = app.browser();
    assert_eq!(browser.get("/readyz").await.status, 200);
    let (mut one, mut two) = (Tab::on(app.state.clone()).await, Tab::on(app.beside(Some(around)).await).await);

    proxy.cut();
    one.tell("at home only");
    assert_eq!(one.change().await.toast.as_deref(), Some("at home only"));
    assert_eq!(browser.get("/readyz").await.status, 503);
    assert!(!one.relay.is_finished());

    proxy.restore();
    // The first may have missed what others told; the second what the first could not send.
    one.look_again().await;
    two.look_again().await;
    hear_each_other_again(&mut one, &mut two).await;
    assert_eq!(browser.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn what_does_not_fit_is_made_up_for() {
    let Some((app, _proxy, _)) = app().await else { return };
    let mut two = Tab::on(app.beside(None).await).await;
    for _ in 0..5_000 {
        app.state.live.tell(&workspace(), None, None);
    }
    let mut one = Tab::on(app.state.clone()).await;
    assert!(matches!(two.next().await, News::LookAgain(_)));
    hear_each_other(&mut one, &mut two).await;
}

// SPEC T-1: an instance that dies takes what it did not tell with it; the others look for themselves.
#[tokio::test]
async fn a_dead_instance_is_missed() {
    let Some((app, _proxy, _)) = app().await else { return };
    let mut one = Tab::with_pulse(app.state.clone(), Duration::from_millis(100)).await;
    let two = Tab::on(app.beside(None).await).await;
    two.tell("still there");
    while !matches!(one.next().await, News::Change(_)) {}
    two.relay.abort();
    assert!(matches!(one.next().await, News::LookAgain(_)));
}

// What ends while the server stops is told before it is gone.
#[tokio::test]
async fn a_stopping_instance_tells_its_last_changes() {
    let Some((app, _proxy, _)) = app().await else { return };
    let (mut one, two) = (Tab::on(app.state.clone()).await, Tab::on(app.beside(None).await).await);
    two.state.stop.cancel();
    two.relay.await.expect("the relay ends with the server");
    two.state.live.tell(&workspace(), None, Some((Tone::Ok, "the last one".into())));
    relay::finish(&two.state).await;
    assert_eq!(one.change().await.toast.as_deref(), Some("the last one"));
}

#[tokio::test]
async fn alone_on_sqlite_there_is_no_relay() {
    let app = TestApp::new().await;
    assert!(app.state.live.outbox().is_none());
    // Comes to an end by itself.
    relay::run(app.state.clone(), relay::PULSE).await;
    relay::finish(&app.state).await;
}
