//! What happened in the demo's workspace, the oldest first: who was connected when, what broke, who healed it. Time only
//! goes on in it, as in life: ids and leases follow the clock.

use super::hands::{Demo, account_in, at, on};
use super::plans;
use crate::domain::grant::DAY_MS;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::sandbox::{self, Choice, Control, cast, town};
use crate::server::error::RunError;
use crate::server::service::keeper;

/// How many accounts it connects.
pub const ACCOUNTS: u32 = 51;

const HOUR_MS: i64 = DAY_MS / 24;
const KULTUR: &str = town::MASTODON_HOSTS[0];
const TOOT: &str = town::MASTODON_HOSTS[1];

/// Connected long ago, and healed since.
pub struct Old {
    pub greta: AccountId,
    pub united: AccountId,
    pub library: AccountId,
    pub museum: AccountId,
    pub ferry: AccountId,
    antiques: AccountId,
}

/// Connected since, some of it broken.
pub struct Month {
    pub agency: Vec<AccountId>,
    pub bakery: Vec<AccountId>,
    pub rider: AccountId,
    pub barrow: Vec<AccountId>,
}

/// Of the last days.
pub struct Week {
    pub cycling: Vec<AccountId>,
    pub baker: AccountId,
    pub choir: AccountId,
    pub lifeboat: AccountId,
    pub harbour: AccountId,
}

/// Of the last hours.
pub struct Today {
    pub mill: AccountId,
    pub north: AccountId,
}

/// Tells it all.
pub async fn tell(demo: &Demo<'_>) -> Result<(), RunError> {
    let old = long_ago(demo).await?;
    let month = this_month(demo, &old).await?;
    let week = this_week(demo, &old, &month).await?;
    let today = today(demo, &month, &week).await?;
    (demo.shift)(0);
    // Otherwise the first minute of the demo is one of tokens being renewed.
    keeper::run_due(demo.state).await?;
    plans::make(demo, &old, &month, &week, &today).await?;
    Ok(())
}

async fn long_ago(demo: &Demo<'_>) -> Result<Old, RunError> {
    // A refresh token of a year: its last days have come.
    days_ago(demo, 360);
    let greta = demo.connect(at(Platform::Linkedin, "greta")).await?;
    days_ago(demo, 120);
    let (x, mastodon) = (at(Platform::X, "harbourunited"), on(KULTUR, "bibliothek"));
    let united = demo.connect(x).await?;
    let library = demo.connect(mastodon).await?;
    demo.connect(on(KULTUR, "mahallechor")).await?;
    demo.connect(at(Platform::Tiktok, "fcharbour")).await?;
    days_ago(demo, 84);
    revoked(demo, "mastodon", "bibliothek@kultur.example", &library).await?;
    days_ago(demo, 82);
    demo.reconnect(mastodon, &library).await?;
    days_ago(demo, 64);
    let museum = demo.connect(at(Platform::Instagram, "museum.seefahrt")).await?;
    days_ago(demo, 61);
    revoked(demo, "x", "harbourunited", &united).await?;
    hours_ago(demo, 61 * 24 - 6);
    demo.reconnect(x, &united).await?;
    days_ago(demo, 52);
    demo.look(&greta).await?;
    demo.connect(at(Platform::Youtube, "galina")).await?;
    demo.connect_many(at(Platform::GoogleBusiness, "galina"), 2).await?;
    days_ago(demo, 50);
    let ferry = demo.connect(at(Platform::X, "ferry_line_7")).await?;
    let antiques = demo.connect(at(Platform::Pinterest, "oldpierantiques")).await?;
    Ok(Old { greta, united, library, museum, ferry, antiques })
}

async fn this_month(demo: &Demo<'_>, old: &Old) -> Result<Month, RunError> {
    // Facebook's and Instagram's tokens live for sixty days: these expire soon.
    days_ago(demo, 40);
    let agency = demo.connect_many(at(Platform::Facebook, town::WANDA), 8).await?;
    days_ago(demo, 38);
    let bakery = demo.connect_many(at(Platform::Facebook, cast::FACEBOOK_MANY), 3).await?;
    let rider = demo.connect(on("mastodon.example", cast::MASTODON[1])).await?;
    days_ago(demo, 31);
    demo.connect(at(Platform::Instagram, "fcharbourunited")).await?;
    let barrow = demo.connect_many(at(Platform::Facebook, town::LENA), 2).await?;
    days_ago(demo, 20);
    let (vendor, person) = ("x".into(), "ferry_line_7".into());
    found(demo, Control::Suspend { vendor, person }, &old.ferry).await?;
    days_ago(demo, 19);
    revoked(demo, "mastodon", "bibliothek@kultur.example", &old.library).await?;
    hours_ago(demo, 19 * 24 - 7);
    demo.reconnect(on(KULTUR, "bibliothek"), &old.library).await?;
    days_ago(demo, 15);
    demo.disconnect(&old.antiques).await?;
    Ok(Month { agency, bakery, rider, barrow })
}

