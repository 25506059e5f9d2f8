//! Registering an app, once per server.

use serde_json::{Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::state::{App, World};
use super::{SCOPES, error, is_old, split};

const KNOWN: [&str; 5] = ["client_name", "redirect_uris", "redirect_uris[]", "scopes", "website"];

/// `POST /api/v1/apps`, as a form or as JSON.
pub fn register(world: &mut World, call: &Call) -> Answer {
    let invalid = |what: &str| error(422, &format!("Validation failed: {what}"));
    let stranger = match &call.json {
        Some(Value::Object(fields)) => fields.keys().find(|key| !KNOWN.contains(&key.as_str())).cloned(),
        _ => call.form.stranger(&[&KNOWN]).map(str::to_owned),
    };
    if let Some(name) = stranger {
        return Err(invalid(&format!("{name} is unknown")));
    }
    let name = text(call, "client_name").ok_or_else(|| invalid("Application name can't be blank"))?;
    let redirect_uris = redirect_uris(call).map_err(invalid)?;
    if redirect_uris.is_empty() {
        return Err(invalid("Redirect URI can't be blank"));
    }
    if redirect_uris.iter().any(|uri| uri != "urn:ietf:wg:oauth:2.0:oob" && url::Url::parse(uri).is_err()) {
        return Err(invalid("Redirect URI must be an absolute URI."));
    }
    let scopes = split(text(call, "scopes").as_deref().unwrap_or("read"));
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str()) || (scope == "profile" && is_old(&call.host))) {
        return Err(invalid("Scopes doesn't match configured on the server."));
    }
    let (id, secret) = (world.dice.mastodon_token(), world.dice.mastodon_token());
    let body = json!({
        "id": (world.state.apps.len() + 1).to_string(),
        "name": name,
        "website": text(call, "website"),
        "scopes": scopes,
        "redirect_uris": redirect_uris,
        "redirect_uri": redirect_uris.join("\n"),
        "client_id": id,
        "client_secret": secret,
        "client_secret_expires_at": 0,
    });
    world.add_app(id, App { host: call.host.clone(), secret, name, redirect_uris, scopes });
    Ok(Reply::json(200, &body))
}

fn text(call: &Call, name: &str) -> Option<String> {
    let value = match &call.json {
        Some(json) => json.get(name).and_then(Value::as_str),
        None => call.form.get(name),
    };
    value.map(str::to_owned).filter(|value| !value.trim().is_empty())
}

/// One address a line, or, from version 4.3 on, a list.
fn redirect_uris(call: &Call) -> Result<Vec<String>, &'static str> {
    let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let list = match &call.json {
        Some(json) => json
            .get("redirect_uris")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()),
        None => Some(call.form.all("redirect_uris[]")).filter(|list| !list.is_empty()),
    };
    match list {
        Some(_) if is_old(&call.host) => Err("Redirect URI must be an absolute URI."),
        Some(list) => Ok(list),
        None => Ok(text(call, "redirect_uris").map(|text| lines(&text)).unwrap_or_default()),
    }
}
