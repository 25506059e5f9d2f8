//! Threads' `debug_token`: a token may ask about itself.

use serde_json::json;

use super::super::call::{Call, Reply};
use super::super::facebook::error::GraphError;
use super::super::state::World;
use super::Product;
use super::api::{caller, check, known};

/// Answers the call.
pub fn answer(product: &Product, world: &World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["input_token", "access_token"])?;
    let asking = caller(product, world, call)?;
    let input = call.query.get("input_token");
    let input = input.ok_or_else(|| GraphError::request(100, "(#100) The parameter input_token is required"))?;
    let seconds = |ms: i64| ms.div_euclid(1_000);
    let data = match check(product, world, input, call.now) {
        Ok(known) => json!({
            "type": "USER",
            "application": "Pilotlight",
            "data_access_expires_at": seconds(known.token.issued) + 90 * 86_400,
            "expires_at": known.token.ends.map_or(0, seconds),
            "is_valid": true,
            "issued_at": seconds(known.token.issued),
            "scopes": known.grant.scopes,
            "user_id": known.person.id,
        }),
        Err(error) => json!({"is_valid": false, "error": error.inner(), "scopes": []}),
    };
    Ok(Reply::json(200, &json!({"data": data})).of(asking.grant.label()))
}
