//! What the doctor asks the database. Everything here only reads.

use super::{Db, StoreError, each};

/// A question whose answer is a number of rows, the oldest moment among them, and one of them as an example.
pub struct Question(&'static str);

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Found {
    pub count: i64,
    /// Unix milliseconds.
    pub since: Option<i64>,
    pub example: Option<String>,
}

/// Grants whose lease has ended and is still noted: whoever took it never came back.
pub const ENDED_LEASES: Question = Question(
    "select count(*) as count, min(lease_ends_at) as since, min(id) as example from grants \
     where lease_owner is not null and lease_ends_at <= (select now_ms from db_clock)",
);

/// Grants whose last refresh was sent and never cleanly answered.
pub const IN_DOUBT: Question = Question(
    "select count(*) as count, min(j.sent_at) as since, min(j.grant_id) as example \
     from refresh_journal j join grants g on g.id = j.grant_id \
     where j.state = 'unanswered' or g.lease_ends_at is null or g.lease_ends_at <= (select now_ms from db_clock)",
);

/// Active grants that hold no access token.
pub const WITHOUT_TOKEN: Question = Question(
    "select count(*) as count, min(created_at) as since, min(id) as example from grants \
     where state = 'active' and access_token is null",
);

/// Amber accounts without an open incident.
pub const AMBER_WITHOUT_INCIDENT: Question = Question(
    "select count(*) as count, min(a.amber_since) as since, min(a.id) as example from accounts a \
     where a.health = 'needs-reconnect' \
     and not exists (select 1 from incidents i where i.account_id = a.id and i.closed_at is null)",
);

/// Healthy accounts with an open incident.
pub const HEALTHY_WITH_INCIDENT: Question = Question(
    "select count(*) as count, min(i.opened_at) as since, min(a.id) as example \
     from incidents i join accounts a on a.id = i.account_id where i.closed_at is null and a.health = 'healthy'",
);

/// Accounts with more than one open incident.
pub const TWO_INCIDENTS: Question = Question(
    "select count(*) as count, min(first_at) as since, min(account_id) as example from \
     (select account_id, min(opened_at) as first_at from incidents where closed_at is null \
     group by account_id having count(*) > 1) as doubled",
);

/// Connected accounts whose grant was given up.
pub const WITHOUT_GRANT: Question = Question(
    "select count(*) as count, min(a.connected_at) as since, min(a.id) as example \
     from accounts a join grants g on g.id = a.grant_id where a.state = 'connected' and g.state = 'given-up'",
);

/// Mails and messages to webhooks that were given up.
pub const DEAD: Question =
    Question("select count(*) as count, min(created_at) as since, min(id) as example from outbox where state = 'dead'");

/// Answers a question.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(db: &Db, question: &Question) -> Result<Found, StoreError> {
    Ok(each!(Db, db, pool => sqlx::query_as(question.0).fetch_one(pool).await)?)
}

/// Active grants that have been due since `before` (Unix milliseconds) or longer, and that nobody holds.
///
/// # Errors
/// When the database does not answer.
pub async fn overdue(db: &Db, before: i64) -> Result<Found, StoreError> {
    const SQL: &str = "select count(*) as count, min(due_at) as since, min(id) as example from grants \
         where state = 'active' and due_at <= $1 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock))";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(before).fetch_one(pool).await)?)
}

/// Connected accounts of active grants that nobody has looked at since `before` (Unix milliseconds).
///
/// # Errors
/// When the database does not answer.
pub async fn unchecked(db: &Db, before: i64) -> Result<Found, StoreError> {
    const SQL: &str = "select count(*) as count, min(coalesce(a.checked_at, a.connected_at)) as since, min(a.id) as example \
         from accounts a join grants g on g.id = a.grant_id where a.state = 'connected' and g.state = 'active' \
         and coalesce(a.checked_at, a.connected_at) <= $1";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(before).fetch_one(pool).await)?)
}

/// Mails and messages to webhooks that were written before `before` (Unix milliseconds) and neither taken nor given up.
///
/// # Errors
/// When the database does not answer.
pub async fn unsent(db: &Db, before: i64) -> Result<Found, StoreError> {
    const SQL: &str = "select count(*) as count, min(created_at) as since, min(id) as example from outbox \
         where state = 'waiting' and created_at <= $1";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(before).fetch_one(pool).await)?)
}

/// A platform, or one server of it, that refuses our own app.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Fault {
    pub platform: String,
    pub host: String,
    /// Unix milliseconds.
    pub since: i64,
    pub detail: String,
}

/// All of them, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn faults(db: &Db) -> Result<Vec<Fault>, StoreError> {
    const SQL: &str = "select platform, host, since, detail from platform_faults order by since, platform, host";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).fetch_all(pool).await)?)
}

/// The database's own time, Unix milliseconds.
///
/// # Errors
/// When the database does not answer.
pub async fn clock(db: &Db) -> Result<i64, StoreError> {
    const SQL: &str = "select now_ms from db_clock";
    Ok(each!(Db, db, pool => sqlx::query_scalar(SQL).fetch_one(pool).await)?)
}
