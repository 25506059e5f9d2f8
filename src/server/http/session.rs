//! Who is asking: from the cookie to the member, for server functions, for handlers, and for pages before they render.

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::cookie;
use crate::api::ApiError;
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::role::{Action, Role};
use crate::server::digest::sha256;
use crate::server::service::ServiceError;
use crate::server::state::AppState;
use crate::server::store::{StoreError, sessions};
use crate::server::vault::VaultError;

/// Name of the cookie that holds the session's id.
pub const COOKIE: &str = "pilotlight";

/// How old the note of the last visit may get before it is written again, in milliseconds.
const TOUCH_EVERY_MS: i64 = 60_000;

/// A signed-in member of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub role: Role,
    /// The session's name in the store.
    pub session_hash: String,
    pub name: String,
    pub email: String,
}

impl Member {
    /// Whether this member's role allows `action`.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn may(&self, action: Action) -> Result<(), ServiceError> {
        if self.role.may(action) { Ok(()) } else { Err(ServiceError::Forbidden) }
    }
}

/// A member, or nobody.
pub struct MaybeMember(pub Option<Member>);

/// The member behind this request's cookie, if the session is still good.
///
/// # Errors
/// When the database does not answer.
pub async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Option<Member>, StoreError> {
    match cookie::get(state, headers, COOKIE) {
        Some(id) => find(state, &id).await,
        None => Ok(None),
    }
}

/// The member of the session whose id this is, if it is still good.
///
/// # Errors
/// When the database does not answer.
pub async fn find(state: &AppState, id: &str) -> Result<Option<Member>, StoreError> {
    let hash = sha256(id.as_bytes());
    let now = state.clock.now();
    let idle_since = state.config.sessions.idle_since(now);
    let Some(session) = sessions::find(&state.db, &hash, now, idle_since).await? else { return Ok(None) };
    if now - session.seen_at >= TOUCH_EVERY_MS {
        let mut tx = state.db.begin().await?;
        sessions::touch(&mut tx, &hash, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Member {
        user: session.user,
        workspace: session.workspace,
        role: session.role,
        session_hash: hash,
        name: session.name,
        email: session.email,
    }))
}

/// The store's name of the session this browser says it has.
pub fn session_hash(state: &AppState, headers: &HeaderMap) -> Option<String> {
    cookie::get(state, headers, COOKIE).map(|id| sha256(id.as_bytes()))
}

/// The server's state and the member, for a server function. It comes first in every one of them: while a page is
/// rendered they are plain calls, and no layer of the router has looked at them.
///
/// # Errors
/// [`ApiError::SignedOut`].
pub async fn require() -> Result<(AppState, Member), ApiError> {
    let (Some(state), Some(parts)) = (use_context::<AppState>(), use_context::<Parts>()) else {
        return Err(answer(ServiceError::Broken("a server function was called without a request".into())));
    };
    if let Some(member) = parts.extensions.get::<Member>() {
        return Ok((state, member.clone()));
    }
    match authenticate(&state, &parts.headers).await {
        Ok(Some(member)) => Ok((state, member)),
        Ok(None) => Err(answer(ServiceError::SignedOut)),
        Err(error) => Err(answer(error.into())),
    }
}

/// What the browser is told of an error, with the HTTP status that belongs to it. What is our fault goes to the log
/// under an id.
pub fn answer(error: ServiceError) -> ApiError {
    let told = match error {
        ServiceError::SignedOut => ApiError::SignedOut,
        ServiceError::Forbidden => ApiError::Forbidden,
        ServiceError::NotFound => ApiError::NotFound,
        ServiceError::Invalid(words) => ApiError::Invalid(words),
        ServiceError::Conflict(words) => ApiError::Conflict(words),
        ServiceError::Busy { seconds } => ApiError::Busy { seconds },
        ServiceError::ReadOnly(_) | ServiceError::Vault(VaultError::ReadOnly(_)) => {
            ApiError::Conflict("Nothing can be stored now: Pilotlight is read-only until its key is back.".into())
        }
        fault @ (ServiceError::Store(_) | ServiceError::Vault(_) | ServiceError::Broken(_)) => internal(&fault),
    };
    set_status(&told);
    told
}

