//! A way in without sockets, for simulations in the same process.

use std::io;

use axum::body::Bytes;
use axum::http;

use super::{Sandbox, http as door};

impl Sandbox {
    /// Answers a request to a stand-in as the router would, with faults, log and watch: `/graph.facebook.com/v25.0/me`. The
    /// control page is not among them. Whoever drops the future has hung up.
    ///
    /// # Errors
    /// The connection would have ended without an answer.
    pub async fn call(&self, request: http::Request<Bytes>) -> io::Result<http::Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let answer = door::answered(self, &parts, &body).await.ok_or(io::ErrorKind::ConnectionReset)?;
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.map_err(io::Error::other)?;
        Ok(http::Response::from_parts(parts, body))
    }
}
