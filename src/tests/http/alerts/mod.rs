//! Who is told of what, when, how often (SPEC 6).

mod mails;
mod reminders;
mod settings;
mod snapshots;
mod webhooks;
mod webhooks_again;
