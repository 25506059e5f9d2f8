//! What must be true after all that: every mail arrived, none twice without reason and flag, and the dead are seen.

use std::collections::BTreeSet;
use std::io::Write;

use pilotlight::domain::id::WorkspaceId;
use pilotlight::server::store::{Db, deliveries};

use super::Record;
use super::office::{Arrival, Office};
use crate::look;
use crate::rig::Rig;

/// How a line of the log begins that tells of a doubt.
const DOUBT: &str = "nobody knows whether a mail arrived";
/// What is written at a mail that was in doubt twice.
const TWICE: &str = "Nobody knows whether it arrived, twice";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    workspace_id: String,
    email: String,
    state: String,
    answer: Option<String>,
    resent: bool,
}

const ROWS: &str =
    "select o.id, o.workspace_id, u.email, o.state, o.answer, o.resent from outbox o join users u on u.id = o.user_id";

/// What is counted.
#[derive(Default)]
struct Counts {
    mails: usize,
    sent: usize,
    doubles: usize,
    refused: usize,
    in_doubt: usize,
}

/// Judges, prints the figures, and panics with everything that is not as it must be. Each of the incidents is one mail.
pub async fn give(rig: &Rig, office: &Office, mut record: Record, incidents: usize) {
    let mut complaints = std::mem::take(&mut record.complaints);
    let log = std::fs::read_to_string(&rig.log).unwrap_or_default();
    let copies = office.taken();
    let doubted = doubted(&record, &log);
    let mut counts = Counts::default();
    for row in rows(rig.db()).await {
        let arrived = copies.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let complaint = match row.state.as_str() {
            "sent" => sent(&row, arrived, &mut counts),
            "dead" => dead(rig, &row, arrived, &mut counts).await,
            other => Some(format!("it is {other}")),
        };
        let complaint = complaint.or_else(|| twice(&row, arrived, &doubted, &mut counts));
        complaints.extend(complaint.map(|what| format!("{} to {}: {what} ({arrived:?})", row.id, row.email)));
        counts.mails += 1;
    }
    if counts.mails != incidents {
        complaints.push(format!("{} mails for {incidents} incidents", counts.mails));
    }
    complaints.extend(history(rig, &counts).await);
    complaints.extend(log.lines().filter(|line| line.contains("panicked")).map(|line| format!("a server: {line}")));
    tell(&rig.name, &record, &counts);
    let shown: Vec<_> = complaints.iter().take(25).map(|one| format!("- {one}")).collect();
    assert!(
        complaints.is_empty(),
        "{}: {} complaints; the servers' log is {}\n{}",
        rig.name,
        complaints.len(),
        rig.log.display(),
        shown.join("\n")
    );
}

async fn rows(db: &Db) -> Vec<Row> {
    match db {
        Db::Sqlite(pool, _) => sqlx::query_as(ROWS).fetch_all(pool).await.expect("rows"),
        Db::Postgres(pool) => sqlx::query_as(ROWS).fetch_all(pool).await.expect("rows"),
    }
}

/// Mails that were cut after their end, as far as we can know: by a kill, or because no answer came.
fn doubted<'a>(record: &'a Record, log: &'a str) -> BTreeSet<&'a str> {
    let said = log.lines().filter(|line| line.contains(DOUBT));
    let ids = said.filter_map(|line| line.split("message=").nth(1)?.split(' ').next());
    record.window.iter().map(String::as_str).chain(ids).collect()
}

fn sent(row: &Row, arrived: &[Arrival], counts: &mut Counts) -> Option<String> {
    counts.sent += 1;
    if !row.email.starts_with("member-") {
        return Some("sent, although it is refused".into());
    }
    arrived.is_empty().then(|| "sent, and never arrived".into())
}

async fn dead(rig: &Rig, row: &Row, arrived: &[Arrival], counts: &mut Counts) -> Option<String> {
    let answer = row.answer.as_deref().unwrap_or_default();
    let refused = !row.email.starts_with("member-");
    if answer.starts_with(TWICE) {
        counts.in_doubt += 1;
    } else if refused && arrived.is_empty() && (answer.contains("550") || answer.contains("554")) {
        counts.refused += 1;
    } else {
        return Some(format!("dead: {answer}"));
    }
    let workspace = WorkspaceId::new(row.workspace_id.clone());
    let seen = deliveries::newest(rig.db(), &workspace, "mail", None, 20).await.expect("the store");
    let counted = deliveries::dead(rig.db(), &workspace).await.expect("the store");
    let seen = seen.iter().any(|one| one.id == row.id && one.state == "dead");
    (!seen || counted != 1).then(|| "dead, and nobody sees it".into())
}

/// Of two copies the first was cut after its end, and the second says that it is one.
fn twice(row: &Row, arrived: &[Arrival], doubted: &BTreeSet<&str>, counts: &mut Counts) -> Option<String> {
    if let Some(other) = arrived.iter().find(|copy| copy.to != row.email) {
        return Some(format!("it went to {}", other.to));
    }
    let flagged = arrived.iter().filter(|copy| copy.flag).count();
    if flagged > 0 && !row.resent {
        return Some("flagged, and the outbox does not know it".into());
    }
    if arrived.len() < 2 {
        return None;
    }
    counts.doubles += 1;
    if arrived.len() > 2 || flagged != 1 {
        return Some(format!("{} copies, {flagged} flagged", arrived.len()));
    }
    let reason = arrived.iter().any(|copy| copy.fate != "answered") || doubted.contains(row.id.as_str());
    (!reason).then(|| "twice without a reason".into())
}

/// Every end is in the history once.
async fn history(rig: &Rig, counts: &Counts) -> Option<String> {
    let sent = look::count(rig.db(), "select count(*) from events where kind = 'mail-sent'").await;
    let dead = look::count(rig.db(), "select count(*) from events where kind = 'mail-dead'").await;
    let expected = (counts.sent as i64, (counts.refused + counts.in_doubt) as i64);
    ((sent, dead) != expected)
        .then(|| format!("the history tells of {sent} sent and {dead} dead mails, not {expected:?}"))
}

fn tell(name: &str, record: &Record, counts: &Counts) {
    let numbers =
        [counts.mails, record.kills, record.points, counts.sent, counts.doubles, counts.refused, counts.in_doubt];
    let words = ["mails", "kills", "points hit", "sent", "flagged doubles", "dead: refused", "dead: in doubt twice"];
    let told: Vec<_> = words.iter().zip(numbers).map(|(what, number)| format!("{what} {number}")).collect();
    println!("{name}: {}, seconds {}; struck at {:?}", told.join(", "), record.seconds, record.places);
    let Some(file) = std::env::var_os("FAULTS_MAIL_FIGURES") else { return };
    let cells: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    let file = std::fs::File::options().append(true).create(true).open(file);
    let written = file.and_then(|mut file| writeln!(file, "{name}\t{}\t{}", cells.join("\t"), record.seconds));
    written.expect("the file of figures can be written");
}
