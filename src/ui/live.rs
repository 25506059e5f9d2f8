//! The page keeps itself true: it hears of changes from the server and asks again (SPEC T-1).

use leptos::prelude::*;
use serde::Deserialize;

use super::browser::{self, Heard};
use super::notice::Tone;
use super::toast::Toasts;

/// What the server says when something changed.
#[derive(Deserialize)]
struct Change {
    toast: Option<String>,
    tone: Option<String>,
}

/// Resources that name `version` in their source are fetched anew when it moves.
#[derive(Clone, Copy)]
pub struct Live {
    /// Counts the reasons to ask again.
    pub version: RwSignal<u32>,
    /// Whether the stream has broken off and is being restored.
    pub lost: RwSignal<bool>,
    started: StoredValue<bool>,
}

const HOUR_MS: u32 = 3_600_000;

impl Live {
    /// Makes the state of the stream known to all pages. Called once, by `App`.
    pub fn provide() {
        provide_context(Self {
            version: RwSignal::new(0),
            lost: RwSignal::new(false),
            started: StoredValue::new(false),
        });
    }

    /// The state of the stream.
    pub fn get() -> Self {
        expect_context()
    }

    /// Asks everything again.
    pub fn again(self) {
        self.version.update(|version| *version += 1);
    }

    /// Opens the stream, once for the life of the tab. Call it from an effect: on the server nothing happens.
    pub fn start(self, toasts: Toasts) {
        if self.started.get_value() {
            return;
        }
        self.started.set_value(true);
        browser::listen("/live", "change", move |heard| self.hear(heard, toasts));
        browser::when_visible(move || self.again());
        browser::every(HOUR_MS, move || self.again());
    }

    fn hear(self, heard: Heard, toasts: Toasts) {
        match heard {
            Heard::Open { again } => {
                self.lost.set(false);
                if again {
                    self.again();
                }
            }
            Heard::Lost => self.lost.set(true),
            Heard::Message(text) => {
                self.again();
                let Ok(change) = serde_json::from_str::<Change>(&text) else { return };
                if let Some(words) = change.toast {
                    let tone = if change.tone.as_deref() == Some("warn") { Tone::Warn } else { Tone::Ok };
                    toasts.say(tone, words);
                }
            }
        }
    }
}
