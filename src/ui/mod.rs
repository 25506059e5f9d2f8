//! Components without data: they are told what to show and never ask anybody.

pub mod avatar;
pub mod browser;
pub mod empty;
pub mod explained;
pub mod form;
pub mod icon;
pub mod links;
pub mod modal;
pub mod notice;
pub mod status;
pub mod time;
pub mod toast;
pub mod whole;
