//! Who wants to be told of what by mail: a workspace's rules, its zone, and members who want something else than their
//! role's default.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::notify::{AlertKind, Days};
use crate::domain::role::Role;

/// Whether a kind is told at all, and on which days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub enabled: bool,
    /// `None` where days mean nothing.
    pub days: Option<Days>,
}

impl Rule {
    fn default_of(kind: AlertKind) -> Self {
        Self { enabled: true, days: kind.default_days() }
    }
}

/// A member as an addressee of mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    pub user: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Whether they are told of the kind that was asked for.
    pub wanted: bool,
}

#[derive(sqlx::FromRow)]
struct AddresseeRow {
    user_id: String,
    email: String,
    name: String,
    role: String,
    wanted: Option<bool>,
}

const RULE: &str = "select enabled, days from alert_rules where workspace_id = $1 and kind = $2";

fn rule_of(kind: AlertKind, row: Option<(bool, String)>) -> Rule {
    let Some((enabled, days)) = row else { return Rule::default_of(kind) };
    // A text that an older version wrote and this one does not understand counts as the default.
    let days = kind.default_days().map(|default| Days::read(kind, &days).unwrap_or(default));
    Rule { enabled, days }
}

/// A workspace's rule for a kind.
pub async fn rule(db: &Db, workspace: &WorkspaceId, kind: AlertKind) -> Result<Rule, StoreError> {
    let row = each!(Db, db, pool => {
        sqlx::query_as(RULE).bind(workspace.as_str()).bind(kind.key()).fetch_optional(pool).await
    })?;
    Ok(rule_of(kind, row))
}

/// The same inside a transaction.
pub async fn rule_in(tx: &mut Tx, workspace: &WorkspaceId, kind: AlertKind) -> Result<Rule, StoreError> {
    let row = each!(Tx, tx, t => {
        sqlx::query_as(RULE).bind(workspace.as_str()).bind(kind.key()).fetch_optional(&mut **t).await
    })?;
    Ok(rule_of(kind, row))
}

/// Sets a rule.
pub async fn set_rule(tx: &mut Tx, workspace: &WorkspaceId, kind: AlertKind, rule: &Rule) -> Result<(), StoreError> {
    const SQL: &str = "insert into alert_rules (workspace_id, kind, enabled, days) values ($1, $2, $3, $4) \
         on conflict (workspace_id, kind) do update set enabled = excluded.enabled, days = excluded.days";
    let days = rule.days.as_ref().map(Days::text).unwrap_or_default();
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(workspace.as_str()).bind(kind.key()).bind(rule.enabled).bind(days).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

const MEMBERS: &str = "select m.user_id, u.email, u.name, m.role, s.wanted from memberships m join users u on u.id = m.user_id \
     left join alert_members s on s.workspace_id = m.workspace_id and s.user_id = m.user_id and s.kind = $2 \
     where m.workspace_id = $1 order by u.name, u.id";

fn addressee(kind: AlertKind, row: AddresseeRow) -> Result<Addressee, StoreError> {
    let role = Role::from_key(&row.role)
        .ok_or_else(|| StoreError::inconsistent("memberships", &row.user_id, format!("unknown role {}", row.role)))?;
    let wanted = row.wanted.unwrap_or_else(|| kind.tells(role));
    Ok(Addressee { user: UserId::new(row.user_id), email: row.email, name: row.name, role, wanted })
}

/// Every member of a workspace, and whether they are told of a kind (its rule apart).
pub async fn members(db: &Db, workspace: &WorkspaceId, kind: AlertKind) -> Result<Vec<Addressee>, StoreError> {
    let rows: Vec<AddresseeRow> = each!(Db, db, pool => {
        sqlx::query_as(MEMBERS).bind(workspace.as_str()).bind(kind.key()).fetch_all(pool).await
    })?;
    rows.into_iter().map(|row| addressee(kind, row)).collect()
}

/// The members who are told of a kind now; nobody if the workspace has switched it off.
pub async fn told(tx: &mut Tx, workspace: &WorkspaceId, kind: AlertKind) -> Result<Vec<Addressee>, StoreError> {
    if !rule_in(tx, workspace, kind).await?.enabled {
        return Ok(Vec::new());
    }
    let rows: Vec<AddresseeRow> = each!(Tx, tx, t => {
        sqlx::query_as(MEMBERS).bind(workspace.as_str()).bind(kind.key()).fetch_all(&mut **t).await
    })?;
    let all: Result<Vec<_>, _> = rows.into_iter().map(|row| addressee(kind, row)).collect();
    Ok(all?.into_iter().filter(|one| one.wanted).collect())
}

/// Says whether a member is told of a kind, whatever their role.
pub async fn set_member(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    user: &UserId,
    kind: AlertKind,
    wanted: bool,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into alert_members (workspace_id, user_id, kind, wanted) values ($1, $2, $3, $4) \
         on conflict (workspace_id, user_id, kind) do update set wanted = excluded.wanted";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(workspace.as_str()).bind(user.as_str()).bind(kind.key()).bind(wanted).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The zone in which a workspace's days begin (IANA name).
pub async fn zone(db: &Db, workspace: &WorkspaceId) -> Result<String, StoreError> {
    const SQL: &str = "select zone from workspaces where id = $1";
    let row: Option<String> =
        each!(Db, db, pool => sqlx::query_scalar(SQL).bind(workspace.as_str()).fetch_optional(pool).await)?;
    row.ok_or_else(|| StoreError::inconsistent("workspaces", workspace.as_str(), "gone"))
}

/// Sets it.
pub async fn set_zone(tx: &mut Tx, workspace: &WorkspaceId, zone: &str) -> Result<(), StoreError> {
    const SQL: &str = "update workspaces set zone = $2 where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(workspace.as_str()).bind(zone).execute(&mut **t).await.map(drop))?;
    Ok(())
}