async fn this_week(demo: &Demo<'_>, old: &Old, month: &Month) -> Result<Week, RunError> {
    days_ago(demo, 11);
    let lifeboat = demo.connect(on(TOOT, "lifeboat")).await?;
    demo.connect(on(TOOT, "tidetables")).await?;
    demo.connect(at(Platform::Threads, "lanternsteps")).await?;
    demo.connect(at(Platform::Pinterest, "cafeangstrom")).await?;
    demo.connect(at(Platform::Instagram, "librairie_du_quai")).await?;
    days_ago(demo, 9);
    let cycling = demo.connect_many(at(Platform::Facebook, cast::FACEBOOK_FEW), 1).await?;
    let baker = demo.connect(on("mastodon.example", cast::MASTODON[0])).await?;
    let choir = demo.connect(on("social.example", cast::MASTODON[0])).await?;
    let harbour = demo.app_password(0).await?;
    let (vendor, person) = ("facebook".into(), town::LENA.into());
    found(demo, Control::Untick { vendor, person, scope: "pages_manage_posts".into() }, &month.barrow[0]).await?;
    days_ago(demo, 6);
    revoked(demo, "mastodon", "baker@social.example", &choir).await?;
    hours_ago(demo, 6 * 24 - 3);
    demo.reconnect(on("social.example", cast::MASTODON[0]), &choir).await?;
    hours_ago(demo, 4 * 24 - 2);
    // Its sixty days are over.
    demo.look(&old.museum).await?;
    days_ago(demo, 2);
    revoked(demo, "mastodon", cast::MASTODON[1], &month.rider).await?;
    Ok(Week { cycling, baker, choir, lifeboat, harbour })
}

async fn today(demo: &Demo<'_>, month: &Month, week: &Week) -> Result<Today, RunError> {
    hours_ago(demo, 12);
    let (vendor, person) = ("facebook".into(), town::WANDA.into());
    let page = town::LONG_PAGE.into();
    found(demo, Control::LoseRole { vendor, person, page }, &month.agency[0]).await?;
    hours_ago(demo, 2);
    let mill = demo.app_password(1).await?;
    demo.connect(at(Platform::X, cast::X[0])).await?;
    let north = demo.connect(at(Platform::X, cast::X[1])).await?;
    demo.connect(at(Platform::Tiktok, "moonlightbooks")).await?;
    all_others(demo).await?;
    // She never came to the choice of her page.
    demo.consent(at(Platform::Facebook, ""), None, Choice::person(town::YUKI)).await?;
    hours_ago(demo, 1);
    let (vendor, person) = ("facebook".into(), cast::FACEBOOK_FEW.into());
    found(demo, Control::ChangePassword { vendor, person }, &week.cycling[0]).await?;
    Ok(Today { mill, north })
}

/// One account, or two where one login brings several, of every platform by the first of its people.
async fn all_others(demo: &Demo<'_>) -> Result<(), RunError> {
    let told = [Platform::Facebook, Platform::X];
    let others = sandbox::apps().filter_map(|app| Platform::from_key(app.platform));
    for platform in others.filter(|platform| !told.contains(platform)) {
        let path = demo.consent(at(platform, ""), None, Choice::default()).await?;
        if platform.has_many_destinations() {
            demo.choose(&path, 2).await?;
        } else {
            account_in(&path)?;
        }
    }
    demo.typed(Platform::Telegram, cast::TELEGRAM_CHANNEL.0, cast::TELEGRAM[0].1[0]).await?;
    Ok(())
}

async fn revoked(demo: &Demo<'_>, vendor: &str, person: &str, account: &AccountId) -> Result<(), RunError> {
    found(demo, Control::RevokeGrant { vendor: vendor.into(), person: person.into() }, account).await
}

/// Something breaks in the sandbox, and the keeper finds out.
async fn found(demo: &Demo<'_>, what: Control, account: &AccountId) -> Result<(), RunError> {
    demo.break_it(what)?;
    demo.look(account).await
}

/// An hour less, so that a card says "in 5 days" for the first hour and not "in 4".
fn days_ago(demo: &Demo<'_>, days: i64) {
    (demo.shift)(-days * DAY_MS + HOUR_MS);
}

fn hours_ago(demo: &Demo<'_>, hours: i64) {
    (demo.shift)(-hours * HOUR_MS);
}
