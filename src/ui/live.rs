//! The page keeps itself true: it hears of changes from the server and asks again (SPEC T-1).

use leptos::prelude::*;
use serde::Deserialize;

use super::browser::{self, Heard};
use super::notice::Tone;
use super::toast::Toasts;
use crate::api::accounts::Progress;
use crate::domain::id::AccountId;

/// What the server says when something changed.
#[derive(Deserialize)]
struct Change {
    /// Something may have gone unheard.
    #[serde(default)]
    again: bool,
    account: Option<AccountId>,
    toast: Option<String>,
    tone: Option<String>,
    progress: Option<Progress>,
}

/// Resources that name `version` in their source are fetched anew when it moves.
#[derive(Clone, Copy)]
pub struct Live {
    /// Counts the reasons to ask again.
    pub version: RwSignal<u32>,
    /// Whether the stream has broken off and is being restored.
    pub lost: RwSignal<bool>,
    /// What the stream last told of a check of all accounts; its last word is one that has nothing left to do.
    pub checking: RwSignal<Option<Progress>>,
    started: StoredValue<bool>,
    /// Whether a check of all accounts was told to be under way.
    checks_all: StoredValue<bool>,
    /// While a pause lasts: whether something was told in it.
    pause: StoredValue<Option<bool>>,
}

const HOUR_MS: u32 = 3_600_000;
/// The shortest time between two askings because of what was told: forty accounts may change within a second.
const PAUSE_MS: u32 = 250;

impl Live {
    /// Makes the state of the stream known to all pages. Called once, by `App`.
    pub fn provide() {
        provide_context(Self {
            version: RwSignal::new(0),
            lost: RwSignal::new(false),
            checking: RwSignal::new(None),
            started: StoredValue::new(false),
            checks_all: StoredValue::new(false),
            pause: StoredValue::new(None),
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
            Heard::Lost => {
                self.lost.set(true);
                // Its end may go unheard.
                self.checks_all.set_value(false);
            }
            Heard::Message(text) => match serde_json::from_str::<Change>(&text) {
                Ok(change) => self.told(change, toasts),
                Err(_) => self.again_soon(),
            },
        }
    }

    fn told(self, change: Change, toasts: Toasts) {
        if change.again {
            // So may the end of a check of all accounts.
            self.checks_all.set_value(false);
        }
        match change.progress {
            // Steps of a check change nothing by themselves; its end is the moment to look at everything.
            Some(progress) => {
                self.checking.set(Some(progress));
                self.checks_all.set_value(progress.running());
                if !progress.running() {
                    self.again();
                }
            }
            None => self.again_soon(),
        }
        let tone = if change.tone.as_deref() == Some("warn") { Tone::Warn } else { Tone::Ok };
        // While all accounts are checked, good news of each would bury what needs a hand; the result counts them.
        let counted = tone == Tone::Ok && change.account.is_some() && self.checks_all.get_value();
        if let Some(words) = change.toast.filter(|_| !counted) {
            toasts.say(tone, words);
        }
    }

    /// Asks everything again: at once, and what is told soon after together at the end of a pause.
    fn again_soon(self) {
        if self.pause.get_value().is_some() {
            self.pause.set_value(Some(true));
            return;
        }
        self.again();
        self.pause.set_value(Some(false));
        browser::after(PAUSE_MS, move || {
            let more = self.pause.get_value() == Some(true);
            self.pause.set_value(None);
            if more {
                self.again_soon();
            }
        });
    }
}
