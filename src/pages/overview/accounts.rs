//! Every account with its health, small.

use leptos::prelude::*;

use crate::api::accounts::Card;
use crate::domain::grant::TokenStatus;
use crate::ui::avatar::Avatar;
use crate::ui::links;
use crate::ui::status::{HealthDot, TokenWords};
use crate::ui::whole::Erase;

/// The first accounts, those that need somebody at the front; `total` counts all.
pub fn accounts(cards: Vec<Card>, total: u32) -> AnyView {
    let all = total as usize > cards.len();
    view! {
        <section aria-labelledby="accounts-title">
            <div class="section-head">
                <h2 id="accounts-title">"Accounts"</h2>
                <a href=links::CONNECTIONS>{if all { format!("All {total} accounts") } else { "Open Connections".into() }}</a>
            </div>
            <ul class="roster">{cards.into_iter().map(entry).collect_view()}</ul>
        </section>
    }
    .erase()
}

fn entry(card: Card) -> AnyView {
    let key = if card.disconnected { "disconnected" } else { card.health.key() };
    // A card has room for it all; here only what is news.
    let token = card.token.filter(|status| *status != TokenStatus::Valid);
    view! {
        <li>
            <a class="entry" href=links::account(&card.id) data-health=key title=card.name.clone()>
                <Avatar name=card.name.clone() picture=card.picture platform=card.platform />
                <span class="entry-text">
                    <strong>
                        <bdi>{card.name.clone()}</bdi>
                    </strong>
                    <span class="entry-facts">
                        <HealthDot health=card.health disconnected=card.disconnected />
                        {token.map(|status| view! { <TokenWords status ends_at=card.token_ends_at /> })}
                    </span>
                </span>
            </a>
        </li>
    }
    .erase()
}
