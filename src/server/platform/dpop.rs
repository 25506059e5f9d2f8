//! DPoP (RFC 9449): every call proves that it comes from whoever holds the key that the tokens are bound to.
//!
//! Servers want a nonce of theirs in the proof. Who has none, or an old one, is told the new one and asks again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use super::Context;
use super::answer::Answer;
use super::es256::{Key, unique};
use super::failure::{Class, Failure};
use super::read::text;
use super::request::Request;

/// Makes a call with a proof, a second time if the server names a nonce that it wants to see. `make` makes the call anew,
/// because what is in it may be good for once only as well.
///
/// # Errors
/// As [`Context::send`]; `App` where no proof can be made.
pub async fn send(
    cx: &Context<'_>,
    key: &Key,
    token: Option<&SecretString>,
    make: impl Fn() -> Result<Request, Failure> + Send + Sync,
) -> Result<Answer, Failure> {
    let answer = once(cx, key, token, make()?).await?;
    if wants_nonce(&answer) { once(cx, key, token, make()?).await } else { Ok(answer) }
}

async fn once(cx: &Context<'_>, key: &Key, token: Option<&SecretString>, request: Request) -> Result<Answer, Failure> {
    let place = place(&request.url)?;
    let proof = proof(&Proof {
        key,
        method: request.method.as_str(),
        place: &place,
        nonce: cx.http.nonces().of(&origin(&place)).as_deref(),
        token,
        now: cx.now,
    })?;
    let answer = cx.send(request.dpop(token, &proof)).await?;
    if let Some(nonce) = answer.header("dpop-nonce").filter(|nonce| !nonce.is_empty()) {
        cx.http.nonces().remember(&origin(&place), nonce);
    }
    Ok(answer)
}

/// Authorization servers say it with 400, others with 401 (RFC 9449, 8 and 9).
fn wants_nonce(answer: &Answer) -> bool {
    let named = || text(&answer.json_or_null(), "/error").is_some_and(|error| error == "use_dpop_nonce");
    let in_header = || answer.header("www-authenticate").is_some_and(|words| words.contains("use_dpop_nonce"));
    matches!(answer.status, 400 | 401) && answer.header("dpop-nonce").is_some() && (named() || in_header())
}

struct Proof<'a> {
    key: &'a Key,
    method: &'a str,
    place: &'a Url,
    nonce: Option<&'a str>,
    token: Option<&'a SecretString>,
    /// Unix milliseconds.
    now: i64,
}

fn proof(ask: &Proof<'_>) -> Result<SecretString, Failure> {
    let mut claims = json!({
        "jti": unique()?,
        "htm": ask.method,
        "htu": ask.place.as_str(),
        "iat": ask.now.div_euclid(1_000),
    });
    if let Some(nonce) = ask.nonce {
        claims["nonce"] = nonce.into();
    }
    if let Some(token) = ask.token {
        claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose_secret())).into();
    }
    ask.key.sign(json!({"typ": "dpop+jwt", "jwk": ask.key.jwk()}), &claims)
}

