//! Short messages in a corner. They are read out, take no focus, and can be sent away.

use leptos::prelude::*;

use super::browser;
use super::icon::Icon;
use super::notice::Tone;

#[derive(Clone, PartialEq)]
struct Toast {
    number: u32,
    tone: Tone,
    words: String,
}

/// The messages that are on the screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    count: RwSignal<u32>,
}

/// How long good news stays; what needs a hand stays three times as long.
const STAYS_MS: u32 = 8_000;
/// More than this would hide the page.
const AT_MOST: usize = 4;

impl Toasts {
    /// Makes room for messages. Called once, by `App`.
    pub fn provide() -> Self {
        let toasts = Self { shown: RwSignal::new(Vec::new()), count: RwSignal::new(0) };
        provide_context(toasts);
        toasts
    }

    /// Shows a message for a while. Nothing happens on the server.
    pub fn say(self, tone: Tone, words: impl Into<String>) {
        let words = words.into();
        let number = self.count.try_update(|count| {
            *count += 1;
            *count
        });
        let Some(number) = number else { return };
        self.shown.update(|shown| {
            shown.retain(|toast| toast.words != words);
            shown.push(Toast { number, tone, words });
            if shown.len() > AT_MOST {
                shown.remove(0);
            }
        });
        let stays = if tone == Tone::Ok { STAYS_MS } else { 3 * STAYS_MS };
        browser::after(stays, move || self.drop_one(number));
    }

    fn drop_one(self, number: u32) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.number != number));
    }

    fn of(self, tone: Tone) -> Vec<Toast> {
        self.shown.with(|shown| shown.iter().filter(|toast| toast.tone == tone).cloned().collect())
    }
}

/// The two regions that read messages out: one politely, one at once.
#[component]
pub fn ToastRegions(toasts: Toasts) -> impl IntoView {
    let region = move |tone: Tone| {
        view! {
            <div role=tone.role() class="toast-list">
                <For each=move || toasts.of(tone) key=|toast| toast.number let:toast>
                    <div class="toast" data-tone=tone.key()>
                        <Icon name=tone.icon() />
                        <span dir="auto">{toast.words}</span>
                        <button class="close" type="button" aria-label="Dismiss message" on:click=move |_| toasts.drop_one(toast.number)>
                            <Icon name="close" />
                        </button>
                    </div>
                </For>
            </div>
        }
    };
    view! { <div class="toasts">{region(Tone::Warn)}{region(Tone::Ok)}</div> }
}
