//! Settings: who is told of what, webhooks, the calendar, the platforms.

pub mod calendar;
mod hook;
mod mails;
pub mod notifications;
pub mod platforms;
mod tabs;
pub mod webhooks;
