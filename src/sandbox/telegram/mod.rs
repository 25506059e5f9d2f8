//! Telegram's stand-in (platforms.md section 14): the Bot API on `api.telegram.org`, with the token in the path.
//!
//! There are no consents here. A bot's token counts as one from its first use on, so that it can be taken back: then
//! BotFather has given the bot its second token.

mod methods;

use std::borrow::Cow;

use serde_json::{Value, json};

use super::call::{Answer, Call, Reply};
use super::cast::{self, Page, Person, person};
use super::mint::consent;
use super::state::{Kind, World};
use super::twin::Twin;
use super::vendor::Vendor;

const HOST: &str = "api.telegram.org";
/// The chats of these ids are in [`cast`].
const POSTS: &[&str] = &["can_post_messages"];

/// The stand-in.
pub struct Telegram;

impl Twin for Telegram {
    fn key(&self) -> &'static str {
        "telegram"
    }

    fn name(&self) -> &'static str {
        "Telegram"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        host == HOST
    }

    fn host(&self) -> &'static str {
        HOST
    }

    fn secrets(&self) -> Vec<String> {
        cast::TELEGRAM.into_iter().flat_map(|(_, tokens)| tokens).map(str::to_owned).collect()
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        let chats = vec![
            chat(cast::TELEGRAM_CHANNEL.1, "Harbour Street Bakery 🥐", "harbourbakery", "channel", POSTS),
            chat("-1001730000009", "Market Hall News", "markethallnews", "channel", &[]),
            chat(cast::TELEGRAM_GROUP, "Crumb & Kettle regulars", "", "group", POSTS),
        ];
        vec![
            person(cast::TELEGRAM[0].0, "730100001", "Kettle Bot", "kettle_bot", chats),
            person(cast::TELEGRAM[1].0, "730100002", "Quay Bot", "quay_bot", Vec::new()),
        ]
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let path = call.path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
        let Some((token, method)) = path else { return Err(error(404, "Not Found").unexpected()) };
        let (grant, bot) = bot(world, token, call.now)?;
        match method {
            "getMe" => Ok(methods::me(&bot)),
            "getChat" => methods::chat(world, call, &bot),
            "getChatMember" => methods::member(world, call, &bot, grant),
            _ => Err(error(404, "Not Found: method not found").unexpected()),
        }
        .map(|reply| reply.of(format!("telegram:{}", bot.key)))
    }

    fn too_often(&self, _world: &mut World, _call: &Call, seconds: Option<u32>) -> Reply {
        let mut body =
            json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after some time"});
        if let Some(seconds) = seconds {
            body["description"] = format!("Too Many Requests: retry after {seconds}").into();
            body["parameters"] = json!({"retry_after": seconds});
        }
        Reply::json(429, &body).header_if("retry-after", seconds.map(|seconds| seconds.to_string()))
    }
}

const fn chat(
    id: &'static str,
    name: &'static str,
    username: &'static str,
    category: &'static str,
    tasks: &'static [&'static str],
) -> Page {
    Page { id: Cow::Borrowed(id), name: Cow::Borrowed(name), username: Cow::Borrowed(username), category, tasks }
}

/// A path as it may be shown: the token is part of it.
pub fn shown_path(host: &str, path: String) -> String {
    match path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')).filter(|_| host == HOST) {
        Some((_, method)) => format!("/bot.../{method}"),
        None => path,
    }
}

/// The bot of a token that is good now, and what stands for its consent.
fn bot(world: &mut World, token: &str, now: i64) -> Result<(u64, Person), Reply> {
    let id = token.split_once(':').map(|(id, _)| id).ok_or_else(|| error(404, "Not Found"))?;
    let unauthorized = || error(401, "Unauthorized");
    let bot = cast::by_id(Vendor::Telegram, "", id).ok_or_else(unauthorized)?;
    let revoked = world.consents(Vendor::Telegram, &bot.key).filter(|grant| grant.ended.is_some()).count();
    let tokens = cast::TELEGRAM.into_iter().find(|(key, _)| *key == bot.key).map(|(_, tokens)| tokens);
    let good = tokens.and_then(|tokens| tokens.get(revoked).copied());
    if good != Some(token) {
        return Err(unauthorized().of(format!("telegram:{}", bot.key)));
    }
    let living = world.grants_of(Vendor::Telegram, "", id, &bot.key).first().copied();
    let grant = living.unwrap_or_else(|| {
        let mut fresh = consent(Vendor::Telegram, "", id, &bot, &[], now);
        fresh.pages = bot.pages.iter().map(|page| page.id.to_string()).collect();
        let grant = world.add_grant(fresh);
        world.add_token(token, grant, Kind::Access, now, None);
        grant
    });
    Ok((grant, bot))
}

fn ok(result: &Value) -> Reply {
    Reply::json(200, &json!({"ok": true, "result": result}))
}

/// Errors as the Bot API writes them.
fn error(status: u16, description: &str) -> Reply {
    Reply::json(status, &json!({"ok": false, "error_code": status, "description": description}))
}
