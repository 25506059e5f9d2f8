//! What the OAuth 2 platforms share: consent address, PKCE, the token request, and the reading of its answer.
//!
//! Addresses and PKCE lean on standard crates. The token request is our own, because vendors bend the answer in ways
//! that a strict reader takes for an error: numbers as text, lists joined by commas, errors under status 200.

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::answer::Answer;
use super::failure::{Class, Failure};
use super::read::{number, text};
use super::request::Request;
use super::{Context, Tokens};

/// Longest life of a token that is believed, in seconds: what is longer is as good as unknown.
const MAX_LIFE_S: i64 = 20 * 365 * 86_400;

/// The ingredients of a consent page's address.
pub struct Consent<'a> {
    pub page: &'a str,
    pub client_id: &'a str,
    pub redirect_uri: &'a str,
    /// Already joined as the platform wants them.
    pub scope: &'a str,
    pub state: &'a str,
    /// For platforms that know PKCE.
    pub verifier: Option<&'a SecretString>,
    /// The platform's own parameters.
    pub extra: &'a [(&'a str, &'a str)],
}

/// The address of a consent page.
pub fn authorize_url(consent: &Consent<'_>) -> Result<String, Failure> {
    let mut url =
        Url::parse(consent.page).map_err(|_| Failure::new(Class::App, "the consent page's address can't be read"))?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", consent.client_id)
        .append_pair("redirect_uri", consent.redirect_uri)
        .append_pair("scope", consent.scope)
        .append_pair("state", consent.state);
    if let Some(verifier) = consent.verifier {
        url.query_pairs_mut()
            .append_pair("code_challenge", &challenge(verifier)?)
            .append_pair("code_challenge_method", "S256");
    }
    url.query_pairs_mut().extend_pairs(consent.extra);
    Ok(url.into())
}

/// The S256 challenge of a PKCE verifier.
pub(super) fn challenge(verifier: &SecretString) -> Result<String, Failure> {
    let verifier = verifier.expose_secret();
    if !(43..=128).contains(&verifier.len()) {
        return Err(Failure::new(Class::App, "the PKCE verifier must have 43 to 128 characters"));
    }
    let verifier = PkceCodeVerifier::new(verifier.to_owned());
    Ok(PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str().to_owned())
}

/// How our app proves who it is at the token endpoint (platforms.md 16.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    Basic,
    Body,
}

/// A request that carries our app's credentials.
pub fn as_app(cx: &Context<'_>, auth: ClientAuth, request: Request) -> Result<Request, Failure> {
    let app = cx.app()?;
    Ok(match auth {
        ClientAuth::Basic => request.basic(&app.client_id, &app.client_secret),
        ClientAuth::Body => request.form("client_id", &app.client_id).secret_form("client_secret", &app.client_secret),
    })
}

/// The request that trades a code for tokens.
pub fn code_request(url: &str, cx: &Context<'_>, code: &str, verifier: Option<&SecretString>) -> Request {
    let request = Request::post(url)
        .form("grant_type", "authorization_code")
        .form("redirect_uri", cx.redirect_uri)
        .secret_form("code", &SecretString::from(code));
    match verifier {
        Some(verifier) => request.secret_form("code_verifier", verifier),
        None => request,
    }
}

/// The request that trades a refresh token for new tokens; without one the consent must be asked for again.
pub fn refresh_request(url: &str, tokens: &Tokens) -> Result<Request, Failure> {
    let refresh = tokens.refresh.as_ref().filter(|refresh| !refresh.expose_secret().is_empty());
    let refresh = refresh.ok_or_else(|| Failure::new(Class::Revoked, "there is no refresh token"))?;
    Ok(Request::post(url).form("grant_type", "refresh_token").secret_form("refresh_token", refresh))
}

/// Asks a token endpoint and reads its answer. `classify` knows the platform's errors, also those under status 200.
pub async fn tokens(cx: &Context<'_>, request: Request, classify: fn(&Answer) -> Failure) -> Result<Tokens, Failure> {
    tokens_in(&cx.send(request).await?, classify)
}

