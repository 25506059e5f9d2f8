//! Every route of the server that is not a page, and the layers around all of them.

use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::services::ServeDir;

use super::assets::{self, Assets};
use super::session::Member;
use super::shell::shell;
use super::{activity, auth, calendar, guard, live, mail, oauth, pictures, session, signals, status};
use crate::api::connect::RECONNECT;
use crate::api::known::Known;
use crate::app::App;
use crate::server::platform::bluesky;
use crate::server::service::launchpad;
use crate::server::state::AppState;

/// The whole web side.
pub fn router(state: AppState) -> Router {
    let not_found = {
        let options = state.leptos.clone();
        move |_| shell(options.clone())
    };
    let context = with_state(&state);
    let files = Assets::of(&state.leptos);
    let package = ServiceBuilder::new()
        .layer(from_fn(move |asked, request, next| assets::keep(files, asked, request, next)))
        .service(ServeDir::new(package_dir(&state)).precompressed_br().precompressed_gzip());
    pages(&state, || {})
        .route("/", get(home))
        .route("/live", get(live::live))
        .route("/activity.csv", get(activity::csv))
        .route("/pictures/{hash}", get(pictures::picture))
        .route("/oauth/start", get(oauth::start))
        .route(RECONNECT, get(oauth::reconnect))
        .route("/oauth/callback/{platform}", get(oauth::callback))
        .route("/oauth/choose", post(oauth::choose))
        .route("/oauth/password", post(oauth::password))
        .route("/auth/sign-in", post(auth::sign_in))
        .route("/auth/sign-out", post(auth::sign_out))
        .route("/auth/set-up", post(auth::set_up))
        .route("/settings/calendar/make", post(calendar::make))
        .route("/settings/calendar/revoke", post(calendar::revoke))
        .layer(from_fn_with_state(state.clone(), session::gate))
        .route("/calendar/{file}", get(calendar::ics))
        .route("/signals/{platform}/{kind}", post(signals::hear))
        .route("/signals/deletions/{code}", get(signals::deletion))
        .route("/mail/unsubscribe/{token}", get(mail::ask).post(mail::end))
        .route(bluesky::client::METADATA_PATH, get(oauth::bluesky_client))
        .route(bluesky::client::JWKS_PATH, get(oauth::bluesky_keys))
        .route("/healthz", get(status::healthz))
        .route("/readyz", get(status::readyz))
        .route("/metrics", get(status::metrics))
        .nest_service("/pkg", package)
        .fallback(leptos_axum::file_and_error_handler_with_context::<AppState, _>(context, not_found))
        .layer(compression())
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

/// The pages alone, rendered from what is `known`: nobody looks who is asking, and nobody asks the database. What the real
/// ones are measured against (`make bench`).
pub fn from_memory(state: &AppState, known: Known) -> Router {
    pages(state, move || provide_context(known.clone()))
        .layer(compression())
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state.clone())
}

/// The pages, with what else they find in their context.
fn pages(state: &AppState, more: impl Fn() + Clone + Send + Sync + 'static) -> Router<AppState> {
    let own = with_state(state);
    let context = move || {
        own();
        more();
    };
    let options = state.leptos.clone();
    Router::new().leptos_routes_with_context(state, page_routes(), context, move || shell(options.clone()))
}

fn with_state(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || provide_context(state.clone())
}

/// `GET /`: to what is next for this member. The page there says what is wrong if the database doesn't answer.
async fn home(State(state): State<AppState>, member: Member) -> Redirect {
    Redirect::to(launchpad::home(&state, &member).await.unwrap_or("/overview"))
}

/// The pages' routes, found once for the process: while Leptos looks for them, a resource that is asked for anywhere in the
/// process waits for ever (leptos-rs/leptos#4773). A test binary makes many routers beside running pages.
fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(App)).clone()
}

/// Compresses pages and answers; not pictures, nor the live stream, which must not wait for more to compress.
fn compression() -> CompressionLayer<impl Predicate> {
    let worthwhile = SizeAbove::new(512)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("application/wasm"));
    CompressionLayer::new().compress_when(worthwhile)
}

fn package_dir(state: &AppState) -> std::path::PathBuf {
    std::path::Path::new(&*state.leptos.site_root).join(&*state.leptos.site_pkg_dir)
}
