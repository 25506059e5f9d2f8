//! The Instagram accounts that a person can hand over: those that are linked to a page of theirs.

use serde_json::Value;

use super::super::facebook::pages;
use super::super::failure::Failure;
use super::super::instagram::{destination, profile};
use super::super::read::text;
use super::super::{Context, Destination, Tokens};

/// What is asked of an Instagram account.
pub const ACCOUNT_FIELDS: &str = "id,username,name,profile_picture_url";

/// The field of a page that names its Instagram account.
pub fn linked_field() -> String {
    format!("instagram_business_account{{{ACCOUNT_FIELDS}}}")
}

/// Every linked account within reach, usable or not. Pages without one are left out: there is nothing to choose.
pub async fn all(cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
    let fields = format!("id,name,access_token,tasks,{}", linked_field());
    pages::gathered(cx, tokens, &fields, linked).await
}

fn linked(page: &Value) -> Option<Destination> {
    let account = page.get("instagram_business_account")?;
    let id = text(account, "/id")?;
    let profile = profile(account, &id);
    let (token, unusable) = pages::access(page);
    Some(destination(id, profile, token.map(Into::into), unusable))
}
