//! What the browser may ask and what it is answered: one file a noun.
//!
//! A server function does five things and no more: who asks, may they, one call of a service, map, answer.

pub mod accounts;
pub mod activity;
pub mod banners;
pub mod calendar;
pub mod connect;
pub mod find;
pub mod known;
pub mod launchpad;
pub mod notifications;
pub mod overview;
pub mod panel;
pub mod platforms;
pub mod session;
pub mod webhooks;

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// Everything that may go wrong as far as the browser is told. Library texts never get in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ApiError {
    #[error("Please sign in again.")]
    SignedOut,
    #[error("Your role does not allow this. Ask an admin of the workspace.")]
    Forbidden,
    #[error("This does not exist, or not in this workspace.")]
    NotFound,
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Conflict(String),
    #[error("Too many requests. Please try again in {seconds} seconds.")]
    Busy { seconds: u32 },
    #[error("Something went wrong on our side. The log has it under {id}.")]
    Internal { id: String },
    #[error("The server can't be reached.")]
    Offline,
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Invalid("The request was not understood.".into())
            }
            _ => Self::Internal { id: "-".into() },
        }
    }
}
