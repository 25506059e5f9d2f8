//! What the page knows, where it asks, and what can be done: one struct, handed to every part.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::api::ApiError;
use crate::api::accounts::{self, Connections, Detail, Outcome, Removal};
use crate::domain::filter::Filter;
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::ui::live::Live;
use crate::ui::notice::Tone;
use crate::ui::toast::Toasts;
use crate::ui::{browser, links};

/// A question that stands before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Disconnect,
    Remove,
}

/// Something a member does to an account.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Check,
    Disconnect,
    Remove { typed: String },
}

/// What was done on the way here.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// A word of the redirect.
    pub what: String,
    /// How many accounts were connected or healed, or sign-ins renewed.
    pub count: u32,
    /// Of how many, where several were asked for.
    pub total: u32,
}

/// The state of the page. The address says what is open; the server says the rest.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What the list is narrowed down to.
    pub filter: Memo<Filter>,
    /// The account whose panel is open.
    pub selected: Memo<Option<AccountId>>,
    pub question: Memo<Option<Question>>,
    /// What a redirect reports.
    pub done: Memo<Option<Done>>,
    pub list: Resource<Result<Connections, ApiError>>,
    pub detail: Resource<Option<Result<Detail, ApiError>>>,
    pub removal: Resource<Option<Result<Removal, ApiError>>>,
    /// A form that was sent without script came back with an error.
    pub refused: Memo<bool>,
    live: Live,
    act: Action<(Deed, AccountId), Result<Outcome, ApiError>>,
}

impl Desk {
    /// Reads the address and asks the server. Called once, by the page.
    pub fn provide() -> Self {
        let query = use_query_map();
        let asked = move |key: &str| query.with(|query| query.get(key)).filter(|text| !text.is_empty());
        let live = Live::get();
        let version = live.version;

        let filter = Memo::new(move |_| query.with(|query| Filter::read(|key| query.get(key))));
        let selected = Memo::new(move |_| asked("account").map(AccountId::new));
        let question = Memo::new(move |_| match asked("confirm").as_deref() {
            Some("disconnect") => Some(Question::Disconnect),
            Some("remove") => Some(Question::Remove),
            _ => None,
        });
        let done = Memo::new(move |_| {
            let number = |key: &str| asked(key).and_then(|count| count.parse().ok());
            let count = number("healed").or_else(|| number("count")).unwrap_or(0);
            asked("done").map(|what| Done { what, count, total: number("total").unwrap_or(0) })
        });
        let removing = Memo::new(move |_| selected.get().filter(|_| question.get() == Some(Question::Remove)));

        let desk = Self {
            filter,
            selected,
            question,
            done,
            refused: Memo::new(move |_| asked("__err").is_some()),
            list: Resource::new(
                move || (filter.get(), version.get()),
                // Which account is open decides on the page only when the list is asked for: opening another moves nothing.
                move |(filter, _)| {
                    let platform = filter.platform.map(|platform| platform.text()).unwrap_or_default();
                    let account = selected.get_untracked();
                    accounts::connections(filter.status.key().into(), platform, filter.text, filter.page, account)
                },
            ),
            detail: Resource::new(
                move || (selected.get(), version.get()),
                |(id, _)| async move {
                    match id {
                        Some(id) => Some(accounts::account(id).await),
                        None => None,
                    }
                },
            ),
            removal: Resource::new(
                move || removing.get(),
                |id| async move {
                    match id {
                        Some(id) => Some(accounts::removal(id).await),
                        None => None,
                    }
                },
            ),
            live,
            act: Action::new(|(deed, id): &(Deed, AccountId)| {
                let (deed, id) = (deed.clone(), id.clone());
                async move {
                    match deed {
                        Deed::Check => accounts::check(id).await,
                        Deed::Disconnect => accounts::disconnect(id).await,
                        Deed::Remove { typed } => accounts::remove(id, typed).await,
                    }
                }
            }),
        };
        desk.report();
        desk.forget_trouble();
        desk.follow_focus();
        desk.find_the_page();
        desk
    }

