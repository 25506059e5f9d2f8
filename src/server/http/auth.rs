//! The forms of sign-in, sign-out and set-up. They work without any script: each answer is a redirect.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::session::{self, Rejection};
use super::{cookie, guard};
use crate::server::service::members::{self, Owner, SetUpProblem};
use crate::server::service::{ServiceError, members::normal_email};
use crate::server::state::AppState;

const AFTER: &str = "/connections";

/// What `/auth/sign-in` is sent.
#[derive(Deserialize)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    password: SecretString,
    next: String,
}

impl Default for SignInForm {
    fn default() -> Self {
        Self { email: String::new(), password: SecretString::from(""), next: String::new() }
    }
}

/// `POST /auth/sign-in`.
pub async fn sign_in(
    State(state): State<AppState>,
    Client(address): Client,
    headers: HeaderMap,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let next = if guard::is_our_path(&form.next) && form.next != "/" { form.next.as_str() } else { AFTER };
    let back = |problem: &str| to("/sign-in", &[("problem", problem), ("next", next)]);
    if form.email.trim().is_empty() || form.password.expose_secret().is_empty() {
        return back("missing-field");
    }
    let email = normal_email(&form.email);
    if state.limits.admit(address, &email, state.clock.now()).is_err() {
        tracing::warn!(%address, "too many tries to sign in");
        return back("too-many-tries");
    }
    let before = session::session_hash(&state, &headers);
    match members::sign_in(&state, &email, form.password, before.as_deref()).await {
        Ok(Some(id)) => {
            state.limits.forgive(address, &email);
            (session_cookie(&state, &id), Redirect::to(next)).into_response()
        }
        Ok(None) => back("wrong-credentials"),
        Err(error) => fault(error),
    }
}

/// `POST /auth/sign-out`.
pub async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(hash) = session::session_hash(&state, &headers)
        && let Err(error) = members::sign_out(&state, &hash).await
    {
        return fault(error);
    }
    (cookie::set(&state, session::COOKIE, "", Some(0)), Redirect::to("/sign-in")).into_response()
}

/// What `/auth/set-up` is sent.
#[derive(Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    token: String,
    name: String,
    email: String,
    password: SecretString,
    workspace: String,
}

impl Default for SetUpForm {
    fn default() -> Self {
        let empty = String::new;
        Self { token: empty(), name: empty(), email: empty(), password: SecretString::from(""), workspace: empty() }
    }
}

/// `POST /auth/set-up`.
pub async fn set_up(
    State(state): State<AppState>,
    Client(address): Client,
    form: Result<Form<SetUpForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let back = |problem: &str| to("/set-up", &[("token", &form.token), ("problem", problem)]);
    // Hashing a password is work: not for everybody who comes along.
    if state.limits.admit(address, "set-up", state.clock.now()).is_err() {
        return back("too-many-tries");
    }
    let owner = Owner { name: &form.name, email: &form.email, password: &form.password, workspace: &form.workspace };
    let done = members::set_up(&state, &form.token, &owner).await;
    // Only guessing at the token is held against anybody.
    if !matches!(done, Ok(Err(SetUpProblem::BadToken))) {
        state.limits.forgive(address, "set-up");
    }
    match done {
        Ok(Ok(id)) => (session_cookie(&state, &id), Redirect::to(AFTER)).into_response(),
        Ok(Err(problem)) => back(match problem {
            SetUpProblem::BadToken => "bad-token",
            SetUpProblem::WeakPassword => "weak-password",
            SetUpProblem::BadEmail => "bad-email",
            SetUpProblem::MissingField => "missing-field",
        }),
        Err(error) => fault(error),
    }
}

fn session_cookie(state: &AppState, id: &str) -> impl axum::response::IntoResponseParts {
    let seconds = members::days(state.config.sessions.absolute_days) / 1_000;
    cookie::set(state, session::COOKIE, id, Some(seconds))
}

fn to(page: &str, query: &[(&str, &str)]) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    Redirect::to(&format!("{page}?{query}")).into_response()
}

fn fault(error: ServiceError) -> Response {
    tracing::error!(%error, "a form could not be handled");
    Rejection::Unavailable.into_response()
}

/// The address of whoever sent the request.
pub struct Client(IpAddr);

impl FromRequestParts<AppState> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let told = if state.config.server.behind_proxy { forwarded_for(&parts.headers) } else { None };
        Ok(Self(told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// The entry our own proxy added; all before it are the sender's say-so.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
