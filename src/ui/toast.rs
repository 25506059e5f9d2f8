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
    /// It came a moment ago: the same words again are the same news, heard on two ways.
    fresh: bool,
}

/// The messages that are on the screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    count: RwSignal<u32>,
}

/// How long good news stays; what needs a hand stays three times as long.
const STAYS_MS: u32 = 8_000;
/// How long the same words are the same news.
const FRESH_MS: u32 = 5_000;
/// More than this would hide the page.
const AT_MOST: usize = 4;

impl Toasts {
    /// Makes room for messages. Called once, by `App`.
    pub fn provide() -> Self {
        let toasts = Self { shown: RwSignal::new(Vec::new()), count: RwSignal::new(0) };
        provide_context(toasts);
        toasts
    }

    /// Shows a message for a while. One that came a moment ago in the same words stays as it is and is not read out again:
    /// whoever asked for a change hears of it from the answer and from the live stream. Nothing happens on the server.
    pub fn say(self, tone: Tone, words: impl Into<String>) {
        let words = words.into();
        let number = self.count.try_update(|count| {
            *count += 1;
            *count
        });
        let Some(number) = number else { return };
        let toast = Toast { number, tone, words, fresh: true };
        // Nothing is told where nothing changes.
        let added = self.shown.try_maybe_update(|shown| {
            let added = add(shown, toast);
            (added, added)
        });
        if added != Some(true) {
            return;
        }
        browser::after(FRESH_MS, move || self.age(number));
        let stays = if tone == Tone::Ok { STAYS_MS } else { 3 * STAYS_MS };
        browser::after(stays, move || self.drop_one(number));
    }

    fn age(self, number: u32) {
        // The look stays the same, so nobody needs to hear of it.
        self.shown.try_update_untracked(|shown| {
            if let Some(toast) = shown.iter_mut().find(|toast| toast.number == number) {
                toast.fresh = false;
            }
        });
    }

    fn drop_one(self, number: u32) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.number != number));
    }

    fn of(self, tone: Tone) -> Vec<Toast> {
        self.shown.with(|shown| shown.iter().filter(|toast| toast.tone == tone).cloned().collect())
    }
}

/// Puts a message to the others; `false` if it is there already. An old one in the same words makes place for it.
fn add(shown: &mut Vec<Toast>, toast: Toast) -> bool {
    if shown.iter().any(|other| other.fresh && other.words == toast.words) {
        return false;
    }
    shown.retain(|other| other.words != toast.words);
    shown.push(toast);
    if shown.len() > AT_MOST {
        shown.remove(0);
    }
    true
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

#[cfg(test)]
mod tests {
    use super::*;

    fn toast(number: u32, words: &str) -> Toast {
        Toast { number, tone: Tone::Ok, words: words.into(), fresh: true }
    }

    fn numbers(shown: &[Toast]) -> Vec<u32> {
        shown.iter().map(|toast| toast.number).collect()
    }

    // SPEC T-6
    #[test]
    fn the_same_news_is_shown_once() {
        let mut shown = Vec::new();
        assert!(add(&mut shown, toast(1, "Bakery is healthy again")));
        assert!(!add(&mut shown, toast(2, "Bakery is healthy again")));
        assert!(add(&mut shown, toast(3, "Choir is healthy again")));
        assert_eq!(numbers(&shown), [1, 3]);
        // Later they are news again.
        shown[0].fresh = false;
        assert!(add(&mut shown, toast(4, "Bakery is healthy again")));
        assert_eq!(numbers(&shown), [3, 4]);
    }

    #[test]
    fn too_many_messages_would_hide_the_page() {
        let mut shown = Vec::new();
        for number in 0..9 {
            assert!(add(&mut shown, toast(number, &number.to_string())));
        }
        assert_eq!(numbers(&shown), [5, 6, 7, 8]);
    }
}
