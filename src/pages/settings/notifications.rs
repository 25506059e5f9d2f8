//! Settings > Notifications: who is told of what by mail, and what became of the mails (SPEC ).

use leptos::prelude::*;
use leptos_meta::Title;

use super::mails::mails;
use crate::api::notifications::{KindRule, MailWay, Notifications, Told, notifications};
use crate::domain::notify::AlertKind;
use crate::pages::settings::tabs::{Place, SettingsTabs};
use crate::ui::empty::Skeleton;
use crate::ui::notice::{Notice, Tone};
use crate::ui::whole::Erase;

/// `/settings/notifications`: admins decide for everybody, others for themselves.
#[component]
pub fn NotificationSettings() -> impl IntoView {
    let answer = Resource::new(|| (), |()| notifications());
    let body = move || {
        Some(match answer.get()? {
            Ok(all) => whole(all),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Notifications" />
        <div class="page narrow">
            <SettingsTabs here=Place::Notifications />
            <h1>"Notifications"</h1>
            <Transition fallback=|| view! { <Skeleton count=4 /> }>{body}</Transition>
        </div>
    }
    .erase()
}

fn whole(all: Notifications) -> AnyView {
    let Notifications { now, kinds, zone, zones, way, mails: sent, manages } = all;
    let leaves = matches!(way, MailWay::Server { .. });
    let kinds = kinds.into_iter().map(|rule| if manages { managed(rule) } else { own(rule) }).collect_view();
    view! {
        {way_out(way, manages)}
        <section class="alert-kinds" aria-label="What is told">
            {kinds}
        </section>
        {manages.then(|| zone_form(&zone, zones))}
        {manages.then(|| mails(sent, leaves, now))}
    }
    .erase()
}

/// Where mails go, and a way to try it.
fn way_out(way: MailWay, manages: bool) -> AnyView {
    let test = manages.then(|| {
        view! {
            <form method="post" action="/api/test_mail">
                <button class="button" type="submit">
                    "Send a test mail"
                </button>
                <p class="trouble" role="alert"></p>
            </form>
        }
    });
    match way {
        MailWay::Server { host, from } => view! {
            <p class="muted">"Mails leave through " <strong>{host}</strong> " from " <strong>{from}</strong> "."</p>
            {test}
        }
        .erase(),
        MailWay::Files { dir } => view! {
            <Notice tone=Tone::Warn>
                <p>
                    <strong>"No mail leaves this server. "</strong>
                    {match &dir {
                        Some(_) => "No mail server is set up: mails are written as files instead.",
                        None => "No mail server is set up. The person who runs this Pilotlight can change that.",
                    }}
                </p>
                {dir.map(how_to)}
            </Notice>
            {test}
        }
        .erase(),
    }
}

/// The words an operator needs.
fn how_to(dir: String) -> AnyView {
    view! {
        <p>"The files are in " <code>{dir}</code> "; every mail program opens them. To send them, add this to " <code>"Leptos.toml"</code> " with what your mail provider calls SMTP server, user and password, and start again:"</p>
        <pre class="snippet">{SNIPPET}</pre>
        <p class="muted">
            "The password is better set as PILOTLIGHT_MAIL__PASSWORD in the environment. Port 587 with starttls is the default; for port 465 set security = \"tls\". Mails arrive as wanted mail if the sender's domain allows this server by SPF and DKIM: your provider tells how."
        </p>
    }
    .erase()
}

const SNIPPET: &str = "[mail]\nhost = \"smtp.example.org\"\nuser = \"pilotlight@example.org\"\npassword = \"…\"\nfrom = \"Pilotlight <pilotlight@example.org>\"";

/// A kind, as admins set it for everybody.
fn managed(rule: KindRule) -> AnyView {
    let KindRule { kind, enabled, days, members } = rule;
    let count = members.iter().filter(|one| one.wanted).count();
    let summary = match (enabled, count) {
        (false, _) => "Off".to_owned(),
        (true, 0) => "Nobody is told".into(),
        (true, 1) => "1 member is told".into(),
        (true, many) => format!("{many} members are told"),
    };
    view! {
        <details class="box alert-kind" id=kind.key()>
            <summary>
                <span class="alert-title">{kind.title()}</span>
                <span class="muted">{summary}</span>
            </summary>
            <form method="post" action="/api/set_notification" class="alert-form">
                <input type="hidden" name="kind" value=kind.key() />
                <p class="muted">{meaning(kind)}</p>
                <label class="check">
                    <input type="checkbox" name="enabled" value="true" checked=enabled />
                    "Send these mails"
                </label>
                {days.map(|days| days_field(kind, days))}
                <fieldset class="people">
                    <legend>"To"</legend>
                    {members.into_iter().enumerate().map(member).collect_view()}
                </fieldset>
                <p class="trouble" role="alert"></p>
                <button class="button primary" type="submit">
                    "Save"
                </button>
            </form>
        </details>
    }
    .erase()
}

fn member((at, one): (usize, Told)) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" name=format!("members[{at}]") value=one.id checked=one.wanted />
            <span>
                <bdi>{one.name}</bdi>
                " "
                <span class="muted">{one.email}</span>
            </span>
        </label>
    }
    .erase()
}