    /// Does something to an account; its outcome is told in a toast, and everything is asked again.
    pub fn act(self, deed: Deed, id: AccountId) {
        self.act.dispatch((deed, id));
    }

    /// Whether a deed is under way.
    pub fn busy(self) -> bool {
        self.act.pending().get()
    }

    /// Whether the account is being asked about.
    pub fn checking(self) -> bool {
        let asked = self.act.input().with(|input| matches!(input, Some((Deed::Check, _))));
        self.act.pending().get() && asked
    }

    /// The deed's error, for where it was asked for.
    pub fn trouble(self) -> Option<String> {
        self.act.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err()).map(ToString::to_string))
    }

    fn report(self) {
        let (toasts, navigate) = (expect_context::<Toasts>(), use_navigate());
        let value = self.act.value();
        Effect::new(move |_| {
            let Some(result) = value.get() else { return };
            match result {
                Ok(outcome) => {
                    let tone = if outcome.health == Some(Health::NeedsReconnect) { Tone::Warn } else { Tone::Ok };
                    toasts.say(tone, outcome.words);
                    if let Some(place) = self.after_success() {
                        navigate(&place, NavigateOptions { scroll: false, ..Default::default() });
                    }
                }
                Err(error) => toasts.say(Tone::Warn, error.to_string()),
            }
        });
    }

    /// Asks anew what a deed has changed, and says where its question leads.
    fn after_success(self) -> Option<String> {
        let question = self.question.get_untracked();
        if question == Some(Question::Remove) {
            // The list alone: the account's detail is gone, and asking for it would be an error.
            self.list.refetch();
            return Some(links::list(&self.filter.get_untracked()));
        }
        self.live.again();
        let filter = self.filter.get_untracked();
        question.and(self.selected.get_untracked()).map(|id| links::account_in(&filter, &id))
    }

    /// An account that is opened from elsewhere may stand on another page of the list (SPEC H-5).
    fn find_the_page(self) {
        Effect::new(move |before: Option<Option<AccountId>>| {
            let now = self.selected.get();
            let opened = before.is_some_and(|before| before != now);
            let filter = self.filter.get_untracked();
            if let Some(id) = now.as_ref().filter(|_| opened && filter.page == 0) {
                let here = self.list.with_untracked(|list| match list {
                    Some(Ok(list)) => list.pages == 1 || list.cards.iter().any(|card| card.id == *id),
                    _ => true,
                });
                if !here {
                    self.list.refetch();
                }
            }
            now
        });
    }

    /// A new question starts without the last one's error.
    fn forget_trouble(self) {
        Effect::new(move |_| {
            self.question.track();
            self.act.clear();
        });
    }

    /// Focus goes into the panel when it opens or a question is left, and back to the card's link when it closes (SPEC H-8).
    fn follow_focus(self) {
        Effect::new(move |before: Option<(Option<AccountId>, Option<Question>)>| {
            let now = (self.selected.get(), self.question.get());
            let (old_id, old_question) = before.unwrap_or_default();
            match (&now.0, &old_id) {
                (Some(id), old) if old.as_ref() != Some(id) => {
                    let card = card_id(id);
                    // The panel is in the page one turn of the event loop later.
                    browser::after(0, move || {
                        browser::focus("panel");
                        browser::scroll_to(&card);
                    });
                }
                (Some(_), _) if old_question.is_some() && now.1.is_none() => {
                    browser::after(0, || {
                        browser::focus("panel");
                    });
                }
                (None, Some(id)) => {
                    browser::focus(&view_id(id));
                }
                _ => {}
            }
            now
        });
    }
}

/// The id of an account's card in the page.
pub fn card_id(id: &AccountId) -> String {
    format!("account-{id}")
}

/// The id of the link that opens its panel.
pub fn view_id(id: &AccountId) -> String {
    format!("view-{id}")
}
