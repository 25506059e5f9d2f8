//! The consent page as a person sees it: who is signed in, what the app asks for, Allow or Cancel. A plain form that posts to
//! its own address, so that it works wherever the sandbox is reached and without scripts.

use std::fmt::Write as _;

use super::call::Reply;
use super::cast::{self, Person};
use super::consent::{Ask, pages_of};
use super::html::{document, escape};
use super::state::World;
use super::vendor::Vendor;

/// The page.
pub fn page(world: &World, ask: &Ask) -> Reply {
    let mut people = String::new();
    for (index, person) in cast::people(ask.vendor, &ask.host).iter().enumerate() {
        people.push_str(&choice_of(world, ask, person, index == 0));
    }
    let mut scopes = String::new();
    for scope in &ask.scopes {
        let scope = escape(scope);
        let _ = write!(
            scopes,
            "<label class=\"tick\"><input type=\"checkbox\" name=\"scope\" value=\"{scope}\" checked><code>{scope}</code></label>"
        );
    }
    let body = format!(
        "<main>\n{}<h1>{} asks for access to your {} account</h1>\n\
         <form method=\"post\" action=\"\">\n\
         <fieldset><legend>You are</legend>{people}</fieldset>\n\
         <fieldset><legend>It may</legend>{scopes}</fieldset>\n\
         <p class=\"buttons\"><button class=\"main\" name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"cancel\" formnovalidate>Cancel</button></p>\n</form>\n\
         <p class=\"small\">Afterwards you return to <code>{}</code></p>\n</main>",
        banner(ask.vendor, &ask.host),
        escape(&ask.app_name),
        ask.vendor.name(),
        escape(&ask.redirect_uri),
    );
    let title = format!("Sandbox - stand-in for {}", ask.vendor.name());
    Reply::html(200, document(&title, "consent", &body)).header("cache-control", "no-store")
}

fn choice_of(world: &World, ask: &Ask, person: &Person, first: bool) -> String {
    let handle = ask.vendor.twin().shown_handle(person, &ask.host);
    let mut html = format!(
        "<div class=\"person\"><label class=\"tick\"><input type=\"radio\" name=\"person\" value=\"{}\" required{}>\
         <span><bdi>{}</bdi> <small>{}</small></span></label>",
        escape(&person.key),
        if first { " checked" } else { "" },
        escape(&person.name),
        escape(&handle),
    );
    if ask.vendor.twin().offers_pages() {
        html.push_str("<div class=\"pages\">");
        let pages = pages_of(world, person);
        if pages.is_empty() {
            html.push_str("<p class=\"small\">No pages</p>");
        }
        for page in pages {
            let _ = write!(
                html,
                "<label class=\"tick\"><input type=\"checkbox\" name=\"page\" value=\"{}\" checked><span><bdi>{}</bdi> <small>{}</small></span></label>",
                page.id,
                escape(&page.name),
                escape(page.category),
            );
        }
        html.push_str("</div>");
    }
    html.push_str("</div>");
    html
}

/// A page on which the vendor refuses to ask.
pub fn refusal(vendor: Vendor, status: u16, words: &str) -> Reply {
    let body = format!(
        "<main>\n{}<h1>Something is wrong</h1>\n<p role=\"alert\" data-refusal>{}</p>\n</main>",
        banner(vendor, ""),
        escape(words)
    );
    Reply::html(status, document(&format!("Sandbox - stand-in for {}", vendor.name()), "consent", &body))
}

/// The words on a refusal's page.
pub fn words(page: &Reply) -> String {
    let text = String::from_utf8_lossy(&page.body).into_owned();
    let after = text.split_once("data-refusal>").map_or("", |(_, after)| after);
    after.split_once("</p>").map_or("", |(words, _)| words).to_owned()
}

fn banner(vendor: Vendor, host: &str) -> String {
    let host =
        if vendor.twin().has_many_hosts() && !host.is_empty() { format!(" ({})", escape(host)) } else { String::new() };
    format!("<p class=\"banner\">Sandbox - stand-in for {}{host}</p>\n", vendor.name())
}
