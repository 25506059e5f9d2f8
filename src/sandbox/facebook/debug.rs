//! `debug_token`: what a token is, asked for by the app.

use serde_json::{Value, json};

use super::super::call::{Call, Reply};
use super::super::state::{Grant, Kind, Token, World};
use super::super::tokens::same;
use super::super::vendor::Vendor;
use super::error::GraphError;
use super::proof::{check, secret};
use super::{APP_ID, APP_NAME, APP_SECRET, known, parameter};

/// Access to data ends this long after the last login.
const DATA_ACCESS_S: i64 = 90 * 86_400;

/// Scopes that are given for pages one by one.
const GRANULAR: [&str; 7] = [
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_read_user_content",
    "read_insights",
];

/// Scopes that are given for Instagram accounts one by one.
const OF_ACCOUNTS: [&str; 4] =
    ["instagram_basic", "instagram_content_publish", "instagram_manage_comments", "instagram_manage_insights"];

/// Answers the call.
pub fn answer(world: &World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["input_token"])?;
    let asking = secret(call).ok_or_else(|| GraphError::request(100, "(#100) You must provide an app access token, or a user access token that is an owner or developer of the app"))?;
    as_app(asking)?;
    let input = parameter(call, "input_token")
        .ok_or_else(|| GraphError::request(100, "(#100) The parameter input_token is required"))?;
    let known = world.state.tokens.get(input).and_then(|token| Some((token, world.state.grants.get(&token.grant)?)));
    let Some((token, grant)) = known.filter(|(_, grant)| grant.vendor == Vendor::Facebook) else {
        let error = GraphError::malformed_token();
        return Ok(Reply::json(200, &json!({"data": {"error": error.inner(), "is_valid": false, "scopes": []}})));
    };
    let mut data = described(world, token, grant);
    if let Err(error) = check(world, input, call.now) {
        data["is_valid"] = false.into();
        data["error"] = error.inner();
    }
    Ok(Reply::json(200, &json!({"data": data})).of(grant.label()))
}

/// Only the app itself may ask: `{app id}|{app secret}`.
fn as_app(token: &str) -> Result<(), GraphError> {
    match token.split_once('|') {
        Some((APP_ID, secret)) if same(secret, APP_SECRET) => Ok(()),
        Some((APP_ID, _)) => Err(GraphError::request(190, "Invalid OAuth access token signature.")),
        Some(_) => Err(GraphError::request(
            190,
            "Error validating application. Cannot get application info due to a system error.",
        )),
        None => Err(GraphError::malformed_token()),
    }
}

fn described(world: &World, token: &Token, grant: &Grant) -> Value {
    let seconds = |ms: i64| ms.div_euclid(1_000);
    let user = world.person(grant).map(|person| person.id).unwrap_or_default();
    let mut data = json!({
        "app_id": APP_ID,
        "type": "USER",
        "application": APP_NAME,
        "data_access_expires_at": seconds(token.issued) + DATA_ACCESS_S,
        "expires_at": token.ends.map_or(0, seconds),
        "is_valid": true,
        "issued_at": seconds(token.issued),
        "scopes": grant.scopes,
        "granular_scopes": granular(grant),
        "user_id": user,
    });
    if let Kind::Page(page) = &token.kind {
        data["type"] = "PAGE".into();
        data["profile_id"] = page.as_str().into();
    }
    data
}

fn granular(grant: &Grant) -> Vec<Value> {
    let accounts = super::instagram::ids_of(&grant.pages);
    let of_accounts = grant.scopes.iter().filter(|scope| OF_ACCOUNTS.contains(&scope.as_str()));
    let of_accounts = of_accounts.map(|scope| json!({"scope": scope, "target_ids": accounts}));
    let of_pages = grant.scopes.iter().filter(|scope| GRANULAR.contains(&scope.as_str()));
    let one = |scope: &String| json!({"scope": scope, "target_ids": grant.pages});
    let business = grant.has("business_management").then(|| json!({"scope": "business_management"}));
    of_pages.map(one).chain(of_accounts).chain(business).collect()
}
