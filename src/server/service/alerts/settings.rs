//! Settings > Notifications.

use super::moments;
use crate::api::accounts::Outcome;
use crate::api::notifications::{KindRule, MailState, MailWay, Notifications, SentMail, Told};
use crate::domain::id::MessageId;
use crate::domain::notify::{AlertKind, Days};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::mail::templates::{self, Button, Words};
use crate::server::mail::{Delivery, Letter, Open};
use crate::server::service::ServiceError;
use crate::server::service::history::{self, Happening};
use crate::server::state::AppState;
use crate::server::store::Tx;
use crate::server::store::alert_rules::{self, Rule};
use crate::server::store::deliveries::{self, Delivery as Row};
use crate::server::store::outbox;

/// How many mails the page lists.
const MAILS: i64 = 20;

/// The page, as far as the member may see it.
///
/// # Errors
/// When the database does not answer.
pub async fn notifications(state: &AppState, member: &Member) -> Result<Notifications, ServiceError> {
    member.may(Action::See)?;
    let manages = member.role.may(Action::ManageAlerts);
    let mut kinds = Vec::new();
    for kind in AlertKind::ALL {
        kinds.push(rule(state, member, kind, manages).await?);
    }
    let mails = match manages {
        true => deliveries::newest(&state.db, &member.workspace, "mail", None, MAILS).await?,
        false => Vec::new(),
    };
    Ok(Notifications {
        now: state.clock.now(),
        kinds,
        zone: alert_rules::zone(&state.db, &member.workspace).await?,
        zones: if manages { moments::all_zones() } else { Vec::new() },
        way: way(state, manages),
        mails: mails.into_iter().map(sent).collect(),
        manages,
    })
}

async fn rule(state: &AppState, member: &Member, kind: AlertKind, manages: bool) -> Result<KindRule, ServiceError> {
    let Rule { enabled, days } = alert_rules::rule(&state.db, &member.workspace, kind).await?;
    let all = alert_rules::members(&state.db, &member.workspace, kind).await?;
    let members = all
        .into_iter()
        .filter(|one| manages || one.user == member.user)
        .map(|one| Told { id: one.user.to_string(), name: one.name, email: one.email, wanted: one.wanted })
        .collect();
    Ok(KindRule { kind, enabled, days: days.map(|days| days.text()), members })
}

/// Where mails go.
pub fn way(state: &AppState, manages: bool) -> MailWay {
    let mail = &state.config.mail;
    match &mail.smtp {
        Some(smtp) => MailWay::Server { host: smtp.host.clone(), from: mail.from.clone() },
        None => MailWay::Files { dir: manages.then(|| mail.dir.display().to_string()) },
    }
}

fn sent(row: Row) -> SentMail {
    SentMail {
        title: AlertKind::from_key(&row.kind).map_or(row.kind.clone(), |kind| kind.title().into()),
        state: progress(&row),
        id: row.id,
        to: row.to_name,
        answer: row.answer,
        at: row.done_at.unwrap_or(row.created_at),
        resent: row.resent,
    }
}

/// How far a message is.
pub fn progress(row: &Row) -> MailState {
    match (row.state.as_str(), row.attempts) {
        ("waiting", 0) => MailState::Waiting,
        ("waiting", _) => MailState::Retrying,
        ("dead", _) => MailState::Dead,
        ("dropped", _) => MailState::Missed,
        _ => MailState::Sent,
    }
}

/// Sets a kind for the whole workspace. Members who are not named are not told.
///
/// # Errors
/// `Forbidden`, `Invalid` for days that make no sense, and what the store says.
pub async fn set(
    state: &AppState,
    member: &Member,
    kind: AlertKind,
    enabled: bool,
    days: &str,
    members: &[String],
) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAlerts)?;
    let days = match kind.default_days() {
        Some(_) => Some(Days::read(kind, days).map_err(ServiceError::Invalid)?),
        None => None,
    };
    let all = alert_rules::members(&state.db, &member.workspace, kind).await?;
    let mut tx = state.db.begin().await?;
    alert_rules::set_rule(&mut tx, &member.workspace, kind, &Rule { enabled, days }).await?;
    for one in all {
        let wanted = members.iter().any(|id| id == one.user.as_str());
        if wanted != one.wanted {
            alert_rules::set_member(&mut tx, &member.workspace, &one.user, kind, wanted).await?;
        }
    }
    changed(state, tx, member, &Happening::NotificationsChanged, "Saved.").await
}

