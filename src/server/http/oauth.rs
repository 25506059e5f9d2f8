//! The plain routes around a consent: start, callback, choice of destinations, app password.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{OriginalUri, Path, Query, RawForm, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Form, Json};
use secrecy::SecretString;
use serde::Deserialize;

use super::cookie;
use super::guard;
use super::session::{MaybeMember, Member};
use crate::api::connect::RECONNECT;
use crate::domain::explain::Problem;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::server::platform::bluesky;
use crate::server::service::callback::{self, Returned};
use crate::server::service::connect::{self, Start};
use crate::server::service::password::{self, Typed};
use crate::server::service::queue::{self, Next, Queue};
use crate::server::service::stop::{Stop, going_on, problem_path};
use crate::server::service::{ServiceError, choose, own_keys};
use crate::server::state::AppState;

/// Name of the cookie that binds an attempt to the browser that began it.
const BROWSER: &str = "pilotlight-flow";

/// What `/oauth/start` is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct StartQuery {
    platform: Option<String>,
    account: Option<String>,
    host: Option<String>,
    handle: Option<String>,
    back: Option<String>,
}

/// `GET /oauth/start`: on to the platform, or to the page that says why not.
///
/// A link of another site must not begin an attempt in a member's name, so it only works from our own pages.
pub async fn start(
    State(state): State<AppState>,
    member: Member,
    headers: HeaderMap,
    query: Result<Query<StartQuery>, QueryRejection>,
) -> Response {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let Some(platform) = query.platform.as_deref().and_then(Platform::from_key) else {
        return Redirect::to(&problem_path(Problem::UnknownAttempt, None, None)).into_response();
    };
    let account = query.account.filter(|id| !id.is_empty()).map(AccountId::new);
    if !guard::from_our_pages(&headers) {
        let path = account.map_or_else(|| "/connections".to_owned(), |id| format!("/connections?account={id}"));
        return Redirect::to(&path).into_response();
    }
    let ask = Start { platform, account, host: query.host, handle: query.handle, back: ours(query.back) };
    go(&state, &member, &headers, ask).await
}

/// Where the person was, if that is a page of ours.
fn ours(back: Option<String>) -> String {
    back.filter(|path| guard::is_our_path(path)).unwrap_or_else(|| "/connections".to_owned())
}

/// Whether somebody can be sent there after a row of reconnects: to a page, not to another consent.
fn is_page(path: &str) -> bool {
    guard::is_our_path(path) && !path.starts_with("/oauth/") && !path.contains('#')
}

/// On to the platform, or to the page that says why not.
async fn go(state: &AppState, member: &Member, headers: &HeaderMap, ask: Start) -> Response {
    let browser = cookie::get(state, headers, BROWSER).filter(|secret| secret.len() >= 43);
    match connect::start(state, member, &ask, browser).await {
        Ok(started) => {
            let cookie = cookie::set(state, BROWSER, &started.browser, Some(connect::FLOW_LIFE_MS / 1000));
            (cookie, Redirect::to(&started.location)).into_response()
        }
        Err(Stop::Fault(ServiceError::NotFound)) => {
            let id = ask.account.map(|id| id.to_string()).unwrap_or_default();
            Redirect::to(&format!("/connections?account={id}")).into_response()
        }
        Err(stop) => {
            let path = going_on(stop.path(Some(ask.platform), ask.account.as_ref()), &ask.back);
            Redirect::to(&path).into_response()
        }
    }
}

/// `GET /oauth/reconnect`: several accounts one after another, from their boxes (`account`, several times), `all` that need
/// it, or where a queue goes on.
pub async fn reconnect(
    State(state): State<AppState>,
    member: Member,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if !guard::from_our_pages(&headers) {
        return Redirect::to("/connections").into_response();
    }
    let query = query.unwrap_or_default();
    if let Some(queue) = Queue::read(&query) {
        return onward(&state, &member, &headers, queue).await;
    }
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let all = fields.iter().any(|(key, _)| key == "all");
    let back = fields.iter().find(|(key, _)| key == "back").map(|(_, path)| path.clone());
    let back = back.filter(|path| is_page(path)).unwrap_or_default();
    let ticked: Vec<AccountId> =
        fields.into_iter().filter(|(key, _)| key == "account").map(|(_, id)| AccountId::new(id)).collect();
    match queue::begin(&state, &member, (!all).then_some(&ticked)).await {
        Ok(queue) => step_aside(&queue.back_to(back).path()),
        Err(error) => Redirect::to(&Stop::from(error).path(None, None)).into_response(),
    }
}

/// Leads on by a page instead of a redirect: our pages' policy follows a form through all its redirects and would stop it
/// at the platform's door.
fn step_aside(path: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><title>Reconnecting</title><p><a href=\"{}\">Go on to the sign-in</a></p></html>",
        path.replace('&', "&amp;")
    );
    ([(header::REFRESH, format!("0; url={path}"))], Html(page)).into_response()
}

/// The next of a queue.
async fn onward(state: &AppState, member: &Member, headers: &HeaderMap, queue: Queue) -> Response {
    // It stood in an address.
    let queue = if is_page(queue.back()) { queue } else { queue.back_to(String::new()) };
    match queue::next(state, member, queue).await {
        Ok(Next::Reconnect(account, rest)) => {
            let (platform, back) = (account.platform, rest.path());
            go(state, member, headers, Start { platform, account: Some(account.id), host: None, handle: None, back })
                .await
        }
        Ok(Next::End(path)) => Redirect::to(&path).into_response(),
        Err(error) => Redirect::to(&Stop::from(error).path(None, None)).into_response(),
    }
}

