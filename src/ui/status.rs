//! Health and token status as label, icon and colour together: colour is never the only sign (SPEC H-2).

use leptos::prelude::*;

use super::icon::Icon;
use super::time::Hover;
use crate::domain::grant::TokenStatus;
use crate::domain::health::Health;
use crate::ui::whole::Erase;

/// The dot of a card. A disconnected account has neither colour.
#[component]
pub fn HealthDot(health: Health, disconnected: bool) -> impl IntoView {
    let (key, label, icon) = match (disconnected, health) {
        (true, _) => ("disconnected", "Disconnected", "unplug"),
        (false, Health::Healthy) => (Health::Healthy.key(), Health::Healthy.label(), "check"),
        (false, Health::NeedsReconnect) => (Health::NeedsReconnect.key(), Health::NeedsReconnect.label(), "alert"),
    };
    view! {
        <span class="dot" data-health=key>
            <Icon name=icon />
            {label}
        </span>
    }
    .erase()
}

/// What the clock says about the token, with the exact end on hover (SPEC H-1).
#[component]
pub fn TokenWords(
    status: TokenStatus,
    /// Unix milliseconds.
    ends_at: Option<i64>,
) -> impl IntoView {
    let tone = match status {
        TokenStatus::Valid => "valid",
        TokenStatus::ExpiringSoon { .. } => "soon",
        TokenStatus::Expired { .. } => "expired",
    };
    view! {
        <span class="token" data-token=tone>
            <Icon name="key" />
            <span class="sr">"Token: "</span>
            {match ends_at {
                Some(at) => view! { <Hover at words=status.words() /> }.erase(),
                None => view! { <span title="No known end">{status.words()}</span> }.erase(),
            }}
        </span>
    }
    .erase()
}
