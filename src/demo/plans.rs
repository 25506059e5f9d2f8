//! What is planned to be published in the demo's workspace, and what is held because its account is broken.

use super::hands::Demo;
use super::story::{Month, Old, Today, Week};
use crate::server::error::RunError;

const MINUTE_MS: i64 = 60_000;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// Plans all of it; due times are in minutes from now.
pub async fn make(demo: &Demo<'_>, old: &Old, month: &Month, week: &Week, today: &Today) -> Result<(), RunError> {
    let held = [
        (&month.rider, -DAY, "Our spring tour starts on Saturday. Bring lights and a friend."),
        (&month.barrow[0], -3 * DAY, "Sweet peas are back on the barrow."),
        (&month.barrow[0], -5 * HOUR, "Bring your own vase and we fill it."),
        (&old.ferry, -6 * DAY, "Line 7 runs every twenty minutes from Monday."),
        (&old.museum, -2 * DAY, "Late opening this Thursday: knots and tall tales."),
    ];
    for (account, minutes, text) in held {
        demo.plan(account, "held", minutes * MINUTE_MS, text).await?;
    }
    let scheduled = [
        (&month.rider, DAY, "Route and rest stops for Saturday."),
        (&week.cycling[0], 6 * HOUR, "Workshop hours change next week."),
        (&month.barrow[0], 40, "Last tulips of the season, two bunches for one."),
        (&month.barrow[1], 3 * DAY, "Plot swap on Sunday at ten."),
        (&old.museum, 2 * DAY, "A ship in a bottle: how it got in."),
        (&old.greta, 9 * DAY, "What a small museum learned from its visitors' questions."),
        (&old.united, 90, "Kick-off at three. Bring a scarf, it is windy by the water."),
        (&old.united, 3 * DAY, "Team sheet for Sunday."),
        (&old.library, 5 * HOUR, "Story hour in five languages, tomorrow at four."),
        (&month.agency[0], 8 * HOUR, "Night at the museum: torches on."),
        (&month.agency[1], 4 * HOUR, "Under-tens trials on Saturday ⚽️"),
        (&month.agency[3], 26 * HOUR, "קונצרט פתוח ביום חמישי"),
        (&month.agency[4], 30 * HOUR, "新刊が届きました。"),
        (&month.agency[6], 25 * DAY, "Repair café: bring a lamp, take home a lamp that works."),
        (&month.bakery[0], 18 * HOUR, "Fresh from the oven: rye with caraway, from seven."),
        (&month.bakery[1], 42 * HOUR, "Two seats left for Thursday's class."),
        (&week.baker, 20 * HOUR, "What should we bake for the market?"),
        (&week.harbour, 30 * HOUR, "Low tide walk on Sunday, boots on."),
        (&week.lifeboat, 7 * HOUR, "Open day at the boathouse, children welcome."),
        (&week.choir, 70 * HOUR, "Open rehearsal: come and listen."),
        (&today.mill, 52 * HOUR, "We grind on request, also small amounts."),
        (&today.north, 26 * HOUR, "New bells are in."),
    ];
    for (account, minutes, text) in scheduled {
        demo.plan(account, "scheduled", minutes * MINUTE_MS, text).await?;
    }
    Ok(())
}
