//! `/activity`: who did what, when (SPEC W-6). What it is narrowed down to stands in the address.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::activity::{About, Activity, Line, activity};
use crate::domain::activity::{Asked, ITSELF, Kinds, Span};
use crate::ui::empty::{Empty, Skeleton};
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::time::Exact;
use crate::ui::whole::Erase;

/// The filters, one page of lines, and the way to those beside it.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map();
    let word = move |key: &str| query.with(|query| query.get(key)).unwrap_or_default();
    let asked = Memo::new(move |_| Asked::read(|key| Some(word(key))));
    let places = Memo::new(move |_| (word("older"), word("newer")));
    let answer = Resource::new(
        move || (asked.get(), places.get()),
        |(asked, (older, newer))| {
            activity(asked.kinds.key().into(), asked.account, asked.member, asked.span.key().into(), older, newer)
        },
    );
    let body = move || {
        Some(match answer.get()? {
            Ok(log) => whole(log, &asked.get()),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Activity" />
        <div class="page activity">
            <div class="page-head">
                <h1>"Activity"</h1>
                {move || export(&asked.get())}
            </div>
            <Transition fallback=|| view! { <Skeleton count=6 /> }>{body}</Transition>
        </div>
    }
    .erase()
}

/// What the page shows, all pages of it, as a table.
fn export(asked: &Asked) -> AnyView {
    view! {
        <a class="button" href=asked.address(links::ACTIVITY_FILE, &[]) rel="external" download="activity.csv">
            "Export as CSV"
        </a>
    }
    .erase()
}

fn whole(log: Activity, asked: &Asked) -> AnyView {
    let none = log.lines.is_empty();
    view! {
        {filters(&log, asked)}
        {none.then(|| nothing(asked))}
        <ol class="log">{log.lines.into_iter().map(line).collect_view()}</ol>
        {pager(asked, log.older, log.newer)}
    }
    .erase()
}

fn nothing(asked: &Asked) -> AnyView {
    if !asked.narrows() {
        let words = "What is connected, breaks, is mended or changed will stand here.";
        return view! { <Empty icon="clock" title="Nothing has happened yet"><p>{words}</p></Empty> }.erase();
    }
    view! {
        <div class="none-found" role="status">
            <p>"Nothing that happened fits these filters."</p>
            <a class="button" href=links::ACTIVITY>
                "Show everything"
            </a>
        </div>
    }
    .erase()
}

/// A form whose state is the address; without script its button sends it.
fn filters(log: &Activity, asked: &Asked) -> AnyView {
    let kinds = Kinds::ALL.map(|kinds| (kinds.key().to_owned(), kinds.label().to_owned())).to_vec();
    let spans = Span::ALL.map(|span| (span.key().to_owned(), span.label().to_owned())).to_vec();
    let mut members = vec![(String::new(), "Everybody".into()), (ITSELF.to_owned(), "Pilotlight itself".into())];
    members.extend(log.members.iter().cloned());
    let mut accounts = vec![(String::new(), "All accounts".to_owned())];
    accounts
        .extend(log.accounts.iter().map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.platform.name()))));
    view! {
        <search>
            <form class="log-filters" method="get" action=links::ACTIVITY data-quick="true">
                {choice("kind", "What", kinds, asked.kinds.key())}
                {choice("account", "Account", accounts, &asked.account)}
                {choice("member", "Who", members, &asked.member)}
                {choice("time", "When", spans, asked.span.key())}
                <button class="button" type="submit">
                    "Show"
                </button>
            </form>
        </search>
    }
    .erase()
}

fn choice(name: &'static str, label: &'static str, choices: Vec<(String, String)>, chosen: &str) -> AnyView {
    let id = format!("log-{name}");
    let option = |(value, words): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    };
    view! {
        <div>
            <label for=id.clone()>{label}</label>
            <select id=id name=name>
                {choices.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
    .erase()
}

fn line(line: Line) -> AnyView {
    let about = |about: About| {
        view! {
            <a href=links::account(&about.id)>
                <bdi>{about.name}</bdi>
            </a>
            <span class="muted">" (" {about.platform.name()} ")"</span>
            ": "
        }
    };
    view! {
        <li>
            <Icon name=icon(line.kinds) />
            <p dir="auto">{line.account.map(about)} {line.words}</p>
            <p class="muted">
                <Exact at=line.at />
                " · "
                <bdi>{line.by.unwrap_or_else(|| "Pilotlight".into())}</bdi>
            </p>
        </li>
    }
    .erase()
}

fn icon(kinds: Kinds) -> &'static str {
    match kinds {
        Kinds::All | Kinds::Mails => "info",
        Kinds::Connections => "link",
        Kinds::Health => "pulse",
        Kinds::Checks => "refresh",
        Kinds::Webhooks => "external",
        Kinds::Settings => "sliders",
    }
}

fn pager(asked: &Asked, older: Option<String>, newer: Option<String>) -> Option<AnyView> {
    if older.is_none() && newer.is_none() {
        return None;
    }
    let to = |key: &str, place: String, words: &'static str, rel: &'static str| {
        view! {
            <a class="button" href=asked.address(links::ACTIVITY, &[(key, &place)]) rel=rel>
                {words}
            </a>
        }
    };
    let pager = view! {
        <nav class="pager" aria-label="Pages">
            {newer.map(|place| to("newer", place, "Newer", "prev"))}
            {older.map(|place| to("older", place, "Older", "next"))}
        </nav>
    };
    Some(pager.erase())
}
