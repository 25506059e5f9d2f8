//! How the connections of a workspace are, on one page (SPEC 9).

use super::forecast::extends_itself;
use super::{ServiceError, listing};
use crate::api::accounts::Card;
use crate::api::overview::{Counts, FORECAST_BARS, FORECAST_DAYS, Forecast, Incident, Overview};
use crate::domain::explain;
use crate::domain::grant::{DAY_MS, TokenStatus};
use crate::domain::health::Health;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::cards;
use crate::server::store::incidents::{self, Recent};

/// More accounts than this are shown on the Connections page only.
const ACCOUNTS: usize = 48;
/// Lines beside the forecast's picture.
const FORECAST_LINES: usize = 6;
/// Lines of incidents.
const INCIDENTS: i64 = 12;
/// For how many days closed incidents are shown.
const CLOSED_DAYS: i64 = 30;

/// Everything the Overview page shows.
///
/// # Errors
/// When the database does not answer.
pub async fn overview(state: &AppState, member: &Member) -> Result<Overview, ServiceError> {
    member.may(Action::See)?;
    let now = state.clock.now();
    let rows = cards::all(&state.db, &member.workspace).await?;
    let mut cards: Vec<(Card, bool)> = rows
        .into_iter()
        .map(|row| {
            let renewed = extends_itself(row.platform, row.has_refresh);
            (listing::card(row, now), renewed)
        })
        .collect();
    cards.sort_by_cached_key(|(card, _)| listing::order(card));
    let (counts, forecast) = (counts(&cards), forecast(&cards, now));
    let recent = incidents::recent(&state.db, &member.workspace, now - CLOSED_DAYS * DAY_MS, INCIDENTS).await?;
    Ok(Overview {
        now,
        counts,
        forecast,
        accounts: cards.into_iter().map(|(card, _)| card).take(ACCOUNTS).collect(),
        incidents: recent.into_iter().map(told).collect(),
    })
}

fn told(incident: Recent) -> Incident {
    Incident {
        words: explain::cause(incident.cause, incident.platform).title,
        account: incident.account,
        platform: incident.platform,
        name: incident.name,
        since: incident.opened_at,
        until: incident.closed_at,
        posts: u32::try_from(incident.posts).unwrap_or(u32::MAX),
    }
}

fn counts(cards: &[(Card, bool)]) -> Counts {
    let mut counts = Counts::default();
    for (card, _) in cards {
        counts.accounts += 1;
        match (card.disconnected, card.health) {
            (true, _) => counts.disconnected += 1,
            (false, Health::Healthy) => counts.healthy += 1,
            (false, Health::NeedsReconnect) => counts.attention += 1,
        }
        counts.expiring += u32::from(matches!(card.token, Some(TokenStatus::ExpiringSoon { .. })));
        counts.held += card.held_posts;
        counts.scheduled += card.scheduled_posts;
    }
    counts
}

/// Who must be asked to sign in again, and when. An amber account has to be connected now: its token's end is no news.
fn forecast(cards: &[(Card, bool)], now: i64) -> Forecast {
    let mut forecast = Forecast { bars: vec![0; FORECAST_BARS], next: Vec::new(), total: 0, renewed: 0 };
    let span = FORECAST_DAYS * DAY_MS;
    let mut ending: Vec<(i64, &Card)> = Vec::new();
    for (card, renewed) in cards.iter().filter(|(card, _)| card.health == Health::Healthy) {
        let Some(end) = card.token_ends_at.filter(|end| (now..now + span).contains(end)) else { continue };
        if *renewed {
            forecast.renewed += 1;
        } else {
            ending.push((end, card));
        }
    }
    ending.sort_by_key(|(end, _)| *end);
    for (end, _) in &ending {
        let bar = usize::try_from((end - now) * FORECAST_BARS as i64 / span).unwrap_or(0);
        forecast.bars[bar.min(FORECAST_BARS - 1)] += 1;
        forecast.total += 1;
    }
    forecast.next = ending.into_iter().take(FORECAST_LINES).map(|(_, card)| card.clone()).collect();
    forecast
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::health::Cause;
    use crate::domain::id::AccountId;
    use crate::domain::platform::Platform;

    const NOW: i64 = 1_000 * DAY_MS;

    fn ending(name: &str, days: i64) -> Card {
        let ends_at = Some(NOW + days * DAY_MS);
        Card {
            id: AccountId::new(name),
            platform: Platform::Linkedin,
            host: None,
            name: name.into(),
            handle: None,
            picture: None,
            health: Health::Healthy,
            cause: None,
            missing_scopes: Vec::new(),
            amber_since: None,
            token: Some(TokenStatus::at(NOW, ends_at)),
            token_ends_at: ends_at,
            disconnected: false,
            scheduled_posts: 2,
            next_post_at: None,
            held_posts: 1,
            dies_before_posts: 0,
        }
    }

    // SPEC T-2, 9: tokens that renew themselves don't expire, and what is amber has to be mended now.
    #[test]
    fn the_forecast_counts_what_a_person_must_renew() {
        let amber = Card { health: Health::NeedsReconnect, cause: Some(Cause::Revoked), ..ending("amber", 5) };
        let gone = Card { disconnected: true, token: None, token_ends_at: None, ..ending("gone", 5) };
        let cards = [
            (ending("late", 89), false),
            (ending("soon", 4), false),
            (ending("also soon", 3), false),
            (ending("meta", 10), true),
            (ending("never mind", 90), false),
            (ending("over", -1), false),
            (amber, false),
            (gone, false),
        ];
        let told = forecast(&cards, NOW);
        let names: Vec<&str> = told.next.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(names, ["also soon", "soon", "late"]);
        assert_eq!((told.total, told.renewed), (3, 1));
        assert_eq!(told.bars.len(), FORECAST_BARS);
        assert_eq!((told.bars[1], told.bars[29]), (2, 1), "three days a bar");
        assert_eq!(told.bars.iter().sum::<u32>(), told.total);
        let counted = counts(&cards);
        assert_eq!((counted.accounts, counted.disconnected, counted.healthy, counted.attention), (8, 1, 6, 1));
        assert_eq!((counted.expiring, counted.held, counted.scheduled), (4, 8, 16));
    }
}
