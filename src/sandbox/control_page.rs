//! The control page's addresses: forms for a person's buttons, and the same as JSON for programs.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::call::{Pairs, Reply};
use super::control::Control;
use super::control_view::page;
use super::fault::{Fault, FaultKind};
use super::html::{document, escape};
use super::http::is_foreign;
use super::overview::overview;
use super::vendor::Vendor;
use super::{Sandbox, SandboxError};

const STYLE: &str = include_str!("page.css");

/// The page's own addresses.
pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(async |State(sandbox): State<Sandbox>| page(&overview(&sandbox)).into_response()))
        .route("/_control.css", get(async || Reply::css(STYLE).into_response()))
        .route("/favicon.ico", get(async || Reply::empty(204).into_response()))
        .route("/_control.json", get(as_json).post(ordered_as_json))
        .route("/_control/order", post(ordered_by_form))
}

async fn as_json(State(sandbox): State<Sandbox>) -> Response<Body> {
    Reply::json(200, &serde_json::to_value(overview(&sandbox)).unwrap_or(Value::Null)).into_response()
}

/// A `Control`, a `Fault`, or `{"clear_faults": true}`.
async fn ordered_as_json(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    if is_foreign(&headers) {
        return Reply::json(403, &json!({"error": "from another site"})).into_response();
    }
    let done = serde_json::from_slice::<Value>(&body)
        .map_err(|error| error.to_string())
        .and_then(|order| ordered(&sandbox, order));
    match done {
        Ok(()) => Reply::json(200, &json!({"done": true})).into_response(),
        Err(why) => Reply::json(400, &json!({"error": why})).into_response(),
    }
}

fn ordered(sandbox: &Sandbox, order: Value) -> Result<(), String> {
    if order == json!({"clear_faults": true}) {
        sandbox.clear_faults();
    } else if order.get("kind").is_some() {
        sandbox.fault(serde_json::from_value::<Fault>(order).map_err(|error| error.to_string())?);
    } else {
        let control = serde_json::from_value::<Control>(order).map_err(|error| error.to_string())?;
        sandbox.control(control).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// A button.
async fn ordered_by_form(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let form = Pairs::parse(&body);
    let vendor = form.get("vendor").unwrap_or_default().to_owned();
    let done = if is_foreign(&headers) { Err("from another site".to_owned()) } else { pressed(&sandbox, &form) };
    match done {
        Ok(()) if Vendor::from_key(&vendor).is_some() => Reply::see_other(format!("/#{vendor}")).into_response(),
        Ok(()) => Reply::see_other("/".into()).into_response(),
        Err(why) => {
            let body = format!(
                "<main><h1>That did not work</h1><p role=\"alert\">{}</p><p><a href=\"/\">Back</a></p></main>",
                escape(&why)
            );
            Reply::html(400, document("Pilotlight sandbox", "consent", &body)).into_response()
        }
    }
}

fn pressed(sandbox: &Sandbox, form: &Pairs) -> Result<(), String> {
    let field = |name: &str| form.get(name).map(str::to_owned).ok_or_else(|| format!("{name} is missing"));
    match field("order")?.as_str() {
        "normal" => sandbox.clear_faults(),
        "fault" => sandbox.fault(Fault::on(&field("vendor")?, kind(&field("kind")?)?, None)),
        order => {
            let mut inner = json!({"vendor": field("vendor")?, "person": field("person")?});
            for name in ["scope", "page"] {
                if let Some(value) = form.get(name) {
                    inner[name] = value.into();
                }
            }
            ordered(sandbox, json!({order: inner}))?;
        }
    }
    Ok(())
}

fn kind(name: &str) -> Result<FaultKind, String> {
    Ok(match name {
        "500" => FaultKind::Status(500),
        "html" => FaultKind::Html,
        "empty" => FaultKind::Empty,
        "huge" => FaultKind::Huge(50 * 1024 * 1024),
        "hang" => FaultKind::Hang,
        "delay" => FaultKind::Delay(3_000),
        other => return Err(SandboxError::Unknown(format!("a fault called {other}")).to_string()),
    })
}
