//! The newest mails, and how far each is.

use leptos::prelude::*;

use crate::api::notifications::{MailState, SentMail};
use crate::ui::time::Ago;
use crate::ui::whole::Erase;

/// The newest first; one that nobody took can be sent again.
///
/// `leaves`: whether mails leave this server; otherwise "sent" would be a lie.
pub fn mails(sent: Vec<SentMail>, leaves: bool, now: i64) -> AnyView {
    let none = sent.is_empty().then(|| view! { <p class="muted">"No mail was written yet."</p> });
    view! {
        <section class="box" aria-labelledby="mails-title">
            <h2 id="mails-title">"Mails"</h2>
            {none}
            <ul class="sent">{sent.into_iter().map(|mail| line(mail, leaves, now)).collect_view()}</ul>
        </section>
    }
    .erase()
}

/// How far a message is, as a word for eyes and for CSS.
pub fn state_words(state: MailState) -> (&'static str, &'static str) {
    match state {
        MailState::Waiting => ("waiting", "Leaves soon"),
        MailState::Retrying => ("retrying", "Tried again"),
        MailState::Sent => ("sent", "Sent"),
        MailState::Dead => ("dead", "Nobody took it"),
        MailState::Missed => ("missed", "Not sent"),
    }
}

fn line(mail: SentMail, leaves: bool, now: i64) -> AnyView {
    let (key, words) = match mail.state {
        MailState::Sent if !leaves => ("sent", "Kept as a file"),
        other => state_words(other),
    };
    let again = (mail.state == MailState::Dead).then(|| {
        view! {
            <form method="post" action="/api/resend_mail">
                <input type="hidden" name="id" value=mail.id.clone() />
                <button class="button small" type="submit">
                    "Send again"
                </button>
            </form>
        }
    });
    let answer = mail.answer.filter(|_| mail.state != MailState::Sent);
    view! {
        <li data-state=key>
            <span class="sent-what">
                {mail.title}
                <span class="muted">
                    "to " <bdi>{mail.to}</bdi> {mail.resent.then_some(", sent twice: nobody knew whether the first arrived")}
                </span>
                {answer.map(|answer| view! { <span class="muted">{answer}</span> })}
            </span>
            <span class="sent-state">
                <strong>{words}</strong>
                <Ago at=mail.at now />
            </span>
            {again}
        </li>
    }
    .erase()
}
