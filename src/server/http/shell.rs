//! The HTML document around every page, and the policy that guards it.

use axum::http::HeaderValue;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use super::assets::Assets;
use super::nonce;
use crate::app::App;
use crate::ui::links;

/// Applies a chosen theme before the first paint; `localStorage` is out of the server's reach.
const THEME: &str = "try{var t=localStorage.getItem('theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}";

/// The document. Its scripts carry the nonce of the request (`nonce.rs`).
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let nonce = nonce::current();
    // For scripts of the framework's own.
    if let Some(nonce) = nonce.clone() {
        provide_context(nonce);
    }
    let files = Assets::of(&options);
    // The tab takes the page as it is (`tab`): the data behind it need not travel with it.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#f6f7fa" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#14161d" media="(prefers-color-scheme: dark)" />
                <script nonce=nonce.clone()>{THEME}</script>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link id="style" rel="stylesheet" href=files.address("css") />
                <AutoReload options />
                <link rel="modulepreload" href=files.address("js") nonce=nonce.clone() />
                <link rel="preload" href=files.address("wasm") r#as="fetch" r#type="application/wasm" crossorigin="" />
                <script type="module" nonce=nonce>
                    {start(files)}
                </script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Starts the WebAssembly. Without it the page is as it is.
fn start(files: &Assets) -> String {
    let (js, wasm) = (files.address("js"), files.address("wasm"));
    format!("import('{js}').then(m=>m.default({{module_or_path:'{wasm}'}}).then(()=>m.hydrate()))")
}

/// The policy of a page at `path` whose scripts carry this nonce.
pub fn policy(path: &str, nonce: &str) -> Option<HeaderValue> {
    // Browsers hold a form's redirects to this list as well, and these forms end at a server of the person's choice.
    let forms = if links::is_open_ended(path) { "'self' https: http:" } else { "'self'" };
    // `cargo leptos watch` reloads the page through a socket of its own.
    let watch = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'{watch}; font-src 'self'; manifest-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}
