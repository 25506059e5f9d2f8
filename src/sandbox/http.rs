//! HTTP in and out: the first part of a path is the vendor's host, the rest its path there.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response};
use futures::stream;

use super::call::{Call, Reply};
use super::fault::FaultKind;
use super::serve::Cut;
use super::watch::{Moment, Sighting};
use super::{Request, Sandbox, control_page, lock, refusal};

/// Largest body that is read.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// Longest that a request hangs.
const HANG: Duration = Duration::from_secs(600);
const CHUNK: usize = 64 * 1024;

/// The routes.
pub fn router(sandbox: Sandbox) -> Router {
    control_page::routes().fallback(vendor).with_state(sandbox)
}

/// Host and path of a path of ours: `/graph.facebook.com/v25.0/me`.
pub fn split(path: &str) -> (String, String) {
    let trimmed = path.trim_start_matches('/');
    let (host, rest) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    (host.replace("%3A", ":").to_ascii_lowercase(), format!("/{rest}"))
}

async fn vendor(State(sandbox): State<Sandbox>, request: HttpRequest) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let cut = parts.extensions.get::<ConnectInfo<Cut>>().map(|info| info.0.clone());
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return Reply::text(413, "Payload Too Large").into_response();
    };
    answered(&sandbox, &parts, &body).await.unwrap_or_else(|| dropped(cut))
}

/// Answers a request with its body; `None`: the connection is to end without an answer.
pub async fn answered(sandbox: &Sandbox, parts: &Parts, body: &[u8]) -> Option<Response<Body>> {
    let (host, path) = split(parts.uri.path());
    let call = Call::new(parts.method.clone(), &host, &path, parts.uri.query().unwrap_or_default(), sandbox.now())
        .with(&parts.headers, body);
    let under_way = sandbox.sighted(&call).map(|sighting| sandbox.0.watch.arrived(sighting));
    let sighting = under_way.as_ref().map(|under_way| &under_way.sighting);
    let fault = lock(&sandbox.0.faults).take(&call.host, &call.path);
    let response = match fault {
        None => played(sandbox, &call, sighting).into_response(),
        Some(kind) => faulty(sandbox, &call, kind, sighting).await?,
    };
    if let Some(sighting) = sighting {
        sandbox.0.watch.tell(Moment::Answering, sighting);
    }
    Some(response)
}

/// The vendor's answer, noted in the log.
fn played(sandbox: &Sandbox, call: &Call, sighting: Option<&Sighting>) -> Reply {
    let reply = sandbox.answered(call).unwrap_or_else(|error| {
        tracing::error!(%error, "the sandbox lost its memory");
        Reply::text(500, error.to_string())
    });
    note(sandbox, call, reply.status, reply.grant.clone(), reply.unexpected);
    if let Some(sighting) = sighting {
        sandbox.0.watch.processed(sighting, &reply);
    }
    reply
}

fn note(sandbox: &Sandbox, call: &Call, status: u16, grant: Option<String>, unexpected: bool) {
    let request = Request {
        at_ms: call.now,
        method: call.method.to_string(),
        host: call.host.clone(),
        path: call.path.clone(),
        status,
        grant: grant.filter(|grant| !grant.is_empty()),
    };
    sandbox.note(request, unexpected);
}

async fn faulty(
    sandbox: &Sandbox,
    call: &Call,
    kind: FaultKind,
    sighting: Option<&Sighting>,
) -> Option<Response<Body>> {
    let kept_away = |status| {
        note(sandbox, call, status, sighting.map(|sighting| sighting.label.clone()), false);
        if let Some(sighting) = sighting {
            sandbox.0.watch.kept_away(sighting);
        }
    };
    let instead = |reply: Reply| {
        kept_away(reply.status);
        Some(reply.into_response())
    };
    match kind {
        FaultKind::Status(status) => instead(Reply::text(status.clamp(200, 599), "")),
        FaultKind::Html => {
            instead(Reply::html(200, "<!DOCTYPE html><title>Gateway</title><h1>We'll be right back</h1>".into()))
        }
        FaultKind::Empty => instead(Reply::empty(200)),
        FaultKind::WrongJson => {
            instead(Reply::json(200, &serde_json::json!(["something", {"else": [null, 7, "altogether"]}])))
        }
        FaultKind::Reshaped(how) => Some(how.of(played(sandbox, call, sighting)).into_response()),
        FaultKind::RateLimited { seconds } => {
            let reply = refusal::rate_limited(&mut lock(&sandbox.0.world), call, seconds);
            instead(reply)
        }
        FaultKind::AppRefused => {
            let refusal = refusal::app_refused(&mut lock(&sandbox.0.world), call);
            match refusal {
                Some(reply) => instead(reply),
                None => Some(played(sandbox, call, sighting).into_response()),
            }
        }
        FaultKind::Huge(bytes) => {
            kept_away(200);
            Some(huge(bytes))
        }
        FaultKind::Delay(milliseconds) => {
            let reply = played(sandbox, call, sighting);
            waited(sandbox, Duration::from_millis(milliseconds)).await;
            Some(reply.into_response())
        }
        FaultKind::Late(milliseconds) => late(sandbox, call, milliseconds, sighting).await.map(Reply::into_response),
        FaultKind::Hang => {
            kept_away(0);
            waited(sandbox, HANG).await;
            None
        }
        FaultKind::DropConnection => {
            kept_away(0);
            None
        }
        FaultKind::LoseAnswer => {
            played(sandbox, call, sighting);
            None
        }
    }
}

/// Waits, and then has the request its effect, whether or not anybody still waits for the answer.
async fn late(sandbox: &Sandbox, call: &Call, milliseconds: u64, sighting: Option<&Sighting>) -> Option<Reply> {
    let (sandbox, call, sighting) = (sandbox.clone(), call.clone(), sighting.cloned());
    let effect = tokio::spawn(async move {
        let stopped = !waited(&sandbox, Duration::from_millis(milliseconds)).await;
        let now = sandbox.now();
        (!stopped).then(|| played(&sandbox, &Call { now, ..call }, sighting.as_ref()))
    });
    effect.await.ok().flatten()
}

/// Whether the time went by; it does not if the sandbox stops.
async fn waited(sandbox: &Sandbox, time: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => true,
        () = sandbox.0.stop.cancelled() => false,
    }
}

/// Ends the connection without an answer. Without a connection (in a test on the router) the body breaks off.
fn dropped(cut: Option<Cut>) -> Response<Body> {
    if let Some(cut) = cut {
        cut.now();
    }
    let broken: [Result<Bytes, std::io::Error>; 1] = [Err(std::io::ErrorKind::ConnectionReset.into())];
    Response::new(Body::from_stream(stream::iter(broken)))
}

/// A JSON text that goes on and on, made while it is sent.
fn huge(bytes: u64) -> Response<Body> {
    static FILL: [u8; CHUNK] = [b'a'; CHUNK];
    let chunks = stream::unfold((0_u64, bytes), |(sent, bytes)| async move {
        let chunk = match bytes - sent {
            0 => return None,
            _ if sent == 0 => Bytes::from_static(b"{\"data\":\"").slice(..usize::try_from(bytes.min(9)).unwrap_or(9)),
            left => Bytes::from_static(&FILL).slice(..usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)),
        };
        let sent = sent + chunk.len() as u64;
        Some((Ok::<_, Infallible>(chunk), (sent, bytes)))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let kind = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}

/// Whether a page of another site makes the browser send this. The control page is for the person before it.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}