/// What platforms put into the redirect; everything else in it is ignored.
#[derive(Debug, Default, Deserialize)]
pub struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_code: Option<String>,
    error_description: Option<String>,
    error_message: Option<String>,
    iss: Option<String>,
    scopes: Option<String>,
    granted_scopes: Option<String>,
}

/// `GET /oauth/callback/{platform}`: finishes the attempt and clears its cookie.
pub async fn callback(
    State(state): State<AppState>,
    MaybeMember(member): MaybeMember,
    headers: HeaderMap,
    Path(platform): Path<String>,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<CallbackQuery>, QueryRejection>,
) -> Response {
    let Some(platform) = Platform::from_key(&platform) else {
        return Redirect::to(&problem_path(Problem::UnknownAttempt, None, None)).into_response();
    };
    if let Some(home) = by_name(&state, &headers, &uri) {
        return Redirect::to(&home).into_response();
    }
    // A query that makes no sense (a field twice, say) is one without a state.
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let browser = cookie::get(&state, &headers, BROWSER);
    // Meta names a broken dialog in error_code and error_message only (platforms.md 1).
    let error = query.error.or(query.error_code);
    let returned = Returned {
        code: query.code,
        state: query.state,
        error_description: query.error_description.or(query.error_message),
        error,
        issuer: query.iss,
        scopes: query.scopes.or(query.granted_scopes),
    };
    // Not cancelled when the browser goes away: a code that was sent must be followed by its tokens being stored.
    let work = {
        let (state, member) = (state.clone(), member.clone());
        state.tasks.clone().spawn(async move {
            callback::finish(&state, member.as_ref(), browser.as_deref(), platform, returned).await
        })
    };
    let path = work.await.unwrap_or_else(|_| problem_path(Problem::Internal, Some(platform), None));
    // A queue goes on from here: as a redirect it would look like a link of the platform's.
    let query = path.strip_prefix(RECONNECT).and_then(|rest| rest.strip_prefix('?'));
    match (member, query.and_then(Queue::read)) {
        (Some(member), Some(queue)) => onward(&state, &member, &headers, queue).await,
        _ => Redirect::to(&path).into_response(),
    }
}

/// The same address by the name that people use: a platform may send them back to this machine by its number only, where
/// their browser has none of our cookies.
fn by_name(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let home = &state.config.server.public_url;
    let asked = headers.get(header::HOST)?.to_str().ok()?;
    let by_number = asked == "127.0.0.1" || asked.starts_with("127.0.0.1:");
    let named = home == "http://localhost" || home.starts_with("http://localhost:");
    (by_number && named).then(|| format!("{home}{}", uri.path_and_query().map_or("/", |path| path.as_str())))
}

/// `GET /oauth/bluesky/client-metadata.json`: who we are, for Bluesky's servers. Only where they can reach us.
pub async fn bluesky_client(State(state): State<AppState>) -> Response {
    if !state.config.server.is_https() {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(bluesky::client::metadata(&state.config.server.public_url)).into_response()
}

/// `GET /oauth/bluesky/jwks.json`: the public half of the key by which we prove it.
pub async fn bluesky_keys(State(state): State<AppState>) -> Response {
    match own_keys::bluesky(&state).await {
        Ok(keys) => Json(keys).into_response(),
        Err(error) => {
            tracing::error!(%error, "our public key could not be shown");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// `POST /oauth/choose`: connects the ticked destinations.
pub async fn choose(State(state): State<AppState>, member: Member, RawForm(form): RawForm) -> Response {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&form).into_owned().collect();
    let all =
        |name: &str| fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let grant = GrantId::new(all("grant").pop().unwrap_or_default());
    let path = match choose::choose(&state, &member, &grant, &all("destination")).await {
        Ok((count, first)) => format!("/connections?account={first}&done=connected&count={count}"),
        Err(ServiceError::Invalid(_)) => format!("/connect/choose?grant={grant}&problem=nothing-chosen"),
        Err(ServiceError::Conflict(_)) => format!("/connect/choose?grant={grant}&problem=plan-limit"),
        Err(ServiceError::NotFound) => "/connections".to_owned(),
        Err(error) => Stop::from(error).path(None, None),
    };
    Redirect::to(&path).into_response()
}

/// What `/oauth/password` is sent.
#[derive(Deserialize)]
pub struct PasswordForm {
    platform: String,
    host: Option<String>,
    handle: String,
    password: SecretString,
    account: Option<String>,
    back: Option<String>,
}

/// `POST /oauth/password`: connects with a handle and an app password.
pub async fn password(
    State(state): State<AppState>,
    member: Member,
    form: Result<Form<PasswordForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return Redirect::to(&problem_path(Problem::UnknownAttempt, None, None)).into_response();
    };
    let Some(platform) = Platform::from_key(&form.platform) else {
        return Redirect::to(&problem_path(Problem::UnknownAttempt, None, None)).into_response();
    };
    let typed = Typed {
        platform,
        host: form.host,
        handle: form.handle,
        password: form.password,
        account: form.account.filter(|id| !id.is_empty()).map(AccountId::new),
        back: ours(form.back),
    };
    let path = match password::connect(&state, &member, &typed).await {
        Ok(path) => path,
        Err(stop) => going_on(stop.path(Some(platform), typed.account.as_ref()), &typed.back),
    };
    Redirect::to(&path).into_response()
}
