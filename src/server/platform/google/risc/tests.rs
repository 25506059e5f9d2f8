use serde_json::json;

use super::super::super::stub::{Stub, json as reply};
use super::*;

/// The public half of a key whose private half was thrown away after these messages had been signed with it.
const MODULUS: &str = "zgjh4ui61DSA89tbMEvZFn7HfzlQOfshcffQaa6oLF0Xmf-Qi-tJRlVwpGHyCAxNTukGbgwlP9ZJYRWG5rV8mG-qAa3xF6IyNoeIMZmd_-iYFswMv71OMV5S_uMI2EZaRzXqmFvpTCUElCfH0EtAPT3M5uxuFsoTrKKlBfcUvgQxX5qrB4TPAcTQY6TJRkmUDgLt7YI0ngNb5sLGnIzA0knVOhFtaIMPkyFlV_I57EZ_FHxZGmafn6XXx0i2IckH5x7P0BkXfLjCCgDUg_PSbgEpqD4r935wniLXhsSk_PJu8p-UJqckOmOnC4Z7rtLtCYnfBE5Mf5bk1q3vcEgGDQ";

/// A message: its claims as they were signed, and the signature.
type Signed = (&'static str, &'static str);

const ALL: Signed = (
    r#"{"iss":"https://accounts.google.com/","aud":"client-1","iat":1508184845,"jti":"756E69717565","exp":1508188445,"events":{"https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked":{"subject":{"subject_type":"iss-sub","iss":"https://accounts.google.com/","sub":"117"}}}}"#,
    "RrtcPiyRK_jJCzj9BNJzBkJKmrWYlFxChV3vPGF2Z2y43yiO3t33GaVzVVCV0oO3F0emAXD5RnCbH55GmzMiRkBpyfcRPsJzoxu_bnWxHu3MtNnwjT16l-7SyW2OJC90iNV770x3Cul64hUA8skJmoGMQtX7WXcYu1QhYlZe7TBMZh6CCjvOJVBOZO62LXaAtoUtvn4rbJILSgk4GHq5whA85pOM7MXchA6B1gqJ9_5am9WxjhKiYTiWQpHesuPo1bG_N3PDAlQrHIko-cLxWEnt4zyeV6Rf5fAkt9KCS43BmH5EDaYK_OfxjrtJKr0nDcFnsoJklfSPIx0BQu4QGg",
);

const ONE: Signed = (
    r#"{"iss":"https://accounts.google.com/","aud":["other","client-1"],"iat":1508184845,"jti":"j2","exp":1508188445,"events":{"https://schemas.openid.net/secevent/oauth/event-type/token-revoked":{"subject":{"subject_type":"oauth_token","token_type":"refresh_token","token_identifier_alg":"hash_base64_sha512_sha512","token":"aGFzaA=="}}}}"#,
    "jx-k8AHmuKPZ1_kDhiMqdDlPSTlhf768NNAnEjLim3A1tZyhVdskXTOnrQdFQaug7C7H1Qv1UhdKbAeyf6lP0mtajolPX9-cErNkA08TNU-W_PJWsM3REOJV3w0TShpnRgXPmx1ksyTdGnUsVGiTLQtK7ALP3A0Wf7ZnmjP1XEO4pIdzkYkuqIpWUORaLFtPod7EBw57MBEBweW8PUA34IwtfIZMZy_HccTw-yKfXFaT5nJkwyLSuaYRVDinJrg_y2pbwQb3-Aa-ks2VVkatEPsiOl6EOeTTTDbMBWtJ_74WRPfk9UfZtmyypjzaHQBnR4W48WSpYJHqhk-GvD9Xjw",
);

const DISABLED: Signed = (
    r#"{"iss":"https://accounts.google.com/","aud":"client-1","iat":1508184845,"jti":"j3","exp":1508188445,"events":{"https://schemas.openid.net/secevent/risc/event-type/account-disabled":{"subject":{"subject_type":"iss-sub","iss":"https://accounts.google.com/","sub":"117"},"reason":"hijacking"},"https://schemas.openid.net/secevent/risc/event-type/novelty":{"subject":{"subject_type":"iss-sub","iss":"https://accounts.google.com/","sub":"117"}}}}"#,
    "nvqx1882IqPESYhizaltuJM3QIGE5e2an9FZKdYVlOVr8PxMdgeDXQx6GUoUDFDVfAhuTCuv6Fb6rRm4ad2vdgfrxboxg-f6t4LZzhPULOmCtpj9v02fseVr8az4EHhoBfTFy0cg7PANzTQt7QWu2Ga2khZD8GU-KtM0IGMV-HgeaiEmnoGVeaWqinbfQUP9i4Yn_hKI5jfL6vsWMJ_AwQ0H1Ul-x6nPgCWpm2eIGJdoT7aC6LVrpCCW4goBTb573sKuj5XGdXGskMkL_pchdUh1NdwTrJQb0Q7YC-ygo1fs24tmcO6tNfNZ4U_zw5qUpqSCdB9AUFaVbUT2l6BDeQ",
);

