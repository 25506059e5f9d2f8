//! Reminders (SPEC A-4): before access ends, and while an incident stays open. Nothing is planned ahead: each round finds
//! what is due now, and takes it so that it is written once, whichever server is first.

use super::events::{self, Event, Named};
use super::moments;
use super::write::{self, Subject};
use crate::domain::grant::DAY_MS;
use crate::domain::id::WorkspaceId;
use crate::domain::notify::{AlertKind, Days};
use crate::server::service::ServiceError;
use crate::server::service::forecast::extends_itself;
use crate::server::service::lifecycle::Pen;
use crate::server::state::AppState;
use crate::server::store::reminders::{self, Ending, Open};
use crate::server::store::{accounts, alert_rules};

/// Rows that are read at once.
const PAGE: i64 = 500;
/// The longest look ahead that can be set, and a day for the zones.
const AHEAD_MS: i64 = 92 * DAY_MS;

/// The rules of the workspaces a round comes by.
#[derive(Default)]
struct Rules(std::collections::HashMap<(WorkspaceId, AlertKind), Option<Days>>);

impl Rules {
    /// The days of a kind; `None` if the workspace has switched it off.
    async fn days(
        &mut self,
        state: &AppState,
        workspace: &WorkspaceId,
        kind: AlertKind,
    ) -> Result<Option<Days>, ServiceError> {
        let key = (workspace.clone(), kind);
        if let Some(days) = self.0.get(&key) {
            return Ok(days.clone());
        }
        let rule = alert_rules::rule(&state.db, workspace, kind).await?;
        let days = rule.days.filter(|_| rule.enabled);
        self.0.insert(key, days.clone());
        Ok(days)
    }
}

/// Writes every reminder that is due, and answers how many accounts they are about.
///
/// # Errors
/// When the database does not answer.
pub async fn round(state: &AppState) -> Result<usize, ServiceError> {
    let mut rules = Rules::default();
    Ok(still_broken(state, &mut rules).await? + expiring(state, &mut rules).await?)
}

async fn still_broken(state: &AppState, rules: &mut Rules) -> Result<usize, ServiceError> {
    let now = state.clock.now();
    let (mut after, mut written) = (String::new(), 0);
    loop {
        // No reminder is due earlier: the shortest wait is one day, which may be nine hours in the zone that is ahead most.
        let page = reminders::open_incidents(&state.db, now - DAY_MS / 4, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(written) };
        after = last.incident.to_string();
        for open in page {
            let Some(days) = rules.days(state, &open.workspace, AlertKind::StillBroken).await? else { continue };
            let step = i64::from(moments::step_due(&moments::zone(&open.zone), &days, open.opened_at, now));
            if step > open.step && escalate(state, &open, step, now).await? {
                written += 1;
            }
        }
    }
}

async fn escalate(state: &AppState, open: &Open, step: i64, now: i64) -> Result<bool, ServiceError> {
    let pen = Pen { now, random: &state.random };
    let mut tx = state.db.begin().await?;
    if !reminders::take_step(&mut tx, &open.incident, step).await? {
        return Ok(false);
    }
    let subject = Subject {
        kind: AlertKind::StillBroken,
        text: format!("still-broken:{}:{step}", open.incident),
        workspace: &open.workspace,
        account: &open.account,
        incident: Some(&open.incident),
    };
    write::members(&mut tx, pen, &subject, None).await?;
    tx.commit().await?;
    Ok(true)
}

async fn expiring(state: &AppState, rules: &mut Rules) -> Result<usize, ServiceError> {
    let now = state.clock.now();
    let (mut after, mut written) = (String::new(), 0);
    loop {
        let page = reminders::endings(&state.db, now, now + AHEAD_MS, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(written) };
        after = last.account.to_string();
        for ending in page {
            // The rule of the Overview's forecast: what a person has to renew.
            if extends_itself(ending.platform, ending.has_refresh) {
                continue;
            }
            // Webhooks are told also where no member wants a mail.
            let days = rules.days(state, &ending.workspace, AlertKind::Expiring).await?;
            let days = days.unwrap_or_else(Days::before_an_end);
            let due = moments::days_due(&moments::zone(&ending.zone), &days, ending.issued_at, ending.ends_at, now);
            let Some(due) = due.map(i64::from).filter(|due| is_news(&ending, *due)) else { continue };
            if remind(state, &ending, due, now).await? {
                written += 1;
            }
        }
    }
}

/// Whether nobody was reminded of this end so late yet.
fn is_news(ending: &Ending, days: i64) -> bool {
    ending.reminded.is_none_or(|(end, last)| end != ending.ends_at || days < last)
}

async fn remind(state: &AppState, ending: &Ending, days: i64, now: i64) -> Result<bool, ServiceError> {
    let Some(account) = accounts::get(&state.db, &ending.workspace, &ending.account).await? else { return Ok(false) };
    let pen = Pen { now, random: &state.random };
    let mut tx = state.db.begin().await?;
    if !reminders::take_ending(&mut tx, &ending.account, ending.ends_at, days).await? {
        return Ok(false);
    }
    let subject = Subject {
        kind: AlertKind::Expiring,
        text: format!("expiring:{}:{}:{days}", ending.account, ending.ends_at),
        workspace: &ending.workspace,
        account: &ending.account,
        incident: None,
    };
    write::members(&mut tx, pen, &subject, None).await?;
    // A reminder that comes late says what is left, as the mail does.
    let left = moments::days_until(&moments::zone(&ending.zone), now, ending.ends_at);
    let event = Event::Expiring { ends_at: ending.ends_at, days, left };
    events::tell(&mut tx, pen, &Named::from(&account), &event).await?;
    tx.commit().await?;
    Ok(true)
}
