//! Getting started: what is done and what is not, read from the real state every time (SPEC 9).

use super::ServiceError;
use crate::api::launchpad::{Launchpad, Step};
use crate::domain::health::Health;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::accounts;
use crate::server::store::cards::{self, CardRow};

/// Where a member without an address in mind is led: to the overview, and before the first account to the launchpad.
///
/// # Errors
/// When the database does not answer.
pub async fn home(state: &AppState, member: &Member) -> Result<&'static str, ServiceError> {
    let connected = accounts::count_connected(&state.db, &member.workspace).await?;
    Ok(if connected > 0 { "/overview" } else { "/launchpad" })
}

/// The checklist.
///
/// # Errors
/// When the database does not answer.
pub async fn launchpad(state: &AppState, member: &Member) -> Result<Launchpad, ServiceError> {
    member.may(Action::See)?;
    let rows = cards::all(&state.db, &member.workspace).await?;
    let connected: Vec<&CardRow> = rows.iter().filter(|row| row.connected).collect();
    let manages = member.role.may(Action::ManageAccounts);
    let mut steps = vec![owner(), address(state), platform(state, &connected), first(&connected), mail(state)];
    for step in steps.iter_mut().filter(|step| !step.done && !manages) {
        step.way = None;
        step.words.push_str(" An admin of the workspace does this.");
    }
    // Everybody may look at what is broken.
    steps.push(healthy(&connected));
    Ok(Launchpad { steps, tips: if manages { tips(state) } else { Vec::new() } })
}

fn step(done: bool, title: &str, words: String, way: (&str, &str)) -> Step {
    let way = (!done).then(|| (way.0.to_owned(), way.1.to_owned()));
    Step { title: title.into(), words, done, way }
}

/// Whoever reads this is signed in, so the first step is behind them.
fn owner() -> Step {
    step(true, "Create the workspace", "Its owner can sign in.".into(), ("", ""))
}

fn address(state: &AppState) -> Step {
    let server = &state.config.server;
    let words = match server.is_https() {
        true => format!("People and platforms reach it at {}.", server.public_url),
        false => format!(
            "Most platforms only send people back to an address with https; this one is {}. Set public_url under [server] in Leptos.toml, or PILOTLIGHT_PUBLIC_URL, and start again.",
            server.public_url
        ),
    };
    step(server.is_https(), "Set a public https address", words, ("/settings/platforms", "See the addresses"))
}

fn platform(state: &AppState, connected: &[&CardRow]) -> Step {
    let apps = state.config.platforms.len();
    let done = apps > 0 || connected.iter().any(|row| !row.platform.needs_operator_app());
    let words = match (done, apps) {
        (false, _) => {
            "Enter your app of a platform, such as Facebook, in Leptos.toml. Or start without: Mastodon, Bluesky and Telegram need none.".into()
        }
        (true, 0) => "A platform that needs no app is in use.".into(),
        (true, 1) => "The app of 1 platform is set.".into(),
        (true, _) => format!("The apps of {apps} platforms are set."),
    };
    step(done, "Get a platform ready", words, ("/settings/platforms", "Open Platforms"))
}

fn first(connected: &[&CardRow]) -> Step {
    let words = match connected.len() {
        0 => "Sign in at a platform and choose what Pilotlight watches.".into(),
        1 => "1 account is connected.".into(),
        count => format!("{count} accounts are connected."),
    };
    step(!connected.is_empty(), "Connect the first account", words, ("/connect", "Connect account"))
}

/// Without a mail server, whoever is away from the screen hears nothing (SPEC A-6).
fn mail(state: &AppState) -> Step {
    let words = match &state.config.mail.smtp {
        Some(smtp) => format!("Mails leave through {}.", smtp.host),
        None => {
            "No mail leaves this server: mails are written as files. Set up a mail server under [mail] in Leptos.toml."
                .into()
        }
    };
    let done = state.config.mail.smtp.is_some();
    step(done, "Let alerts leave by mail", words, ("/settings/notifications", "Open Notifications"))
}

fn healthy(connected: &[&CardRow]) -> Step {
    let amber = connected.iter().filter(|row| row.standing.health == Health::NeedsReconnect).count();
    let (words, way) = match (connected.len(), amber) {
        (0, _) => ("It shows as soon as an account is connected.".into(), ("/connections", "Open Connections")),
        (_, 0) => ("Nothing needs a reconnect.".into(), ("", "")),
        (_, 1) => ("1 account needs a reconnect.".into(), ("/connections?status=attention", "Show it")),
        (_, amber) => (format!("{amber} accounts need a reconnect."), ("/connections?status=attention", "Show them")),
    };
    step(amber == 0 && !connected.is_empty(), "See every account healthy", words, way)
}

/// No program can see whether a copy lies in a safe place.
fn tips(state: &AppState) -> Vec<String> {
    let key = match state.config.vault.key {
        Some(_) => "the key that you set in the environment".to_owned(),
        None => "the file \u{201c}key\u{201d} in the data directory".to_owned(),
    };
    vec![format!(
        "Keep a copy of {key} in a safe place, apart from the database: without it nobody can read the stored access, and every account has to be connected again."
    )]
}
