//! What happened to an account, newest first (SPEC D-10).

use leptos::prelude::*;

use super::uptime::Strip;
use crate::api::accounts::HistoryEntry;
use crate::domain::uptime::Uptime;
use crate::ui::time::Ago;
use crate::ui::whole::Erase;

/// A list of finished sentences.
#[component]
pub fn History(
    entries: Vec<HistoryEntry>,
    uptime: Option<Uptime>,
    /// The server's time, Unix milliseconds.
    now: i64,
) -> impl IntoView {
    let none = entries.is_empty();
    view! {
        <section class="history" aria-label="History">
            <h3>"History"</h3>
            {uptime.map(|uptime| view! { <Strip uptime /> })}
            {none.then(|| view! { <p class="muted">"Nothing has happened yet."</p> })}
            <ol>
                {entries
                    .into_iter()
                    .map(|entry| {
                        view! {
                            <li>
                                <span dir="auto">{entry.words}</span>
                                <span class="muted">
                                    <Ago at=entry.at now />
                                    {entry.by.map(|by| view! { " · " <bdi>{by}</bdi> })}
                                </span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </section>
    }
    .erase()
}
