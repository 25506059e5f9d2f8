//! The chat, and whether the bot may publish in it.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::super::Context;
use super::super::failure::{Class, Failure};
use super::super::read::text;
use super::{call, result, send};

const NOT_ADMIN: &str = "the bot is no administrator of the channel with the right to post messages";
const NOT_IN: &str = "the bot is not in the chat any more";
const MUTED: &str = "the bot is restricted and may not send messages";

/// A chat as Telegram describes it.
pub struct Chat {
    pub id: String,
    pub name: String,
    /// With its `@`.
    pub handle: Option<String>,
    channel: bool,
}

impl Chat {
    /// Its public page, where it has one.
    pub fn link(&self) -> Option<String> {
        self.handle.as_ref().map(|handle| format!("https://t.me/{}", handle.trim_start_matches('@')))
    }
}

/// A chat as a person names it: `@name`, a link, or its number. `None` if it can be none of these.
pub fn named(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.parse::<i64>().is_ok_and(|id| id != 0) {
        return Some(typed.to_owned());
    }
    let bare = ["https://t.me/", "http://t.me/", "t.me/", "@"].iter().find_map(|start| typed.strip_prefix(start));
    let name = bare.unwrap_or(typed).trim_end_matches('/');
    let fits = (4..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then(|| format!("@{name}"))
}

/// The bot's own id, which its token begins with; `None` if it is no token.
pub fn bot_id(token: &SecretString) -> Option<&str> {
    let (id, rest) = token.expose_secret().split_once(':')?;
    let fits = !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_digit())
        && rest.len() >= 20
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then_some(id)
}

/// Whether the token is good.
pub async fn bot(cx: &Context<'_>, token: &SecretString) -> Result<(), Failure> {
    let me = call(cx, token, "getMe", &[]).await?;
    match text(&me, "/id") {
        Some(id) if Some(id.as_str()) == bot_id(token) => Ok(()),
        Some(_) => Err(Failure::new(Class::Unknown, "the token speaks for another bot")),
        None => Err(Failure::new(Class::Transient, "getMe answered without an id")),
    }
}

/// The chat, under the id that it has now: a group that became a supergroup has a new one.
pub async fn chat(cx: &Context<'_>, token: &SecretString, named: &str) -> Result<Chat, Failure> {
    let answer = send(cx, token, "getChat", &[("chat_id", named)]).await?;
    let answer = match text(&answer.json_or_null(), "/parameters/migrate_to_chat_id") {
        Some(id) if !answer.is_success() => call(cx, token, "getChat", &[("chat_id", &id)]).await?,
        _ => result(&answer)?,
    };
    let id = text(&answer, "/id").ok_or_else(|| Failure::new(Class::Transient, "getChat answered without an id"))?;
    let handle = text(&answer, "/username").map(|name| format!("@{name}"));
    let name = text(&answer, "/title").or_else(|| text(&answer, "/first_name")).or_else(|| handle.clone());
    let channel = text(&answer, "/type").as_deref() == Some("channel");
    Ok(Chat { name: name.unwrap_or_else(|| id.clone()), id, handle, channel })
}

/// Why the bot can't publish in a chat; `None` if it can.
pub async fn why_not(cx: &Context<'_>, token: &SecretString, chat: &Chat) -> Result<Option<&'static str>, Failure> {
    let bot = bot_id(token).ok_or_else(|| Failure::new(Class::Revoked, "that is not a bot token"))?;
    let member = call(cx, token, "getChatMember", &[("chat_id", &chat.id), ("user_id", bot)]).await?;
    let status = text(&member, "/status")
        .ok_or_else(|| Failure::new(Class::Transient, "getChatMember answered without a status"))?;
    let says = |right: &str, yes: bool| member.get(right).and_then(Value::as_bool) == Some(yes);
    Ok(match status.as_str() {
        "creator" => None,
        "administrator" if !chat.channel || says("can_post_messages", true) => None,
        "administrator" if says("can_post_messages", false) => Some(NOT_ADMIN),
        "administrator" => {
            return Err(Failure::new(Class::Transient, "getChatMember answered without a word about posting"));
        }
        "member" => chat.channel.then_some(NOT_ADMIN),
        "restricted" if says("is_member", false) => Some(NOT_IN),
        "restricted" => says("can_send_messages", false).then_some(MUTED),
        "left" | "kicked" => Some(NOT_IN),
        other => return Err(Failure::new(Class::Unknown, format!("a member of the new kind {other}"))),
    })
}
