//! The control page as a person sees it: the vendors' people, what is alive of their consents, and the buttons.

use std::fmt::Write as _;

use super::call::Reply;
use super::html::{document, escape, hidden};
use super::overview::{GrantView, Overview, PersonView, VendorView};
use super::posts::utc_time;

/// Faults on the buttons, and their words.
const FAULTS: [(&str, &str); 6] = [
    ("500", "Status 500"),
    ("html", "HTML"),
    ("empty", "Empty body"),
    ("huge", "50 MB"),
    ("hang", "No answer"),
    ("delay", "3 s late"),
];

/// The page.
pub fn page(all: &Overview) -> Reply {
    let mut body = String::from(
        "<header><h1>Pilotlight sandbox</h1>\
         <p>Stand-ins for the real platforms. Break a connection here and watch what Pilotlight says. Nothing leaves this machine.</p></header>\n<main>\n",
    );
    body.push_str(&faults(all));
    for vendor in &all.vendors {
        body.push_str(&vendor_section(vendor, all.now_ms));
    }
    body.push_str(&log(all));
    body.push_str("</main>");
    Reply::html(200, document("Pilotlight sandbox", "control", &body)).header("cache-control", "no-store")
}

fn faults(all: &Overview) -> String {
    let mut html =
        String::from("<section id=\"faults\" aria-labelledby=\"h-faults\"><h2 id=\"h-faults\">Faults</h2>\n");
    if all.faults.is_empty() {
        html.push_str("<p class=\"quiet\">Everything answers as it should.</p>\n");
    } else {
        html.push_str("<ul class=\"faults\">");
        for fault in &all.faults {
            let kind = serde_json::to_string(&fault.kind).unwrap_or_default();
            let mut times = fault.times.map(|times| format!(", {times} more")).unwrap_or_default();
            if let Some(share) = fault.share {
                let _ = write!(times, ", {:.0} of 100", share * 100.0);
            }
            let path = fault.path.as_deref().unwrap_or_default();
            let _ = write!(
                html,
                "<li><strong>{}{}</strong> <code>{}</code>{times}</li>",
                escape(&fault.on),
                escape(path),
                escape(&kind)
            );
        }
        html.push_str("</ul>");
        html.push_str(&form(&[("order", "normal")], "Back to normal", "main", ""));
    }
    html.push_str("</section>\n");
    html
}

fn vendor_section(vendor: &VendorView, now: i64) -> String {
    let mut html = format!(
        "<section id=\"{0}\" aria-labelledby=\"h-{0}\"><h2 id=\"h-{0}\">{1}</h2>\n<div class=\"row\">",
        vendor.key, vendor.name
    );
    for (kind, words) in FAULTS {
        html.push_str(&form(&[("order", "fault"), ("vendor", vendor.key), ("kind", kind)], words, "", vendor.name));
    }
    html.push_str("</div>\n<div class=\"people\">\n");
    for person in &vendor.people {
        html.push_str(&person_card(vendor, person, now));
    }
    html.push_str("</div></section>\n");
    html
}

fn person_card(vendor: &VendorView, person: &PersonView, now: i64) -> String {
    let living = person.grants.iter().find(|grant| grant.ended.is_none());
    let handle = match vendor.key {
        "facebook" => String::new(),
        "mastodon" => format!("@{}@{}", person.handle, person.host),
        _ => format!("@{}", person.handle),
    };
    let state = match (&person.standing, living) {
        (Some(standing), _) => format!("{standing:?}").to_lowercase(),
        (None, Some(_)) => "connected".into(),
        (None, None) if person.grants.is_empty() => "never connected".into(),
        (None, None) => "ended".into(),
    };
    let mut html = format!(
        "<article data-state=\"{}\"><h3><bdi>{}</bdi></h3><p class=\"small\">{} <span class=\"state\">{state}</span></p>\n",
        state.split(' ').next().unwrap_or_default(),
        escape(&person.name),
        escape(&handle),
    );
    if let Some(password) = person.app_password {
        let gone = if person.app_password_deleted { " (deleted)" } else { "" };
        let _ = writeln!(html, "<p class=\"small\">App password <code>{password}</code>{gone}</p>");
    }
    if let Some(grant) = living {
        html.push_str(&grant_lines(grant, now));
    }
    html.push_str(&buttons(vendor, person, living));
    html.push_str("</article>\n");
    html
}

fn grant_lines(grant: &GrantView, now: i64) -> String {
    let ends = match grant.access_ends_ms {
        _ if grant.live_access == 0 => "no living access token".to_owned(),
        None => "access without an end".to_owned(),
        Some(ends) => format!("access for {}", span(ends - now)),
    };
    let plural = if grant.live_refresh == 1 { "" } else { "s" };
    let refresh =
        if grant.live_refresh == 0 { String::new() } else { format!(", {} refresh token{plural}", grant.live_refresh) };
    format!("<p class=\"small\">Since {}: {ends}{refresh}</p>\n", minute(grant.since_ms))
}

