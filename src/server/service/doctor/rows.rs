//! What the rows tell: grants, accounts, incidents, sealed values.

use std::collections::BTreeSet;

use super::{Level, Report, span};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::text::one_line;
use crate::server::store::doctor::{self, Fault, Found};
use crate::server::store::keys::KeyRow;
use crate::server::store::{Db, StoreError, reseal};
use crate::server::vault::inspect::sealed_by;

/// From when on a due grant is overdue, and a refresh in doubt is more than an answer that is just missing.
const LATE_MS: i64 = 15 * 60_000;

/// A message that has waited for so long has been tried in vain some times.
const UNSENT_MS: i64 = 60 * 60_000;

/// Accounts are looked at once a day; three days without a look are no coincidence.
const UNCHECKED_MS: i64 = 3 * DAY_MS;

/// How an answer is told.
struct Words {
    level: Level,
    well: &'static str,
    one: &'static str,
    many: &'static str,
    advice: &'static str,
}

impl Words {
    fn tell(&self, report: &mut Report, found: &Found, now: i64) {
        if found.count == 0 {
            report.add(Level::Ok, self.well);
            return;
        }
        let what = if found.count == 1 { self.one } else { self.many };
        let since = found.since.map(|since| format!("for {}", span(now - since)));
        let example = found.example.as_ref().map(|id| format!("for example {id}"));
        let more: Vec<String> = since.into_iter().chain(example).collect();
        report.add(self.level, format!("{} {what} ({}): {}.", found.count, more.join(", "), self.advice));
    }
}

const OVERDUE: Words = Words {
    level: Level::Warn,
    well: "No grant has been due for more than 15 minutes.",
    one: "grant has been due for more than 15 minutes",
    many: "grants have been due for more than 15 minutes",
    advice: "see that a server is running and what its log says",
};
const ENDED_LEASES: Words = Words {
    level: Level::Note,
    well: "No lease was left behind.",
    one: "lease has ended and was never given back",
    many: "leases have ended and were never given back",
    advice: "a server was stopped in the middle of its work; the next one takes it up by itself",
};
const IN_DOUBT: Words = Words {
    level: Level::Note,
    well: "No refresh is in doubt.",
    one: "refresh was sent and never cleanly answered",
    many: "refreshes were sent and never cleanly answered",
    advice: "a running server settles it, or the account turns amber and asks for a reconnect",
};
const WITHOUT_TOKEN: Words = Words {
    level: Level::Warn,
    well: "Every active grant holds an access token.",
    one: "active grant holds no access token",
    many: "active grants hold no access token",
    advice: "reconnect the accounts it carries",
};
const AMBER_WITHOUT_INCIDENT: Words = Words {
    level: Level::Warn,
    well: "Every amber account has its incident.",
    one: "amber account has no open incident, so nobody was told",
    many: "amber accounts have no open incident, so nobody was told",
    advice: "reconnect it, and report this as a fault of Pilotlight",
};
const HEALTHY_WITH_INCIDENT: Words = Words {
    level: Level::Warn,
    well: "No healthy account has an open incident.",
    one: "healthy account has an open incident",
    many: "healthy accounts have an open incident",
    advice: "disconnect and reconnect it, which closes the incident, and report this as a fault of Pilotlight",
};
const TWO_INCIDENTS: Words = Words {
    level: Level::Warn,
    well: "No account has two open incidents.",
    one: "account has two open incidents",
    many: "accounts have two open incidents",
    advice: "restore the unique index one_open_incident, and report this as a fault of Pilotlight",
};
const WITHOUT_GRANT: Words = Words {
    level: Level::Warn,
    well: "Every connected account stands on a grant that holds.",
    one: "connected account stands on a grant that was given up",
    many: "connected accounts stand on a grant that was given up",
    advice: "reconnect it",
};
const UNCHECKED: Words = Words {
    level: Level::Warn,
    well: "Every connected account was looked at within three days.",
    one: "connected account was not looked at for three days",
    many: "connected accounts were not looked at for three days",
    advice: "see that a server is running and what its log says of it",
};