/// The address as the server knows it, without query and fragment.
fn place(address: &str) -> Result<Url, Failure> {
    let mut url = Url::parse(address).map_err(|_| Failure::new(Class::App, "the address can't be read"))?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn origin(place: &Url) -> String {
    place.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::response::{IntoResponse, Response};
    use serde_json::Value;

    use super::super::answer::tests::NOW;
    use super::super::es256::{generate, tests::verified};
    use super::super::stub::{Seen, Stub, json as reply};
    use super::*;

    fn key() -> Key {
        Key::read(&generate().unwrap()).unwrap()
    }

    /// Header and claims of the proof in a request, checked against the key that it names.
    fn proof_in(seen: &Seen) -> (Value, Value) {
        let text = seen.headers["dpop"].to_str().unwrap();
        let head = text.split('.').next().unwrap();
        let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
        verified(text, &head["jwk"])
    }

    fn with_nonce(nonce: &str, response: Response) -> Response {
        ([("dpop-nonce", nonce.to_owned())], response).into_response()
    }

    // SPEC C-2: proofs are bound to method, address, time, token and the server's nonce
    #[tokio::test]
    async fn a_proof_says_what_it_is_for_and_carries_the_servers_nonce() {
        let wanted = Mutex::new("n1");
        let stub = Stub::start(move |seen| {
            let mut wanted = wanted.lock().unwrap();
            let (_, claims) = proof_in(seen);
            if claims["nonce"] != *wanted {
                let status = if seen.line.starts_with("POST") { 400 } else { 401 };
                return with_nonce(&wanted, reply(status, serde_json::json!({"error": "use_dpop_nonce"})));
            }
            *wanted = if *wanted == "n1" { "n2" } else { "n3" };
            with_nonce(&wanted, reply(200, serde_json::json!({})))
        })
        .await;
        let (http, key, token) = (stub.client(), key(), SecretString::from("the-token"));
        let cx = stub.cx(&http, None);
        let ask = || Ok(Request::get("https://pds.example/xrpc/x").query("a", "b"));
        assert_eq!(send(&cx, &key, Some(&token), ask).await.unwrap().status, 200);
        assert_eq!(send(&cx, &key, Some(&token), ask).await.unwrap().status, 200);
        let post = || Ok(Request::post("https://as.example/oauth/token?x=1#y"));
        assert_eq!(send(&cx, &key, None, post).await.unwrap().status, 200);
        let seen = stub.seen();
        // Once to learn the nonce of each server; the newer one of an answer is used without asking.
        assert_eq!(seen.len(), 5, "{:?}", stub.lines());
        let (header, claims) = proof_in(&seen[2]);
        assert_eq!((header["typ"].as_str(), &header["jwk"]), (Some("dpop+jwt"), &key.jwk()));
        assert_eq!(claims["htm"], "GET");
        assert_eq!(claims["htu"], "https://pds.example/xrpc/x");
        assert_eq!(claims["iat"], NOW / 1_000);
        assert_eq!(claims["nonce"], "n2");
        assert_eq!(claims["ath"], URL_SAFE_NO_PAD.encode(Sha256::digest("the-token")));
        assert_eq!(seen[2].auth(), "DPoP the-token");
        let (_, claims) = proof_in(&seen[4]);
        assert_eq!(
            (claims["htm"].as_str(), claims["htu"].as_str()),
            (Some("POST"), Some("https://as.example/oauth/token"))
        );
        assert_eq!((claims.get("ath"), seen[4].auth()), (None, ""));
        let ids: std::collections::BTreeSet<_> =
            seen.iter().map(|one| proof_in(one).1["jti"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 5, "no proof is used twice");
    }

    #[tokio::test]
    async fn a_server_that_is_never_content_is_asked_twice_only() {
        let stub = Stub::start(|_| with_nonce("n", reply(400, serde_json::json!({"error": "use_dpop_nonce"})))).await;
        let http = stub.client();
        let answer = send(&stub.cx(&http, None), &key(), None, || Ok(Request::post("https://as.example/t"))).await;
        assert_eq!((answer.unwrap().status, stub.lines().len()), (400, 2));
        // Without a nonce to use there is nothing to say differently.
        let stub = Stub::start(|_| reply(400, serde_json::json!({"error": "use_dpop_nonce"}))).await;
        let http = stub.client();
        send(&stub.cx(&http, None), &key(), None, || Ok(Request::post("https://as.example/t"))).await.unwrap();
        assert_eq!(stub.lines().len(), 1);
    }

    #[tokio::test]
    async fn nothing_secret_is_in_a_failure() {
        let stub = Stub::start(|seen| {
            let said = format!("{} {}", seen.auth(), seen.headers["dpop"].to_str().unwrap());
            reply(403, serde_json::json!({"error": "Odd", "message": said}))
        })
        .await;
        let (http, token) = (stub.client(), SecretString::from("the-token"));
        let answer =
            send(&stub.cx(&http, None), &key(), Some(&token), || Ok(Request::get("https://a.example/t"))).await;
        let answer = answer.unwrap();
        let failure = answer.failure(Class::Unknown, &String::from_utf8_lossy(&answer.body));
        assert!(!failure.detail.contains("the-token") && !failure.detail.contains("eyJ"), "{}", failure.detail);
    }
}