fn days_field(kind: AlertKind, days: String) -> AnyView {
    let (label, hint) = match kind {
        AlertKind::Expiring => ("Days before", "Up to five numbers: 7, 1 means seven days before and one day before."),
        _ => ("Days after", "Three numbers: 2, 5, 4 means after two days, then every five days, four times more."),
    };
    let id = format!("days-{}", kind.key());
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id name="days" inputmode="numeric" value=days required=true aria-describedby=hint_id.clone() />
            <p class="hint" id=hint_id>
                {hint}
            </p>
        </div>
    }
    .erase()
}

/// A kind, as other members set it for themselves.
fn own(rule: KindRule) -> AnyView {
    let KindRule { kind, enabled, members, .. } = rule;
    let wanted = members.first().is_some_and(|me| me.wanted);
    let (label, next) = if wanted { ("Stop telling me", None) } else { ("Tell me by mail", Some("true")) };
    let state = match (enabled, wanted) {
        (false, _) => "Your workspace has switched this off.",
        (true, true) => "You are told by mail.",
        (true, false) => "You are not told by mail.",
    };
    view! {
        <div class="box alert-own">
            <p>
                <strong class="alert-title">{kind.title()}</strong>
                <span class="muted">{state}</span>
            </p>
            <form method="post" action="/api/set_own_notification">
                <input type="hidden" name="kind" value=kind.key() />
                {next.map(|next| view! { <input type="hidden" name="wanted" value=next /> })}
                <button class="button" type="submit">
                    {label}
                </button>
            </form>
        </div>
    }
    .erase()
}

fn meaning(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Broken => {
            "Within a minute after an account turns amber. What breaks in the same minute comes in one mail; an account that flickers is told at most once an hour."
        }
        AlertKind::Expiring => "At nine in the morning, for connections that a person has to renew.",
        AlertKind::StillBroken => "At nine in the morning, as long as the account needs a reconnect.",
        AlertKind::Recovered => "To those who were told that it broke.",
        AlertKind::WebhookOff => "When nothing could be delivered to a webhook for five days.",
    }
}

fn zone_form(zone: &str, zones: Vec<String>) -> AnyView {
    let chosen = zone.to_owned();
    let option = move |name: String| {
        let selected = name == chosen;
        view! {
            <option value=name.clone() selected=selected>
                {name.replace('_', " ")}
            </option>
        }
    };
    view! {
        <form method="post" action="/api/set_zone" class="box zone-form">
            <div class="field">
                <label for="zone">"Time zone of this workspace"</label>
                <select id="zone" name="zone" aria-describedby="zone-hint">
                    {zones.into_iter().map(option).collect_view()}
                </select>
                <p class="hint" id="zone-hint">
                    "Reminders leave at nine in the morning there, and mails write times as clocks there show them."
                </p>
            </div>
            <button class="button" type="submit">
                "Save"
            </button>
        </form>
    }
    .erase()
}
