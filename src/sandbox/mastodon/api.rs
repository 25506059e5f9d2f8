//! The API of a server: what it is, who the token speaks for, and their posts.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::cast::{self, Person};
use super::super::state::{Dead, End, Grant, Kind, World};
use super::super::vendor::Vendor;
use super::super::{html, picture, posts};
use super::{SCOPES, covers, error, is_old};

/// `GET /.well-known/oauth-authorization-server`, from version 4.3 on.
pub fn discovery(call: &Call) -> Answer {
    if is_old(&call.host) {
        return Err(error(404, "Not Found"));
    }
    let at = |path: &str| format!("https://{}{path}", call.host);
    Ok(Reply::json(
        200,
        &json!({
            "issuer": at("/"),
            "service_documentation": "https://docs.joinmastodon.org/",
            "authorization_endpoint": at("/oauth/authorize"),
            "token_endpoint": at("/oauth/token"),
            "revocation_endpoint": at("/oauth/revoke"),
            "app_registration_endpoint": at("/api/v1/apps"),
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }),
    ))
}

/// `GET /api/v2/instance`.
pub fn instance(call: &Call) -> Reply {
    let version = if is_old(&call.host) { "4.2.13" } else { "4.5.2" };
    let types = ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"];
    Reply::json(
        200,
        &json!({
            "domain": call.host,
            "title": format!("{} (sandbox)", call.host),
            "version": version,
            "description": "A server that is not there.",
            "languages": ["en"],
            "configuration": {
                "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
                "media_attachments": {"supported_mime_types": types, "image_size_limit": 16_777_216, "video_size_limit": 103_809_024},
            },
            "registrations": {"enabled": false, "approval_required": false, "message": null},
        }),
    )
}

/// `GET /api/v1/accounts/verify_credentials`.
pub fn verify_credentials(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    if !covers(&grant.scopes, "read:accounts") {
        return Err(error(403, "This action is outside the authorized scopes").of(grant.label()));
    }
    let url = format!("https://{}/@{}", call.host, person.handle);
    let avatar = picture::mastodon(&call.host, &person.id);
    let body = json!({
        "id": person.id,
        "username": person.handle,
        "acct": person.handle,
        "display_name": person.name,
        "locked": false,
        "bot": false,
        "created_at": "2022-11-06T00:00:00.000Z",
        "note": "",
        "url": url,
        "uri": format!("https://{}/users/{}", call.host, person.handle),
        "avatar": avatar,
        "avatar_static": avatar,
        "followers_count": 231,
        "following_count": 88,
        "statuses_count": 5,
        "source": {"privacy": "public", "sensitive": false, "language": "en", "note": "", "fields": []},
    });
    Ok(limits(Reply::json(200, &body), call).of(grant.label()))
}

/// `GET /api/v1/accounts/{id}/statuses`. Public posts need no token; with one, it must be good.
pub fn statuses(world: &World, call: &Call, id: &str) -> Answer {
    let label = match call.bearer() {
        Some(_) => caller(world, call)?.0.label(),
        None => String::new(),
    };
    let person = cast::by_id(Vendor::Mastodon, &call.host, id);
    let person = person.ok_or_else(|| error(404, "Record not found"))?;
    let limit = call.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(20_usize).min(40);
    let status = |post: &posts::Post| {
        let id = format!("11{}0000", post.id);
        json!({
            "url": format!("https://{}/@{}/{id}", call.host, person.handle),
            "uri": format!("https://{}/users/{}/statuses/{id}", call.host, person.handle),
            "id": id,
            "created_at": posts::utc_time(post.at),
            "content": format!("<p>{}</p>", html::escape(post.text)),
            "visibility": "public",
            "sensitive": false,
            "spoiler_text": "",
            "language": "en",
            "reblog": null,
            "media_attachments": [],
        })
    };
    let all: Vec<_> = posts::of(&format!("{id}@{}", call.host), call.now).iter().take(limit).map(status).collect();
    Ok(limits(Reply::json(200, &json!(all)), call).of(label))
}

/// Whose token it is.
fn caller(world: &World, call: &Call) -> Result<(Grant, Person), Reply> {
    let invalid = || {
        error(401, "The access token is invalid")
            .header("www-authenticate", "Bearer realm=\"Doorkeeper\", error=\"invalid_token\"")
    };
    let secret = call.bearer().ok_or_else(invalid)?;
    let known = world.state.tokens.get(secret).and_then(|token| world.state.grants.get(&token.grant));
    let Some(known) = known.filter(|grant| grant.vendor == Vendor::Mastodon && grant.host == call.host) else {
        return Err(invalid());
    };
    let (token, grant) = world.live(secret, call.now).map_err(|dead| {
        let words = match dead {
            Dead::Unknown => return invalid(),
            Dead::Ended(End::Expired) => "The access token expired",
            Dead::Ended(_) => "The access token was revoked",
        };
        error(401, words).of(known.label())
    })?;
    if token.kind == Kind::App {
        return Err(error(422, "This method requires an authenticated user"));
    }
    if world.standing(Vendor::Mastodon, &grant.host, &grant.person).is_some() {
        return Err(error(403, "Your login is currently disabled").of(grant.label()));
    }
    let person = world.person(&grant).ok_or_else(invalid)?;
    Ok((grant, person))
}

fn limits(reply: Reply, call: &Call) -> Reply {
    let reset = (call.seconds().div_euclid(300) + 1) * 300_000;
    reply
        .header("x-ratelimit-limit", "300")
        .header("x-ratelimit-remaining", "290")
        .header("x-ratelimit-reset", posts::utc_time(reset))
}
