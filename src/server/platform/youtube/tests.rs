use serde_json::json;

use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;

fn error(status: u16, reason: &str) -> axum::response::Response {
    reply(
        status,
        json!({"error": {"code": status, "message": "M", "errors": [{"domain": "youtube", "reason": reason}]}}),
    )
}

fn google(seen: &Seen) -> axum::response::Response {
    match seen.line.as_str() {
        "GET www.googleapis.com/oauth2/v2/userinfo" => reply(200, json!({"id": "7", "name": "Ada"})),
        "GET oauth2.googleapis.com/tokeninfo" => {
            reply(200, json!({"aud": "app-1", "sub": "7", "scope": FACTS.required_scopes.join(" "), "expires_in": 900}))
        }
        "GET www.googleapis.com/youtube/v3/channels" => match seen.auth() {
            "Bearer none" => {
                reply(200, json!({"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}))
            }
            "Bearer signup" => error(401, "youtubeSignupRequired"),
            "Bearer suspended" => error(403, "channelSuspended"),
            "Bearer quota" => error(403, "quotaExceeded"),
            "Bearer odd" => reply(200, json!({"something": "else"})),
            _ => reply(
                200,
                json!({"items": [{"id": "UC1", "snippet": {"title": "Bells", "customUrl": "@bells",
                    "thumbnails": {"default": {"url": "https://p.example/s.jpg"}, "high": {"url": "https://p.example/h.jpg"}}},
                    "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}]}),
            ),
        },
        "GET www.googleapis.com/youtube/v3/playlistItems" if seen.auth() == "Bearer new" => {
            error(404, "playlistNotFound")
        }
        "GET www.googleapis.com/youtube/v3/playlistItems" => reply(
            200,
            json!({"items": [{"snippet": {"title": "Ring"}, "contentDetails": {"videoId": "v1", "videoPublishedAt": "2026-11-01T00:00:00Z"}}]}),
        ),
        _ => reply(404, json!({})),
    }
}

// SPEC C-3
#[tokio::test]
async fn a_channel_is_what_is_connected_and_part_of_who_consented() {
    let stub = Stub::start(google).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let tokens = tokens("a", None);
    assert_eq!(Youtube.identity(&cx, &tokens).await.unwrap().id, "7/UC1");
    let found = Youtube.destinations(&cx, &tokens).await.unwrap();
    assert_eq!((found.len(), found[0].id.as_str(), found[0].handle.as_deref()), (1, "UC1", Some("@bells")));
    assert_eq!(found[0].picture_url.as_deref(), Some("https://p.example/h.jpg"));
    let subject = Subject { tokens: &tokens, identity_id: "7/UC1", destination_id: "UC1", destination_token: None };
    let posts = Youtube.recent_posts(&cx, &subject).await.unwrap();
    assert_eq!(posts[0].link.as_deref(), Some("https://www.youtube.com/watch?v=v1"));
    assert_eq!(stub.seen().last().unwrap().query["playlistId"], "UU1");
    let fresh = super::super::stub::tokens("new", None);
    assert_eq!(Youtube.recent_posts(&cx, &Subject { tokens: &fresh, ..subject }).await.unwrap(), Vec::new());
}

// SPEC T-4, C-9
#[tokio::test]
async fn a_probe_says_what_became_of_the_channel() {
    let stub = Stub::start(google).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let probe = async |token: &str, channel: &str| {
        let tokens = tokens(token, None);
        let subject =
            Subject { tokens: &tokens, identity_id: "7/UC1", destination_id: channel, destination_token: None };
        Youtube.probe(&cx, &subject).await
    };
    let seen = probe("a", "UC1").await.unwrap();
    assert_eq!((seen.profile.unwrap().name.as_str(), seen.scopes.unwrap().len()), ("Bells", 2));
    for (token, channel, class) in [
        ("a", "UC2", Class::Role),
        ("none", "UC1", Class::Action),
        ("signup", "UC1", Class::Action),
        ("suspended", "UC1", Class::Action),
        ("quota", "UC1", Class::Rate),
        ("odd", "UC1", Class::Transient),
    ] {
        assert_eq!(probe(token, channel).await.unwrap_err().class, class, "{token} {channel}");
    }
    for token in ["none", "signup"] {
        let failure = Youtube.identity(&cx, &tokens(token, None)).await.unwrap_err();
        assert_eq!(failure.problem, Some(Problem::NoDestination), "{token}");
    }
}
