//! The nonce that lets a page's own scripts run, and nobody else's.
//!
//! It belongs to the request, not to the render, and so does the policy that names it (`shell::policy`, set by the guard): once
//! in thousands of pages what a render had to say about its headers got lost, and its scripts with it.

use std::sync::Arc;

use leptos::nonce::Nonce;

tokio::task_local! {
    static NONCE: Arc<str>;
}

/// Answers a request with this nonce.
pub async fn under<A>(nonce: Arc<str>, answer: impl Future<Output = A>) -> A {
    NONCE.scope(nonce, answer).await
}

/// The nonce of the request that is being answered; `None` outside of one.
pub fn current() -> Option<Nonce> {
    NONCE.try_with(|nonce| Nonce::from_value(nonce.clone())).ok()
}
