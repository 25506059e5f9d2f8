//! What ends in the next 90 days: a small picture, and the same as a list.

use leptos::prelude::*;

use crate::api::accounts::Card;
use crate::api::overview::{FORECAST_DAYS, Forecast};
use crate::domain::grant::{DAY_MS, SOON_DAYS};
use crate::ui::avatar::Avatar;
use crate::ui::links;
use crate::ui::time::Hover;
use crate::ui::whole::Erase;

/// Height of the picture's tallest bar, and of one account where few are in a bar, in CSS pixels.
const TALL: u32 = 56;
const STEP: u32 = 14;
/// Where the bars stand.
const GROUND: u32 = TALL + 6;

/// The picture is decoration for who reads the list below it; its bars are in proportion to each other.
pub fn forecast(forecast: Forecast, now: i64, manages: bool) -> AnyView {
    let Forecast { bars, next, total, renewed } = forecast;
    let left = total as usize - next.len().min(total as usize);
    let words = match total {
        0 => "Nobody has to sign in again in the next 90 days.".to_string(),
        1 => "1 account has to be connected again in the next 90 days.".into(),
        _ => format!("{total} accounts have to be connected again in the next 90 days."),
    };
    view! {
        <section class="box" aria-labelledby="forecast-title">
            <h2 id="forecast-title">"What ends soon"</h2>
            <p class="muted">{words}</p>
            {picture(&bars)}
            <ul class="lines">{next.into_iter().map(|card| line(card, now)).collect_view()}</ul>
            {(left > 0)
                .then(|| {
                    view! {
                        <p class="muted">
                            "And " {left} " more: "
                            <a href=links::EXPIRING>"see what ends within 30 days"</a>
                        </p>
                    }
                })}
            {(renewed > 0).then(|| view! { <p class="muted">{renews(renewed)}</p> })}
            {manages.then(|| view! { <p class="muted"><a href=links::CALENDAR>"In your calendar"</a></p> })}
        </section>
    }
    .erase()
}

fn renews(count: u32) -> String {
    match count {
        1 => "Pilotlight renews 1 other token before it ends.".into(),
        _ => format!("Pilotlight renews {count} other tokens before they end."),
    }
}

fn line(card: Card, now: i64) -> AnyView {
    let soon = card.token_ends_at.is_some_and(|end| end - now <= SOON_DAYS * DAY_MS);
    // In days up to the end: "2 months" is too coarse for a plan.
    let words = |end: i64| match (end - now) / DAY_MS {
        0 => "today".into(),
        1 => "in 1 day".into(),
        days => format!("in {days} days"),
    };
    view! {
        <li>
            <a class="line" href=links::account(&card.id)>
                <Avatar name=card.name.clone() picture=card.picture platform=card.platform />
                <span class="line-name">
                    <bdi>{card.name}</bdi>
                </span>
                <span class="line-end" data-tone=soon.then_some("warn")>
                    {card.token_ends_at.map(|at| view! { <Hover at words=words(at) /> })}
                </span>
            </a>
        </li>
    }
    .erase()
}

/// Bars over the days, the first month tinted. Places are in hundredths of the width, so that it fits every screen.
fn picture(bars: &[u32]) -> AnyView {
    let count = bars.len() as u32;
    let most = bars.iter().copied().max().unwrap_or(0);
    let bar = |(at, ends): (usize, &u32)| {
        let high = height(*ends, most)?;
        let soon = (at as i64 + 1) * FORECAST_DAYS <= SOON_DAYS * i64::from(count);
        let (x, wide) = (percent(at as u32 * 100 + 15, count * 100), percent(70, count * 100));
        Some(
            view! { <rect class="bar" data-tone=soon.then_some("warn") x=x y=GROUND - high width=wide height=high rx="2"></rect> },
        )
    };
    let days = FORECAST_DAYS as u32;
    let label = |day: u32, anchor: &'static str, words: &'static str| {
        view! {
            <line class="tick" x1=percent(day, days) x2=percent(day, days) y1=GROUND y2=GROUND + 5></line>
            <text x=percent(day, days) y=GROUND + 19 text-anchor=anchor>
                {words}
            </text>
        }
    };
    view! {
        <svg class="timeline" aria-hidden="true" focusable="false" width="100%" height=GROUND + 24>
            <rect class="zone" x="0" y="0" width=percent(SOON_DAYS as u32, days) height=GROUND></rect>
            {bars.iter().enumerate().filter_map(bar).collect_view()}
            <line class="ground" x1="0" x2="100%" y1=GROUND y2=GROUND></line>
            {label(0, "start", "today")}
            {label(30, "middle", "30 days")}
            {label(60, "middle", "60 days")}
            {label(90, "end", "90 days")}
        </svg>
    }
    .erase()
}

/// One step an account while the tallest bar has room for that; less where many end together.
fn height(ends: u32, most: u32) -> Option<u32> {
    let high = if most * STEP <= TALL { ends * STEP } else { ends * TALL / most };
    (ends > 0).then_some(high.max(4))
}

/// "33.33%", without the weight of floating point in the browser.
fn percent(part: u32, of: u32) -> String {
    let share = part * 10_000 / of.max(1);
    format!("{}.{:02}%", share / 100, share % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fit_the_picture() {
        assert_eq!((height(0, 3), height(1, 3), height(3, 3)), (None, Some(STEP), Some(3 * STEP)));
        assert_eq!((height(40, 40), height(1, 40)), (Some(TALL), Some(4)), "one among many is still seen");
        assert_eq!(percent(30, 90), "33.33%");
        assert_eq!(percent(90, 90), "100.00%");
        assert_eq!(percent(1, 1_000), "0.10%");
    }
}
