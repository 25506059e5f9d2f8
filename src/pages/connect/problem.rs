//! Where an attempt to connect ends that did not work: what happened, and what to do (SPEC C-4, C-9).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::domain::explain::{self, Problem};
use crate::domain::filter::escaped;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::ui::explained::Explained;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// `/connect/problem?code=&platform=&account=`
#[component]
pub fn ProblemPage() -> impl IntoView {
    let query = use_query_map();
    let story = move || {
        let asked = |key: &str| query.with(|query| query.get(key)).filter(|text| !text.is_empty());
        let problem = asked("code").and_then(|code| Problem::from_key(&code)).unwrap_or(Problem::Internal);
        let platform = asked("platform").and_then(|key| Platform::from_text(&key));
        let back = asked("back").filter(|back| back.starts_with(links::RECONNECT));
        view! { <Story problem platform account=asked("account").map(AccountId::new) back /> }
    };
    story.erase()
}

#[component]
fn Story(
    problem: Problem,
    platform: Option<Platform>,
    account: Option<AccountId>,
    /// Where the accounts go on that were to come after this one.
    back: Option<String>,
) -> impl IntoView {
    let explanation = explain::problem(problem, platform);
    let title = explanation.title.clone();
    let fresh = platform.and_then(links::connect).unwrap_or_else(|| links::CONNECT.to_string());
    let again = match (platform, &account) {
        (Some(platform), Some(id)) => {
            let again = links::reconnect(platform, id);
            back.as_deref().map_or(again.clone(), |back| format!("{again}&back={}", escaped(back)))
        }
        _ => fresh.clone(),
    };
    let as_new = problem == Problem::WrongAccount && platform.is_some();
    let again_rel = links::rel(&again);
    let fresh_rel = links::rel(&fresh);
    view! {
        <Title text=title />
        <div class="page narrow">
            <div class="form-card">
            <span class="empty-mark" data-tone="warn"><Icon name="alert" /></span>
            <Explained explanation heading=true />
            <div class="answers start">
                <a class="button primary" href=again rel=again_rel>
                    "Try again"
                </a>
                {back
                    .map(|back| {
                        view! {
                            <a class="button" href=back rel="external">
                                "Go on with the next"
                            </a>
                        }
                    })}
                {as_new
                    .then(|| {
                        view! {
                            <a class="button" href=fresh rel=fresh_rel>
                                "Connect it as a new account"
                            </a>
                        }
                    })}
                {match account {
                    Some(id) => view! { <a class="button" href=links::account(&id)>"Open the account"</a> },
                    None => view! { <a class="button" href=links::CONNECTIONS.to_string()>"Go to Connections"</a> },
                }}
            </div>
            </div>
        </div>
    }
    .erase()
}