const UNSENT: Words = Words {
    level: Level::Warn,
    well: "No alert has waited for more than an hour.",
    one: "alert has waited to be sent for more than an hour",
    many: "alerts have waited to be sent for more than an hour",
    advice: "send a test mail in Settings > Notifications, or a test message in Settings > Webhooks, and see what comes back",
};
const DEAD: Words = Words {
    level: Level::Note,
    well: "No alert was given up.",
    one: "alert was given up",
    many: "alerts were given up",
    advice: "an admin sees why in Settings > Notifications or Webhooks, and can send it again",
};

/// Mails and messages to webhooks.
pub async fn messages(report: &mut Report, db: &Db, now: i64) -> Result<(), StoreError> {
    UNSENT.tell(report, &doctor::unsent(db, now - UNSENT_MS).await?, now);
    DEAD.tell(report, &doctor::ask(db, &doctor::DEAD).await?, now);
    Ok(())
}

/// `now` is this machine's: due times are written by servers, not by the database.
pub async fn grants(report: &mut Report, db: &Db, now: i64) -> Result<(), StoreError> {
    OVERDUE.tell(report, &doctor::overdue(db, now - LATE_MS).await?, now);
    // Leases and the journal go by the database's clock.
    let theirs = doctor::clock(db).await?;
    ENDED_LEASES.tell(report, &doctor::ask(db, &doctor::ENDED_LEASES).await?, theirs);
    let doubts = doctor::ask(db, &doctor::IN_DOUBT).await?;
    let old = doubts.since.is_some_and(|since| since <= theirs - LATE_MS);
    let words = if old { Words { level: Level::Warn, ..IN_DOUBT } } else { IN_DOUBT };
    words.tell(report, &doubts, theirs);
    WITHOUT_TOKEN.tell(report, &doctor::ask(db, &doctor::WITHOUT_TOKEN).await?, now);
    Ok(())
}

pub async fn accounts(report: &mut Report, db: &Db, now: i64) -> Result<(), StoreError> {
    for (words, question) in [
        (AMBER_WITHOUT_INCIDENT, doctor::AMBER_WITHOUT_INCIDENT),
        (HEALTHY_WITH_INCIDENT, doctor::HEALTHY_WITH_INCIDENT),
        (TWO_INCIDENTS, doctor::TWO_INCIDENTS),
        (WITHOUT_GRANT, doctor::WITHOUT_GRANT),
    ] {
        words.tell(report, &doctor::ask(db, &question).await?, now);
    }
    UNCHECKED.tell(report, &doctor::unchecked(db, now - UNCHECKED_MS).await?, now);
    Ok(())
}

/// Looks for values that no key the database knows can open.
pub async fn sealed(report: &mut Report, db: &Db, known: &[KeyRow]) -> Result<(), StoreError> {
    let mut lost = 0;
    let mut places = BTreeSet::new();
    for column in &reseal::SEALED {
        for (head, count) in reseal::heads(db, column).await? {
            if !sealed_by(&head).is_some_and(|id| known.iter().any(|row| row.id == id)) {
                lost += count;
                places.insert(format!("{}.{}", column.table, column.column));
            }
        }
    }
    if lost == 0 {
        report.add(Level::Ok, "Every sealed value belongs to a key this database knows.");
        return Ok(());
    }
    let places = places.into_iter().collect::<Vec<_>>().join(", ");
    let text = format!(
        "{lost} sealed value{} of a key this database does not know (in {places}): \
         reconnect the accounts, or restore the backup that belongs to that key.",
        if lost == 1 { " is" } else { "s are" }
    );
    report.add(Level::Fail, text);
    Ok(())
}

pub async fn faults(report: &mut Report, db: &Db, now: i64) -> Result<(), StoreError> {
    let faults = doctor::faults(db).await?;
    if faults.is_empty() {
        report.add(Level::Ok, "No platform refuses our own app.");
    }
    for Fault { platform, host, since, detail } in &faults {
        let known = Platform::stored(platform);
        let name: &str = if let Some(known) = known { known.name() } else { platform };
        let place = if host.is_empty() { String::new() } else { format!(" at {}", one_line(host, 100)) };
        let advice = match known {
            Some(known) if known.needs_operator_app() => {
                format!("compare [platforms.{platform}] with the app on the platform's developer page")
            }
            _ => "ask whoever runs that server; the accounts there are not at fault".to_owned(),
        };
        let (for_, detail) = (span(now - since), one_line(detail, 300));
        report.add(Level::Warn, format!("{name}{place} has refused our own app for {for_} ({detail}): {advice}."));
    }
    Ok(())
}
