//! The API: who the token speaks for, and their posts.

use serde_json::{Map, Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::Person;
use super::super::state::{Grant, Kind, Standing, World};
use super::super::vendor::Vendor;
use super::super::{picture, posts};

const USER_FIELDS: &[&str] =
    &["id", "name", "username", "profile_image_url", "verified", "description", "created_at", "protected", "url"];
const TWEET_FIELDS: &[&str] = &["id", "text", "created_at", "public_metrics", "author_id", "lang"];

/// `GET /2/users/me`.
pub fn me(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    strict(call, &["user.fields", "expansions", "tweet.fields"])?;
    let asked = list(call, "user.fields", USER_FIELDS)?;
    needs(&grant, &["tweet.read", "users.read"])?;
    let all = json!({
        "profile_image_url": picture::x(&person.id),
        "verified": false,
        "description": "",
        "created_at": "2019-05-04T09:00:00.000Z",
        "protected": false,
        "url": "",
        "name": person.name,
        "username": person.handle,
        "id": person.id,
    });
    Ok(limits(Reply::json(200, &json!({"data": picked(&all, &asked, &["id", "name", "username"])})), call)
        .of(grant.label()))
}

/// `GET /2/users/{id}/tweets`.
pub fn tweets(world: &World, call: &Call, id: &str) -> Answer {
    let (grant, person) = caller(world, call)?;
    strict(
        call,
        &[
            "max_results",
            "tweet.fields",
            "user.fields",
            "expansions",
            "exclude",
            "pagination_token",
            "since_id",
            "until_id",
        ],
    )?;
    let asked = list(call, "tweet.fields", TWEET_FIELDS)?;
    needs(&grant, &["tweet.read", "users.read"])?;
    let count = call.query.get("max_results").unwrap_or("10");
    let Some(count) = count.parse::<usize>().ok().filter(|count| (5..=100).contains(count)) else {
        return Err(invalid("max_results", count, "is not between 5 and 100"));
    };
    if id != person.id {
        let detail = format!("Could not find user with id: [{id}].");
        let error = json!({"value": id, "detail": detail, "title": "Not Found Error", "resource_type": "user", "parameter": "id",
            "resource_id": id, "type": "https://api.twitter.com/2/problems/resource-not-found"});
        return Ok(Reply::json(200, &json!({"errors": [error]})).of(grant.label()));
    }
    let tweet = |post: &posts::Post| {
        let all = json!({
            "id": format!("19{}0000", post.id),
            "text": post.text,
            "created_at": posts::utc_time(post.at),
            "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 11, "quote_count": 0},
            "author_id": person.id,
            "lang": "en",
        });
        picked(&all, &asked, &["id", "text"])
    };
    let data: Vec<Value> = posts::of(&person.id, call.now).iter().take(count).map(tweet).collect();
    let body = json!({"meta": {"result_count": data.len()}, "data": data});
    Ok(limits(Reply::json(200, &body), call).of(grant.label()))
}

/// Whose token it is.
fn caller(world: &World, call: &Call) -> Result<(Grant, Person), Reply> {
    let unauthorized = || problem(401, "Unauthorized", "about:blank", "Unauthorized");
    let secret = call.bearer().ok_or_else(unauthorized)?;
    let owner = world
        .state
        .tokens
        .get(secret)
        .and_then(|token| world.state.grants.get(&token.grant))
        .map(Grant::label)
        .unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| unauthorized().of(owner))?;
    let person = world
        .person(&grant)
        .filter(|_| grant.vendor == Vendor::X && token.kind == Kind::Access)
        .ok_or_else(unauthorized)?;
    match world.standing(Vendor::X, "", &grant.person) {
        None => Ok((grant, person)),
        Some(Standing::Suspended) => {
            Err(problem(403, "Forbidden", "about:blank", &format!("User has been suspended: [{}].", person.id))
                .of(grant.label()))
        }
        Some(Standing::Deactivated) => {
            let words = "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in to \
                         https://x.com to unlock your account.";
            Err(Reply::json(403, &json!({"errors": [{"code": 326, "message": words}]})).of(grant.label()))
        }
    }
}

fn needs(grant: &Grant, scopes: &[&str]) -> Result<(), Reply> {
    if scopes.iter().all(|scope| grant.has(scope)) {
        return Ok(());
    }
    let kind = "https://api.twitter.com/2/problems/not-authorized-for-resource";
    Err(problem(
        403,
        "Authorization Error",
        kind,
        "Your client app is not configured with the appropriate oauth2 scopes for this endpoint.",
    )
    .of(grant.label()))
}

fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    match call.query.stranger(&[known]) {
        Some(name) => Err(invalid(
            name,
            call.query.get(name).unwrap_or_default(),
            &format!("is not one of [{}]", known.join(",")),
        )),
        None => Ok(()),
    }
}

/// The names in a list parameter, all of which must be known.
fn list(call: &Call, name: &str, known: &[&str]) -> Result<Vec<String>, Reply> {
    let asked: Vec<String> =
        call.query.get(name).unwrap_or_default().split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    match asked.iter().find(|one| !known.contains(&one.as_str())) {
        Some(one) => Err(invalid(name, one, &format!("is not one of [{}]", known.join(",")))),
        None => Ok(asked),
    }
}

fn picked(all: &Value, asked: &[String], always: &[&str]) -> Value {
    let names = always.iter().copied().chain(asked.iter().map(String::as_str));
    Value::Object(names.filter_map(|name| Some((name.to_owned(), all.get(name)?.clone()))).collect::<Map<_, _>>())
}

fn limits(reply: Reply, call: &Call) -> Reply {
    let reset = (call.seconds().div_euclid(900) + 1) * 900;
    reply
        .header("x-rate-limit-limit", "75")
        .header("x-rate-limit-remaining", "70")
        .header("x-rate-limit-reset", reset.to_string())
}

fn invalid(name: &str, value: &str, why: &str) -> Reply {
    let message = format!("The `{name}` query parameter value [{value}] {why}");
    let kind = "https://api.twitter.com/2/problems/invalid-request";
    let detail = "One or more parameters to your request was invalid.";
    let errors = json!([{"parameters": {name: [value]}, "message": message}]);
    Reply::json(400, &json!({"errors": errors, "title": "Invalid Request", "detail": detail, "type": kind}))
}

fn problem(status: u16, title: &str, kind: &str, detail: &str) -> Reply {
    Reply::json(status, &json!({"title": title, "type": kind, "status": status, "detail": detail}))
}
