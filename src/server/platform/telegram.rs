//! Telegram by a bot of the person's own (platforms.md section 14).
//!
//! There is no consent page: a person types the bot's token and names the chat that it is to publish in. The chat is what
//! is connected; the bot is only the key to it, so another bot may take its place at a reconnect. Tokens never end, but
//! travel in the path of every address.

mod chat;
mod refusal;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::answer::Answer;
use super::failure::{Class, Failure};
use super::request::Request;
use super::{Adapter, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Subject, Tokens};
use crate::domain::explain::Problem;
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use chat::bot_id;
use refusal::classify;

const API: &str = "https://api.telegram.org";

static FACTS: Facts = Facts {
    platform: Platform::Telegram,
    required_scopes: &[],
    optional_scopes: &[],
    refresh: RefreshKind::None,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://t.me/BotFather",
};

/// The adapter.
pub struct Telegram;

#[async_trait]
impl Adapter for Telegram {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// The name is the chat's, the password is the bot's token.
    async fn sign_in(
        &self,
        cx: &Context<'_>,
        typed: &str,
        token: &SecretString,
    ) -> Result<(Tokens, Identity), Failure> {
        let token = SecretString::from(token.expose_secret().trim());
        if bot_id(&token).is_none() {
            return Err(Failure::new(Class::Content, "that is not a bot token").told_as(Problem::WrongPassword));
        }
        let Some(named) = chat::named(typed) else {
            return Err(Failure::new(Class::Content, "that names no chat").told_as(Problem::NoDestination));
        };
        chat::bot(cx, &token).await.map_err(|failure| match failure.class {
            Class::Revoked => failure.told_as(Problem::WrongPassword),
            _ => failure,
        })?;
        let nowhere = |failure: Failure| match failure.class {
            Class::Role => failure.told_as(Problem::NoDestination),
            _ => failure,
        };
        let chat = chat::chat(cx, &token, &named).await.map_err(nowhere)?;
        if let Some(why) = chat::why_not(cx, &token, &chat).await.map_err(nowhere)? {
            return Err(Failure::new(Class::Role, why).told_as(Problem::PermissionsMissing));
        }
        let identity = Identity { id: chat.id.clone(), name: chat.name, handle: chat.handle, host: None, alias: None };
        Ok((tokens(token, chat.id), identity))
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let chat = chat::chat(cx, &tokens.access, bound(tokens)?).await?;
        Ok(Identity { id: chat.id, name: chat.name, handle: chat.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let chat = chat::chat(cx, &tokens.access, bound(tokens)?).await?;
        let unusable = chat::why_not(cx, &tokens.access, &chat).await?;
        Ok(vec![Destination {
            link: chat.link(),
            id: chat.id,
            name: chat.name,
            handle: chat.handle,
            // Its address would carry the bot's token.
            picture_url: None,
            token: None,
            unusable: unusable.map(str::to_owned),
        }])
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let token = &subject.tokens.access;
        chat::bot(cx, token).await?;
        let chat = chat::chat(cx, token, subject.destination_id).await?;
        if let Some(why) = chat::why_not(cx, token, &chat).await? {
            return Err(Failure::new(Class::Role, why));
        }
        let moved = (chat.id != subject.destination_id).then_some(chat.id);
        let profile = Profile { name: chat.name, handle: chat.handle, picture_url: None };
        Ok(Probe { moved, profile: Some(profile), ..Probe::default() })
    }

    /// Bots can't read what was posted.
    fn reads_posts(&self) -> bool {
        false
    }

    async fn recent_posts(&self, _cx: &Context<'_>, _subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        Ok(Vec::new())
    }

    /// Only its owner can end a bot's token, in BotFather. Forgetting it is all that can be done from here.
    async fn revoke(&self, _cx: &Context<'_>, _tokens: &Tokens) -> Result<(), Failure> {
        Ok(())
    }
}

fn tokens(token: SecretString, chat: String) -> Tokens {
    Tokens {
        access: token,
        refresh: None,
        access_ends_at: None,
        refresh_ends_at: None,
        scopes: None,
        binding: Some(chat.into()),
    }
}

fn bound(tokens: &Tokens) -> Result<&str, Failure> {
    let chat = tokens.binding.as_ref().map(ExposeSecret::expose_secret);
    chat.ok_or_else(|| Failure::new(Class::App, "the token was stored without its chat"))
}

/// Calls a method and answers its result.
async fn call(cx: &Context<'_>, token: &SecretString, method: &str, fields: &[(&str, &str)]) -> Result<Value, Failure> {
    result(&send(cx, token, method, fields).await?)
}

/// Calls a method. The token is part of the address, so it is named as a secret of the call.
async fn send(
    cx: &Context<'_>,
    token: &SecretString,
    method: &str,
    fields: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let address = format!("{API}/bot{}/{method}", token.expose_secret());
    let request =
        fields.iter().fold(Request::get(address).hide(token), |request, (name, value)| request.query(name, value));
    cx.send(request).await
}

fn result(answer: &Answer) -> Result<Value, Failure> {
    let body = answer.accepted(classify)?;
    match body.get("ok").and_then(Value::as_bool) {
        Some(true) => Ok(body.get("result").cloned().unwrap_or(Value::Null)),
        Some(false) => Err(classify(answer)),
        None => Err(answer.failure(Class::Transient, "an answer that says neither yes nor no")),
    }
}

#[cfg(test)]
mod tests;