const FOREIGN_ISSUER: Signed = (
    r#"{"iss":"https://evil.example/","aud":"client-1","iat":1508184845,"jti":"756E69717565","exp":1508188445,"events":{}}"#,
    "CksMRex-YX9PzSAPf8cwB7GyjlzCWxxtkIzLy6iUH2av7ttVb7srUnMECr8YeJ1MThIDSQzm-fb0jgmtuPwXd8Wwb6Tj1wEbg0JpMAn1XM391JsZVZll87J9xX4FIQuvWfpcFktYNx2JFu5lpQHGBOS6S2kUUWcW_yTUxS1gvyuWRuwCr-7jb4dpSzWcV98bG8HRcm9ZQeYCOVx8ewgpc8hsfk9kzasNr7xWputI4y2hlj7IMIayQMaZ6R1_f3lBQBAi_sKeinXqGqB8YmPpxG7xiWfL2W5u1gVPfqHvljxjPEX0L--ZtfK0c_E6ogvoRu-idMFl2IKAfh6cLXlxcg",
);

const FOREIGN_APP: Signed = (
    r#"{"iss":"https://accounts.google.com/","aud":"client-2","iat":1508184845,"jti":"756E69717565","exp":1508188445,"events":{}}"#,
    "JijyrCwy4Rn70Fv5PCaVKbZYpd99gXDu3GsLtOewtLufqXa27NIJ1fbFc05wL3Gj2sJCsmtNF6kn9gJ4P2ggt8VPaO5fQ4KO56N3aBOJ6HWO7KffMR3W7CNzlzYUHihuFjuWHJg7PnfHYFgfv4lpkjMy5on3q7Iyk6JlNAbmJDNGOcPZtQcIisML8DOd2qlukNH4-XzA1KIpDjWhe_YrfNj4VzLb2vQs24glDDAZkRzBhXQ0giVfIvB8XTYhBK0-6ViXkdDg_WD6Q3R4sBUNGVB6Ww719Yr7_DLS9D5wQPDNqv3BC8FLIAfysfqFBGKocVk--WlWvGK3hOqHnZ4hIA",
);

const HEAD: &str = r#"{"alg":"RS256","kid":"k1","typ":"secevent+jwt"}"#;

fn message(head: &str, signed: Signed) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(head), part(signed.0), signed.1)
}

fn google() -> Signer {
    Signer {
        issuer: "https://accounts.google.com/".into(),
        keys: json!({"keys": [{"kid": "k0", "kty": "EC"}, {"kid": "k1", "kty": "RSA", "alg": "RS256", "n": MODULUS, "e": "AQAB"}]}),
    }
}

fn heard(signed: Signed) -> Result<Message, Unbelievable> {
    read(&message(HEAD, signed), &google(), &["client-0", "client-1"])
}

// Its `exp` is of 2017, and that does not matter.
#[test]
fn a_genuine_message_is_read() {
    let message = heard(ALL).unwrap();
    assert_eq!((message.id.as_str(), message.issued_at), ("756E69717565", Some(1_508_184_845_000)));
    assert_eq!(message.events, [Event::TokensRevoked { person: "117".into() }]);
    assert_eq!(heard(ONE).unwrap().events, [Event::TokenRevoked(TokenMark::Hash("aGFzaA==".into()))]);
    let events = heard(DISABLED).unwrap().events;
    assert!(events.contains(&Event::AccountDisabled { person: "117".into(), reason: Some("hijacking".into()) }));
    assert!(events.iter().any(|event| matches!(event, Event::Other(name) if name.ends_with("novelty"))));
}

#[test]
fn what_is_not_googles_or_not_for_us_is_not_believed() {
    assert_eq!(heard(FOREIGN_ISSUER), Err(Unbelievable::Issuer));
    assert_eq!(heard(FOREIGN_APP), Err(Unbelievable::Audience));
    let changed = (ONE.0, ALL.1);
    assert_eq!(heard(changed), Err(Unbelievable::Signature));
    for head in [
        r#"{"alg":"none","kid":"k1"}"#,
        r#"{"alg":"HS256","kid":"k1"}"#,
        r#"{"alg":"RS256","kid":"k9"}"#,
        r#"{"alg":"RS256","kid":"k0"}"#,
    ] {
        assert_eq!(read(&message(head, ALL), &google(), &["client-1"]), Err(Unbelievable::Signature), "{head}");
    }
    for junk in ["", "a.b", "a.b.c", "..", "e30.e30.!"] {
        assert_eq!(read(junk, &google(), &["client-1"]), Err(Unbelievable::Form), "{junk}");
    }
    let long = "e30.".repeat(MAX_JWT);
    assert_eq!(read(&long, &google(), &["client-1"]), Err(Unbelievable::Form));
}

#[tokio::test]
async fn the_keys_come_from_google_alone() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET accounts.google.com/.well-known/risc-configuration" => {
            let uri = "https://www.googleapis.com/oauth2/v3/certs";
            reply(200, json!({"issuer": "https://accounts.google.com/", "jwks_uri": uri}))
        }
        "GET www.googleapis.com/oauth2/v3/certs" => reply(200, google().keys),
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let signer = signer(&stub.cx(&http, None), KEYS_LAST_MS).await.unwrap();
    assert!(read(&message(HEAD, ALL), &signer, &["client-1"]).is_ok());
    for strange in ["http://www.googleapis.com/c", "https://evilgoogle.com/c", "https://google.com.evil.example/", "x"]
    {
        assert!(!is_googles(strange), "{strange}");
    }
    assert!(is_googles("https://google.com/c") && is_googles("https://www.googleapis.com/c"));
}