fn internal(fault: &ServiceError) -> ApiError {
    let id = use_context::<AppState>().map_or_else(|| "-".into(), |state| state.random.uuid(state.clock.now()));
    tracing::error!(%id, error = %fault, "a request failed");
    ApiError::Internal { id }
}

/// Only answers of server functions get the status: a page that shows an error is still a page, and a form that was
/// sent without any script must keep the redirect back to where it stands.
fn set_status(error: &ApiError) {
    let (Some(response), Some(parts)) = (use_context::<ResponseOptions>(), use_context::<Parts>()) else { return };
    if !parts.uri.path().starts_with("/api/") || accepts_html(&parts.headers) {
        return;
    }
    response.set_status(status(error));
    if let ApiError::Busy { seconds } = error {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
}

/// The HTTP status of an error.
pub fn status(error: &ApiError) -> StatusCode {
    match error {
        ApiError::SignedOut => StatusCode::UNAUTHORIZED,
        ApiError::Forbidden => StatusCode::FORBIDDEN,
        ApiError::NotFound => StatusCode::NOT_FOUND,
        ApiError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ApiError::Conflict(_) => StatusCode::CONFLICT,
        ApiError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        ApiError::Internal { .. } | ApiError::Offline => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Why a handler did not get its member.
pub enum Rejection {
    /// A page was asked for: to the sign-in, and back afterwards.
    SignIn(Uri),
    SignedOut,
    Unavailable,
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let no_store: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::SignIn(uri) => ([no_store], Redirect::to(&sign_in_path(&uri))).into_response(),
            Self::SignedOut => (StatusCode::UNAUTHORIZED, [no_store], "Please sign in again.").into_response(),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, [no_store], "Pilotlight can't reach its database.").into_response()
            }
        }
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let MaybeMember(member) = MaybeMember::from_request_parts(parts, state).await?;
        member.ok_or_else(|| signed_out(&parts.method, &parts.headers, &original_uri(parts)))
    }
}

impl FromRequestParts<AppState> for MaybeMember {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        if let Some(member) = parts.extensions.get::<Member>() {
            return Ok(Self(Some(member.clone())));
        }
        authenticate(state, &parts.headers).await.map(Self).map_err(unavailable)
    }
}

/// Stands before every page: without a session the browser goes to the sign-in before anything is rendered, since a
/// page can't redirect any more once its first bytes are out.
pub async fn gate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let member = match authenticate(&state, request.headers()).await {
        Ok(member) => member,
        Err(error) => return unavailable(error).into_response(),
    };
    match member {
        Some(member) => {
            request.extensions_mut().insert(member);
        }
        None if is_open(request.uri().path()) => {}
        None => return signed_out(request.method(), request.headers(), request.uri()).into_response(),
    }
    next.run(request).await
}

/// What people see who are not signed in. `/api/` and the callback decide for themselves.
fn is_open(path: &str) -> bool {
    matches!(path, "/sign-in" | "/set-up")
        || ["/auth/", "/api/", "/oauth/callback/"].iter().any(|part| path.starts_with(part))
}

fn signed_out(method: &Method, headers: &HeaderMap, uri: &Uri) -> Rejection {
    let page = method == Method::GET && (accepts_html(headers) || !headers.contains_key(header::ACCEPT));
    if page { Rejection::SignIn(uri.clone()) } else { Rejection::SignedOut }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn sign_in_path(uri: &Uri) -> String {
    let wanted = uri.path_and_query().map_or("/", |path| path.as_str());
    if wanted == "/" {
        return "/sign-in".into();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    format!("/sign-in?{query}")
}

fn original_uri(parts: &Parts) -> Uri {
    parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |OriginalUri(uri)| uri.clone())
}

fn unavailable(error: StoreError) -> Rejection {
    tracing::error!(%error, "a session could not be looked up");
    Rejection::Unavailable
}
