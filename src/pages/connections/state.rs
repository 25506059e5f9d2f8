//! What the page knows, where it asks, and what can be done: one struct, handed to every part.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::ApiError;
use crate::api::accounts::{self, Connections, Detail, Removal};
use crate::api::known::Known;
use crate::api::panel::{self, Recent, TokenDebug};
use crate::domain::filter::Filter;
use crate::domain::id::AccountId;

/// A question that stands before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Disconnect,
    Remove,
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
    pub recent: Resource<Option<Result<Recent, ApiError>>>,
    /// What the platform says about the tokens, if that was asked for.
    pub debug: Resource<Option<Result<TokenDebug, ApiError>>>,
    /// A form that was sent without script came back with an error.
    pub refused: Memo<bool>,
}

impl Desk {
    /// Reads the address and asks the server. Called once, by the page.
    pub fn provide() -> Self {
        let query = use_query_map();
        let asked = move |key: &str| query.with(|query| query.get(key)).filter(|text| !text.is_empty());
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
        let debugging = Memo::new(move |_| selected.get().filter(|_| asked("debug").is_some()));
        let removing = Memo::new(move |_| selected.get().filter(|_| question.get() == Some(Question::Remove)));

        let known = use_context::<Known>().map(|known| known.connections);

        Self {
            filter,
            selected,
            question,
            done,
            refused: Memo::new(move |_| asked("__err").is_some()),
            list: Resource::new(
                move || filter.get(),
                move |filter| {
                    let platform = filter.platform.map(|platform| platform.text()).unwrap_or_default();
                    let account = selected.get_untracked();
                    let known = known.clone();
                    async move {
                        match known {
                            Some(list) => Ok(list),
                            None => {
                                let status = filter.status.key().into();
                                accounts::connections(status, platform, filter.text, filter.page, account).await
                            }
                        }
                    }
                },
            ),
            detail: Resource::new(
                move || selected.get(),
                |id| async move {
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
            recent: Resource::new(
                move || selected.get(),
                |id| async move {
                    match id {
                        Some(id) => Some(panel::recent(id).await),
                        None => None,
                    }
                },
            ),
            debug: Resource::new(
                move || debugging.get(),
                |id| async move {
                    match id {
                        Some(id) => Some(panel::token_debug(id).await),
                        None => None,
                    }
                },
            ),
        }
    }

    /// What the list is narrowed down to, on the page that is shown: an address may leave that to its account.
    pub fn kept(self) -> Filter {
        let filter = self.filter.get();
        self.list.with(|list| match list {
            Some(Ok(list)) => filter.on_page(list.page),
            _ => filter.clone(),
        })
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
