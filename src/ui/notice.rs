//! Messages that stand in the page.

use leptos::prelude::*;

use super::icon::Icon;
use crate::ui::whole::Erase;

/// How a message sounds, and with it how it looks and is read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good or neutral news.
    Ok,
    /// Somebody must do something.
    Warn,
}

impl Tone {
    /// The word in `data-tone`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
        }
    }

    /// The live region that reads it out.
    pub fn role(self) -> &'static str {
        match self {
            Self::Ok => "status",
            Self::Warn => "alert",
        }
    }

    /// Its drawing in the sprite.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Ok => "check",
            Self::Warn => "alert",
        }
    }
}

/// A message at the top of a page or a form.
#[component]
pub fn Notice(
    tone: Tone,
    /// Where its cross leads; without one it stays.
    #[prop(optional, into)]
    dismiss: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone=tone.key() role=tone.role()>
            <Icon name=tone.icon() />
            <div class="notice-text">{children()}</div>
            {dismiss
                .map(|href| {
                    view! {
                        <a class="close" href=href aria-label="Dismiss message">
                            <Icon name="close" />
                        </a>
                    }
                })}
        </div>
    }
    .erase()
}
