//! The methods: who the bot is, what a chat is, and what the bot may do in it.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::cast::{self, Page, Person};
use super::super::state::World;
use super::super::vendor::Vendor;
use super::{error, ok};

/// `getMe`.
pub fn me(bot: &Person) -> Reply {
    ok(&json!({"id": number(&bot.id), "is_bot": true, "first_name": bot.name, "username": bot.handle,
        "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false}))
}

/// `getChat`.
pub fn chat(world: &World, call: &Call, bot: &Person) -> Answer {
    let (page, id) = found(world, call, bot)?;
    let upgraded = id != page.id;
    let kind = if upgraded { "supergroup" } else { page.category };
    let mut body = json!({"id": number(&id), "type": kind, "title": page.name, "accent_color_id": 4});
    if !page.username.is_empty() {
        body["username"] = page.username.as_ref().into();
    }
    Ok(ok(&body))
}

/// `getChatMember`.
pub fn member(world: &World, call: &Call, bot: &Person, grant: u64) -> Answer {
    let (page, _) = found(world, call, bot)?;
    let who = parameter(call, "user_id").ok_or_else(|| error(400, "Bad Request: invalid user_id specified"))?;
    if who != bot.id {
        return Err(error(400, "Bad Request: member list is inaccessible"));
    }
    let user = json!({"id": number(&bot.id), "is_bot": true, "first_name": bot.name, "username": bot.handle});
    if page.category != "channel" {
        return Ok(ok(&json!({"user": user, "status": "member"})));
    }
    let kept = world.state.grants.get(&grant).is_some_and(|grant| grant.pages.iter().any(|one| *one == page.id));
    let may = kept && page.tasks.contains(&"can_post_messages");
    Ok(ok(&json!({"user": user, "status": "administrator", "can_be_edited": false, "can_manage_chat": true,
        "can_post_messages": may, "can_edit_messages": may, "is_anonymous": false})))
}

/// The chat that a call names, and its id now.
fn found(world: &World, call: &Call, bot: &Person) -> Result<(Page, String), Reply> {
    let named = parameter(call, "chat_id").ok_or_else(|| error(400, "Bad Request: chat_id is empty"))?;
    let nowhere = || error(400, "Bad Request: chat not found");
    let all = || cast::people(Vendor::Telegram, "").into_iter().flat_map(|person| person.pages);
    let is = |page: &Page| {
        let by_name = named.strip_prefix('@').is_some_and(|name| name.eq_ignore_ascii_case(&page.username));
        by_name || page.id == named || supergroup(&page.id) == named
    };
    let page = all().find(is).ok_or_else(nowhere)?;
    let upgraded = world.state.upgraded.contains(page.id.as_ref());
    if !upgraded && page.id != named && !named.starts_with('@') {
        return Err(nowhere());
    }
    if !bot.pages.iter().any(|own| own.id == page.id) {
        // Public channels can be looked at by every bot, but not who is in them.
        let open = !page.username.is_empty() && call.path.ends_with("/getChat");
        return if open {
            Ok((page.clone(), page.id.to_string()))
        } else {
            Err(error(400, "Bad Request: member list is inaccessible"))
        };
    }
    if !world.has_role(&bot.key, &page.id) {
        return Err(error(403, &format!("Forbidden: bot was kicked from the {} chat", page.category)));
    }
    if upgraded && named == page.id {
        let words = "Bad Request: group chat was upgraded to a supergroup chat";
        let body = json!({"ok": false, "error_code": 400, "description": words,
            "parameters": {"migrate_to_chat_id": number(&supergroup(&page.id))}});
        return Err(Reply::json(400, &body));
    }
    let id = if upgraded { supergroup(&page.id) } else { page.id.to_string() };
    Ok((page, id))
}

/// The id that a group gets when it becomes a supergroup.
fn supergroup(id: &str) -> String {
    format!("-100{}", id.trim_start_matches('-'))
}

/// The Bot API takes parameters from query, form and JSON alike.
fn parameter(call: &Call, name: &str) -> Option<String> {
    let told = call.query.get(name).or_else(|| call.form.get(name)).map(str::to_owned);
    told.or_else(|| {
        let value = call.json.as_ref()?.get(name)?;
        value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
    })
}

fn number(id: &str) -> i64 {
    id.parse().unwrap_or_default()
}
