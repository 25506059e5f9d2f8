//! Refreshes a second: the whole keeper against a floor that does one bare request and one bare commit for each.
//!
//! Both talk to the same stand-in platform, which takes 50 ms for an answer, as many at once, in turn, on the same database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, Fault, FaultKind, RefreshModel, X_CLIENT_ID, X_CLIENT_SECRET};
use pilotlight::server::clock::{Clock, Moment};
use pilotlight::server::service::keeper;
use pilotlight::server::store::Db;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::crowd::{self, Seed};
use crate::db::execute;
use crate::ground::{Engine, House};
use crate::process::cpu_seconds;
use crate::report::{Report, median};

/// Connections that are refreshed in a round.
const CROWD: usize = 1_200;
/// Calls at once: few enough that two cores are not the limit.
const PARALLEL: usize = 24;
const LATENCY_MS: u64 = 50;
/// Rounds of each kind, after one that warms everything.
const ROUNDS: usize = 5;
/// Longer than until the refresh of a token of two hours, shorter than its life.
const BETWEEN: Duration = Duration::from_secs(110 * 60);
const LEAST: f64 = 0.9;

pub async fn run(engine: Engine, report: &mut Report) {
    let many = PARALLEL.to_string();
    let house = House::new(
        engine,
        &[
            ("PILOTLIGHT_KEEPER__PARALLEL", many.clone()),
            ("PILOTLIGHT_KEEPER__PLATFORM_PARALLEL", many),
            ("PILOTLIGHT_KEEPER__PLATFORM_PER_SECOND", "100000".into()),
        ],
    )
    .await;
    // Its refresh tokens stay the same, so that the floor can send them again.
    let stable = Control::SetRefresh { vendor: "x".into(), model: RefreshModel::Stable, access_seconds: 7_200 };
    house.twin.control(stable).expect("X takes on any habit");
    plant(&house).await;
    let floor = Arc::new(Floor::new(&house).await);
    house.twin.fault(Fault::on("x", FaultKind::Delay(LATENCY_MS), None));
    let (mut bare, mut kept, mut bare_cpu, mut kept_cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        house.clock.advance(BETWEEN);
        let (floor_rate, floor_cpu) = measured(floor.clone().round()).await;
        let (keeper_rate, keeper_cpu) = measured(keep(&house)).await;
        if round > 0 {
            bare.push(floor_rate);
            kept.push(keeper_rate);
            bare_cpu.push(floor_cpu);
            kept_cpu.push(keeper_cpu);
        }
    }
    house.state.db.close().await;
    let (bare, kept, bare_cpu, kept_cpu) = (median(&bare), median(&kept), median(&bare_cpu), median(&kept_cpu));
    let ratio = kept / bare;
    report.promise(
        &format!("refresh {}", engine.key()),
        format!(
            "{kept:.0} refreshes a second, bare request and commit {bare:.0}: {ratio:.2} of it (at least {LEAST:.2}); \
             {PARALLEL} at once, {LATENCY_MS} ms latency; CPU with the platform's {kept_cpu:.2} ms each, bare {bare_cpu:.2} ms"
        ),
        ratio >= LEAST,
    );
}

/// Refreshes a second, and the milliseconds of CPU that this whole process needed for one.
async fn measured(round: impl Future<Output = ()>) -> (f64, f64) {
    let pid = std::process::id();
    let (began, before) = (Moment::now(), cpu_seconds(pid));
    round.await;
    let (took, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds(pid) - before);
    (CROWD as f64 / took, cpu * 1_000.0 / CROWD as f64)
}

/// Consents at X, just given.
async fn plant(house: &House) {
    let (state, now) = (&house.state, house.clock.now());
    let owner = crowd::owner(state).await;
    let mut tx = state.db.begin().await.expect("a transaction");
    for number in 0..CROWD {
        let mut seed = Seed::mint(&house.twin, Platform::X, &format!("crowd-{number}"), now);
        seed.due_at = now + 1_000;
        crowd::plant(&mut tx, state, &owner, &seed).await;
    }
    tx.commit().await.expect("a commit");
}

/// Everything that is due.
async fn keep(house: &House) {
    let mut looked = 0;
    loop {
        let more = keeper::run_due(&house.state).await.expect("the keeper runs");
        looked += more;
        if more == 0 {
            break;
        }
    }
    assert_eq!(looked, CROWD, "each connection is looked at once a round");
    assert_eq!(refreshed(&house.state.db, house.clock.now()).await, CROWD as i64, "each look was a refresh");
}

async fn refreshed(db: &Db, at: i64) -> i64 {
    const SQL: &str = "select count(*) from grants where refreshed_at = $1 and lease_owner is null";
    match db {
        Db::Sqlite(pool, ..) => sqlx::query_scalar(SQL).bind(at).fetch_one(pool).await,
        Db::Postgres(pool) => sqlx::query_scalar(SQL).bind(at).fetch_one(pool).await,
    }
    .expect("a count")
}

/// The least that a refresh can be.
struct Floor {
    http: reqwest::Client,
    address: String,
    tokens: Vec<String>,
    db: Db,
    /// SQLite has room for one writer; those it turns away would sleep.
    turn: Mutex<()>,
}

impl Floor {
    async fn new(house: &House) -> Self {
        let db = house.state.db.clone();
        let blob = if matches!(db, Db::Sqlite(..)) { "blob" } else { "bytea" };
        execute(&db, format!("create table floor (id bigint not null primary key, pair {blob} not null)")).await;
        for id in 0..CROWD {
            Self::write(&db, "insert into floor (id, pair) values ($1, $2)", id).await;
        }
        #[expect(clippy::disallowed_methods, reason = "the floor has no house around it")]
        let http = reqwest::Client::new();
        let address = format!("http://{}/api.x.com/2/oauth2/token", house.address);
        let mint = |number| house.twin.mint("x", &format!("crowd-{}", CROWD + number), None).expect("a consent");
        let tokens = (0..CROWD).map(|number| mint(number).refresh.expect("a refresh token")).collect();
        Self { http, address, tokens, db, turn: Mutex::default() }
    }

    /// One statement that commits by itself.
    async fn write(db: &Db, sql: &'static str, id: usize) {
        let (id, pair) = (id as i64, [id as u8; 400]);
        let written = match db {
            Db::Sqlite(pool, ..) => sqlx::query(sql).bind(id).bind(&pair[..]).execute(pool).await.map(|_| ()),
            Db::Postgres(pool) => sqlx::query(sql).bind(id).bind(&pair[..]).execute(pool).await.map(|_| ()),
        };
        written.expect("a write");
    }

    async fn round(self: Arc<Self>) {
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = JoinSet::new();
        for _ in 0..PARALLEL {
            let (floor, next) = (self.clone(), next.clone());
            workers.spawn(async move {
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= CROWD {
                        break;
                    }
                    floor.one(id).await;
                }
            });
        }
        while let Some(done) = workers.join_next().await {
            done.expect("no floor broke");
        }
    }

    async fn one(&self, id: usize) {
        let form = [("grant_type", "refresh_token"), ("refresh_token", self.tokens[id].as_str())];
        let call = self.http.post(&self.address).basic_auth(X_CLIENT_ID, Some(X_CLIENT_SECRET)).form(&form);
        let answer = call.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.bytes().await.expect("a whole answer");
        let turn = if matches!(self.db, Db::Sqlite(..)) { Some(self.turn.lock().await) } else { None };
        Self::write(&self.db, "update floor set pair = $2 where id = $1", id).await;
        drop(turn);
    }
}
