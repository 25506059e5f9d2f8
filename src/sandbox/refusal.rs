//! What each vendor says when an app asks too often, or is not the app it says it is.

use serde_json::json;

use super::call::{Call, Reply};
use super::facebook;
use super::posts::utc_time;
use super::state::World;
use super::vendor::{Place, Vendor, place};
use super::{mastodon, x};

/// Too many requests; `seconds` is the wait that the vendor names in its own way, if it names one.
pub fn rate_limited(world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
    let until = seconds.map(|seconds| call.seconds() + i64::from(seconds));
    match vendor_of(call) {
        Vendor::X => {
            let kind = "https://api.twitter.com/2/problems/rate-limit-exceeded";
            let body =
                json!({"title": "Too Many Requests", "type": kind, "status": 429, "detail": "Too Many Requests"});
            let reply = Reply::json(429, &body).header("x-rate-limit-remaining", "0");
            with(reply, "x-rate-limit-reset", until.map(|until| until.to_string()))
        }
        Vendor::Facebook => facebook::too_often(world, call, seconds),
        Vendor::Mastodon => {
            let reply = Reply::json(429, &json!({"error": "Too many requests"})).header("x-ratelimit-remaining", "0");
            with(reply, "x-ratelimit-reset", until.map(|until| utc_time(until * 1_000)))
        }
        Vendor::Bluesky => {
            let body = json!({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"});
            let reply = Reply::json(429, &body).header("ratelimit-remaining", "0");
            with(reply, "ratelimit-reset", until.map(|until| until.to_string()))
        }
    }
}

/// The app's credentials are wrong; `None` where the vendor does not look at them.
pub fn app_refused(world: &mut World, call: &Call) -> Option<Reply> {
    Some(match vendor_of(call) {
        Vendor::X if call.path.starts_with("/2/oauth2/") => x::unknown_app(),
        Vendor::X => {
            let kind = "https://api.twitter.com/2/problems/client-forbidden";
            let words = "This app may not use this endpoint.";
            let body = json!({"title": "Client Forbidden", "type": kind, "status": 403, "detail": words, "reason": "client-not-enrolled"});
            Reply::json(403, &body)
        }
        Vendor::Facebook => facebook::unknown_app(world, call),
        Vendor::Mastodon if call.path.starts_with("/oauth/") => mastodon::unknown_app(),
        // With app passwords no app proves itself; this is what a server says to those that must.
        Vendor::Bluesky if call.path.starts_with("/xrpc/com.atproto.server.") => {
            Reply::json(401, &json!({"error": "invalid_client", "message": "Client authentication failed"}))
        }
        Vendor::Mastodon | Vendor::Bluesky => return None,
    })
}

/// Pictures have no such answers, and no faults of a vendor hit them; a fault of their host speaks like Mastodon.
fn vendor_of(call: &Call) -> Vendor {
    match place(&call.host, &call.path) {
        Place::Vendor(vendor) => vendor,
        Place::Pictures => Vendor::Mastodon,
    }
}

fn with(reply: Reply, name: &'static str, value: Option<String>) -> Reply {
    match value {
        Some(value) => reply.header(name, value),
        None => reply,
    }
}
