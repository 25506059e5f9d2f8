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
use super::{auth, guard, live, oauth, pictures, session, signals, status};
use crate::app::App;
use crate::server::platform::bluesky;
use crate::server::service::launchpad;
use crate::server::state::AppState;

/// The whole web side.
pub fn router(state: AppState) -> Router {
    let routes = page_routes();
    let context = {
        let state = state.clone();
        move || provide_context(state.clone())
    };
    let page = {
        let options = state.leptos.clone();
        move || shell(options.clone())
    };
    let not_found = {
        let page = page.clone();
        move |_| page()
    };
    let files = Assets::of(&state.leptos);
    let package = ServiceBuilder::new()
        .layer(from_fn(move |asked, request, next| assets::keep(files, asked, request, next)))
        .service(ServeDir::new(package_dir(&state)).precompressed_br().precompressed_gzip());
    Router::new()
        .route("/", get(home))
        .route("/live", get(live::live))
        .route("/pictures/{hash}", get(pictures::picture))
        .route("/oauth/start", get(oauth::start))
        .route("/oauth/reconnect", get(oauth::reconnect))
        .route("/oauth/callback/{platform}", get(oauth::callback))
        .route("/oauth/choose", post(oauth::choose))
        .route("/oauth/password", post(oauth::password))
        .route("/auth/sign-in", post(auth::sign_in))
        .route("/auth/sign-out", post(auth::sign_out))
        .route("/auth/set-up", post(auth::set_up))
        .leptos_routes_with_context(&state, routes, context.clone(), page)
        .layer(from_fn_with_state(state.clone(), session::gate))
        .route("/signals/{platform}/{kind}", post(signals::hear))
        .route("/signals/deletions/{code}", get(signals::deletion))
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