fn buttons(vendor: &VendorView, person: &PersonView, living: Option<&GrantView>) -> String {
    let one = |order: &str, words: &str, extra: &[(&str, &str)]| {
        let fields = [&[("order", order), ("vendor", vendor.key), ("person", &person.key)], extra].concat();
        form(&fields, words, "", &person.name)
    };
    let mut html = String::from("<div class=\"row\">");
    if living.is_some() {
        html.push_str(&one("expire_access", "Expire", &[]));
        if ["x", "bluesky"].contains(&vendor.key) {
            html.push_str(&one("expire_refresh", "Expire refresh", &[]));
        }
        html.push_str(&one("revoke_grant", "Revoke", &[]));
        html.push_str(&one("change_password", "Change password", &[]));
    }
    if vendor.key == "bluesky" && !person.app_password_deleted {
        html.push_str(&one("delete_app_password", "Delete app password", &[]));
    }
    if person.standing.is_none() {
        html.push_str(&one("deactivate_account", "Deactivate", &[]));
        html.push_str(&one("suspend", "Suspend", &[]));
    }
    if person.standing.is_some() || person.app_password_deleted || person.pages.iter().any(|page| !page.has_role) {
        html.push_str(&one("restore", "Restore", &[]));
    }
    html.push_str("</div>\n");
    if let Some(grant) = living.filter(|grant| !grant.scopes.is_empty()) {
        html.push_str("<details><summary>Permissions</summary>");
        for scope in &grant.scopes {
            html.push_str(&line(
                &format!("<code>{}</code>", escape(scope)),
                &[one("untick", "Untick", &[("scope", scope)])],
            ));
        }
        html.push_str("</details>\n");
    }
    if !person.pages.is_empty() {
        html.push_str("<details><summary>Pages</summary>");
        for page in &person.pages {
            let mut actions = Vec::new();
            if living.is_some_and(|grant| grant.pages.iter().any(|id| *id == page.id)) {
                actions.push(one("untick_page", "Untick page", &[("page", &page.id)]));
            }
            if page.has_role {
                actions.push(one("lose_role", "Lose role", &[("page", &page.id)]));
            }
            let note = if page.may_publish { "" } else { " <small>may not publish</small>" };
            html.push_str(&line(&format!("<bdi>{}</bdi>{note}", escape(&page.name)), &actions));
        }
        html.push_str("</details>\n");
    }
    html
}

fn line(words: &str, actions: &[String]) -> String {
    format!("<div class=\"line\"><span>{words}</span><span class=\"row\">{}</span></div>", actions.concat())
}

/// A form that is one button. `about` tells a screen reader what it is about.
fn form(fields: &[(&str, &str)], words: &str, class: &str, about: &str) -> String {
    let fields: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let label = if about.is_empty() { String::new() } else { format!(" aria-label=\"{words}: {}\"", escape(about)) };
    format!(
        "<form method=\"post\" action=\"/_control/order\">{fields}<button class=\"{class}\"{label}>{words}</button></form>"
    )
}

fn log(all: &Overview) -> String {
    let mut html = String::from(
        "<section id=\"log\" aria-labelledby=\"h-log\"><h2 id=\"h-log\">Requests</h2>\n<div class=\"wide\"><table><thead><tr>\
         <th>When (UTC)</th><th>Call</th><th>Status</th><th>Whose</th></tr></thead><tbody>\n",
    );
    for request in &all.requests {
        let status = if request.status == 0 { "none".to_owned() } else { request.status.to_string() };
        let _ = writeln!(
            html,
            "<tr data-ok=\"{}\"><td>{}</td><td><code>{} {}{}</code></td><td>{status}</td><td>{}</td></tr>",
            (200..400).contains(&request.status),
            utc_time(request.at_ms).replace('T', " ").replace(".000Z", ""),
            escape(&request.method),
            escape(&request.host),
            escape(&request.path),
            escape(request.grant.as_deref().unwrap_or_default()),
        );
    }
    html.push_str("</tbody></table></div>\n");
    if !all.unexpected.is_empty() {
        html.push_str("<h3>Nobody knew what to do with</h3><ul>");
        for one in &all.unexpected {
            let _ = write!(html, "<li><code>{}</code></li>", escape(one));
        }
        html.push_str("</ul>");
    }
    html.push_str("</section>\n");
    html
}

/// A length of time in its largest unit.
fn span(ms: i64) -> String {
    match ms / 60_000 {
        minutes if minutes < 120 => format!("{minutes} min"),
        minutes if minutes < 2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

/// `2026-11-01 12:00`.
fn minute(ms: i64) -> String {
    utc_time(ms).replace('T', " ").chars().take(16).collect()
}
