//! Profile pictures: fetched once, kept by us (SPEC H-1). Their addresses come from platforms and strangers' servers.

use url::Url;

use super::client::{Client, read_body, unsent};
use super::failure::{Class, Failure};
use super::redact::redact;

/// Most redirects that are followed; each address passes the guard.
const MAX_REDIRECTS: usize = 3;

impl Client {
    /// A picture of at most `max_bytes` and its type, which is read from its first bytes and not believed from a header.
    /// Only PNG, JPEG, GIF and WebP: an SVG can carry scripts.
    ///
    /// # Errors
    /// `Transient` if it can't be had now, `Content` if it is no picture of these kinds.
    pub async fn fetch_picture(&self, url: &str, max_bytes: usize) -> Result<(Vec<u8>, &'static str), Failure> {
        let mut next = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let address = self.admitted(&next)?;
            let response = self.http().get(address).send().await.map_err(|error| unsent(&error, &[]))?;
            let status = response.status();
            if status.is_redirection() {
                let target = response.headers().get("location").and_then(|value| value.to_str().ok());
                next = target
                    .and_then(|target| joined(&next, target))
                    .ok_or_else(|| lost("a redirect without an address"))?;
                continue;
            }
            if !status.is_success() {
                return Err(lost(&format!("the picture's server answered {status}")));
            }
            let body = read_body(response, max_bytes).await.map_err(|problem| lost(&problem))?;
            let mime =
                kind(&body).ok_or_else(|| Failure::new(Class::Content, "not a PNG, JPEG, GIF or WebP picture"))?;
            return Ok((body, mime));
        }
        Err(lost("too many redirects"))
    }
}

/// The address a redirect means. It is joined to the platform's own spelling, so that a relative one stays on its host.
fn joined(from: &str, target: &str) -> Option<String> {
    Some(Url::parse(from).ok()?.join(target).ok()?.into())
}

fn lost(why: &str) -> Failure {
    Failure::new(Class::Transient, redact(why, &[]))
}

/// The type that the first bytes tell.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