/// Says whether the member is told of a kind.
///
/// # Errors
/// What the store says.
pub async fn set_own(
    state: &AppState,
    member: &Member,
    kind: AlertKind,
    wanted: bool,
) -> Result<Outcome, ServiceError> {
    member.may(Action::See)?;
    let mut tx = state.db.begin().await?;
    alert_rules::set_member(&mut tx, &member.workspace, &member.user, kind, wanted).await?;
    let words = if wanted { "You are told by mail from now on." } else { "You get no such mail any more." };
    changed(state, tx, member, &Happening::NotificationsChanged, words).await
}

/// Sets the zone.
///
/// # Errors
/// `Forbidden`, `Invalid` for a zone nobody knows, and what the store says.
pub async fn set_zone(state: &AppState, member: &Member, zone: &str) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAlerts)?;
    if !moments::is_zone(zone) {
        return Err(ServiceError::Invalid("Choose a time zone from the list, like Europe/Berlin.".into()));
    }
    let mut tx = state.db.begin().await?;
    alert_rules::set_zone(&mut tx, &member.workspace, zone).await?;
    changed(state, tx, member, &Happening::NotificationsChanged, "Saved. Reminders leave at nine in the morning there.")
        .await
}

async fn changed(
    state: &AppState,
    tx: Tx,
    member: &Member,
    what: &Happening,
    words: &str,
) -> Result<Outcome, ServiceError> {
    history::done(state, tx, member, what).await?;
    Ok(Outcome { words: words.into(), health: None })
}

/// Sends a mail to the member now, past the outbox, and tells what came of it.
///
/// # Errors
/// `Forbidden`; `Invalid` with the mail server's words if it did not take the mail.
pub async fn test_mail(state: &AppState, member: &Member) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAlerts)?;
    let home = &state.config.server.public_url;
    let words = Words {
        heading: "Mail from Pilotlight works".into(),
        intro: Some(
            "This is the test you asked for. When an account needs a reconnect, a mail like this one says so.".into(),
        ),
        button: Some(Button { label: "Open the connections".into(), link: format!("{home}/connections") }),
        why: format!("{} asked for this mail.", member.name),
        settings: Some(format!("{home}/settings/notifications")),
        ..Words::default()
    };
    let (text, html) = templates::write(&words).map_err(|error| ServiceError::Broken(error.to_string()))?;
    let now = state.clock.now();
    let letter = Letter {
        id: state.random.uuid(now),
        domain: state.config.mail.hello.clone(),
        at: now,
        to_name: member.name.clone(),
        to: member.email.clone(),
        subject: words.heading,
        text,
        html,
        unsubscribe: None,
        resent: false,
    };
    let delivery = state.mailer.deliver(&letter, &Open).await;
    history::done(state, state.db.begin().await?, member, &Happening::MailTested).await?;
    match delivery {
        Delivery::Taken(answer) if state.mailer.leaves() => {
            let words = format!("The mail server took it for {} and answered: {answer}", member.email);
            Ok(Outcome { words, health: None })
        }
        Delivery::Taken(answer) => {
            Ok(Outcome { words: format!("No mail server is set up. The mail was {answer}."), health: None })
        }
        Delivery::Refused(answer) | Delivery::Deferred(answer) => {
            Err(ServiceError::Invalid(format!("The mail server did not take it. It answered: {answer}")))
        }
        Delivery::InDoubt(answer) => Err(ServiceError::Invalid(format!(
            "The mail was sent, but the mail server did not say whether it took it: {answer}"
        ))),
        Delivery::Held => Err(ServiceError::Broken("an open gate was closed".into())),
    }
}

/// Sends a mail again that nobody took.
///
/// # Errors
/// `Forbidden`, `NotFound` if there is no such mail that ended badly, and what the store says.
pub async fn resend(state: &AppState, member: &Member, id: String) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAlerts)?;
    let mail = deliveries::one(&state.db, &member.workspace, &id).await?.filter(|row| row.channel == "mail");
    let to = mail.ok_or(ServiceError::NotFound)?.to_name;
    let mut tx = state.db.begin().await?;
    if !outbox::again(&mut tx, &member.workspace, &MessageId::new(id), state.clock.now()).await? {
        return Err(ServiceError::NotFound);
    }
    changed(state, tx, member, &Happening::MailResent { to }, "It is sent again now.").await
}