/// The tokens in what a token endpoint answered.
pub fn tokens_in(answer: &Answer, classify: fn(&Answer) -> Failure) -> Result<Tokens, Failure> {
    if !answer.is_success() {
        return Err(answer.unanswered().unwrap_or_else(|| classify(answer)));
    }
    let body = answer.json()?;
    match read_tokens(&body, answer.now) {
        Some(tokens) => Ok(tokens),
        None if body.get("error").is_some() => Err(classify(answer)),
        None => Err(answer.failure(Class::Transient, "without an access token").doubtful()),
    }
}

/// The tokens in a token endpoint's answer; `None` without an access token.
pub fn read_tokens(body: &Value, now: i64) -> Option<Tokens> {
    let ends = |pointer: &str| {
        let life = number(body, pointer).filter(|life| (1..=MAX_LIFE_S).contains(life))?;
        now.checked_add(life * 1_000)
    };
    Some(Tokens {
        access: text(body, "/access_token")?.into(),
        refresh: text(body, "/refresh_token").map(SecretString::from),
        access_ends_at: ends("/expires_in"),
        refresh_ends_at: ends("/refresh_token_expires_in").or_else(|| ends("/refresh_expires_in")),
        scopes: match body.get("scope") {
            // An empty text names nothing: it does not say that nothing was given.
            Some(Value::String(joined)) => Some(scopes(joined)).filter(|named| !named.is_empty()),
            Some(Value::Array(_)) => super::read::texts(body, "/scope"),
            _ => None,
        },
        binding: None,
    })
}

/// Scopes out of one text; platforms part them by spaces or commas.
pub fn scopes(joined: &str) -> Vec<String> {
    joined.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// Error and description of a standard OAuth error body, in lower case.
pub fn error_words(body: &Value) -> (String, String) {
    let lower = |pointer| text(body, pointer).unwrap_or_default().to_ascii_lowercase();
    (lower("/error"), lower("/error_description"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_consent_address_is_encoded_and_carries_the_challenge() {
        // The pair of RFC 7636, appendix B.
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let consent = Consent {
            page: "https://a.example/authorize?lang=en",
            client_id: "id&1",
            redirect_uri: "https://our.example/cb?x=1",
            scope: "a b",
            state: "s=1",
            verifier: Some(&verifier),
            extra: &[("force_login", "true")],
        };
        let url = authorize_url(&consent).unwrap();
        assert_eq!(
            url,
            "https://a.example/authorize?lang=en&response_type=code&client_id=id%261&redirect_uri=https%3A%2F%2Four.example%2Fcb%3Fx%3D1\
             &scope=a+b&state=s%3D1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&force_login=true"
        );
        let short = SecretString::from("short");
        assert_eq!(authorize_url(&Consent { verifier: Some(&short), ..consent }).unwrap_err().class, Class::App);
    }

    // SPEC C-6
    #[test]
    fn token_answers_are_read_leniently_and_never_guessed() {
        let read = |body: Value| read_tokens(&body, 1_000);
        let full = read(json!({"access_token": "a", "refresh_token": "r", "expires_in": "7200", "scope": "x,y z", "odd": {"k": []}})).unwrap();
        assert_eq!(full.access.expose_secret(), "a");
        assert_eq!(full.refresh.unwrap().expose_secret(), "r");
        assert_eq!(full.access_ends_at, Some(7_201_000));
        assert_eq!(full.scopes, Some(vec!["x".into(), "y".into(), "z".into()]));
        let bare = read(json!({"access_token": "a", "refresh_token": ""})).unwrap();
        assert!(bare.refresh.is_none() && bare.access_ends_at.is_none() && bare.scopes.is_none());
        for life in [json!(0), json!(-1), json!("soon"), json!(null), json!(i64::MAX), json!(1e30)] {
            assert_eq!(read(json!({"access_token": "a", "expires_in": life})).unwrap().access_ends_at, None);
        }
        assert!(read(json!({"access_token": ""})).is_none());
        assert!(read(json!({"token": "a"})).is_none());
        assert!(read(json!([])).is_none());
        for told in [json!(""), json!(" "), json!([{"name": "x"}]), json!(7)] {
            let named = read(json!({"access_token": "a", "scope": told})).unwrap().scopes;
            assert_eq!(named, None, "{told} names nothing, which is not the same as none");
        }
        let list = read(json!({"access_token": "a", "scope": ["x", "y"], "refresh_expires_in": 10})).unwrap();
        assert_eq!((list.scopes.unwrap().len(), list.refresh_ends_at), (2, Some(11_000)));
    }
}
