use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::Context;
use super::super::stub::{Stub, client, json as reply, options};
use super::*;
use crate::server::clock::{Deadline, Moment};

// SPEC S-2
#[test]
fn one_setting_puts_the_sandbox_in_every_platforms_place() {
    let sandbox = client(ClientOptions { upstream: Some("http://127.0.0.1:4400/".into()), ..options() });
    let real = client(options());
    let url = "https://graph.facebook.com/v25.0/me?a=b%20c#_=_";
    assert_eq!(sandbox.browser_url(url), "http://127.0.0.1:4400/graph.facebook.com/v25.0/me?a=b%20c#_=_");
    assert_eq!(sandbox.browser_url("https://mastodon.example"), "http://127.0.0.1:4400/mastodon.example/");
    assert_eq!(sandbox.browser_url("http://localhost:4201/x"), "http://127.0.0.1:4400/localhost:4201/x");
    let there = "http://127.0.0.1:4400/x.com/i/oauth2/authorize?a=1";
    assert_eq!(sandbox.browser_url(there), there);
    assert_eq!(real.browser_url(url), url);
    assert_eq!(sandbox.admitted("https://api.x.com/2").unwrap().as_str(), "http://127.0.0.1:4400/api.x.com/2");
    assert!(sandbox.admitted("http://127.0.0.1:44001/x").is_err());
    assert!(sandbox.admitted("https://10.0.0.1/x").is_err());
    assert!(Client::new(ClientOptions { upstream: Some("nowhere".into()), ..options() }).is_err());
}

#[test]
fn links_are_told_home_or_foreign() {
    let home = "https://graph.facebook.com/v25.0";
    for http in
        [client(options()), client(ClientOptions { upstream: Some("http://127.0.0.1:4400".into()), ..options() })]
    {
        assert!(http.is_same_host("https://graph.facebook.com/v25.0/me/accounts?after=x", home));
        assert!(!http.is_same_host("https://graph.facebook.com.evil.example/v25.0/me", home));
        assert!(!http.is_same_host("https://evil.example/graph.facebook.com/", home));
        assert!(!http.is_same_host("http://graph.facebook.com:81/", home));
        assert!(!http.is_same_host("garbage", home));
    }
    let sandbox = client(ClientOptions { upstream: Some("http://127.0.0.1:4400".into()), ..options() });
    assert!(sandbox.is_same_host("http://127.0.0.1:4400/graph.facebook.com/v25.0/me?x", home));
    assert!(!sandbox.is_same_host("http://127.0.0.1:4400/api.x.com/2", home));
}

#[tokio::test]
async fn requests_arrive_as_described_and_redirects_are_not_followed() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET a.example/away" => axum::response::Redirect::temporary("/a.example/elsewhere").into_response(),
        _ => reply(200, json!({"ok": true})),
    })
    .await;
    let http = stub.client();
    let secret = SecretString::from("s&cret");
    let form = Request::post("https://a.example/form?x=1")
        .query("y", "2 3")
        .form("k", "v&w")
        .secret_form("s", &secret)
        .basic("id", &secret);
    http.send(0, form).await.unwrap();
    http.send(0, Request::delete("https://a.example/j").json(json!({"a": [1]})).bearer(&secret)).await.unwrap();
    let away = http.send(0, Request::get("https://a.example/away")).await.unwrap();
    assert_eq!((away.status, away.header("location")), (307, Some("/a.example/elsewhere")));

    let seen = stub.seen();
    assert_eq!(stub.lines(), ["POST a.example/form", "DELETE a.example/j", "GET a.example/away"]);
    assert_eq!((seen[0].query["x"].as_str(), seen[0].query["y"].as_str()), ("1", "2 3"));
    assert_eq!((seen[0].form["k"].as_str(), seen[0].form["s"].as_str()), ("v&w", "s&cret"));
    assert_eq!(seen[0].auth(), "Basic aWQ6cyZjcmV0");
    assert_eq!((seen[1].auth(), &seen[1].json), ("Bearer s&cret", &json!({"a": [1]})));
    assert!(seen[0].headers["user-agent"].to_str().unwrap().starts_with("Pilotlight/"));
}

#[tokio::test]
async fn a_body_without_end_is_cut_off_early() {
    static SENT: AtomicUsize = AtomicUsize::new(0);
    const CHUNK: usize = 64 * 1024;
    let stub = Stub::start(|seen| {
        if seen.line.ends_with("announced") {
            return Response::builder()
                .header("content-length", 50 * 1024 * 1024)
                .body(Body::from(vec![b'x'; 1]))
                .unwrap();
        }
        let chunks = futures::stream::iter(0..50 * 1024 * 1024 / CHUNK).map(|_| {
            SENT.fetch_add(CHUNK, Ordering::SeqCst);
            Ok::<_, std::io::Error>(vec![b'x'; CHUNK])
        });
        Body::from_stream(chunks).into_response()
    })
    .await;
    let failure = stub.client().send(0, Request::get("https://a.example/endless")).await.unwrap_err();
    assert_eq!((failure.class, failure.in_doubt), (Class::Transient, true));
    assert!(failure.detail.contains("longer than"), "{}", failure.detail);
    // What lies in buffers on the way counts as sent.
    assert!(SENT.load(Ordering::SeqCst) < 20 * 1024 * 1024, "{} bytes were sent", SENT.load(Ordering::SeqCst));

    let limited = stub.client().send(0, Request::get("https://a.example/endless").at_most(10)).await.unwrap_err();
    assert!(limited.detail.contains("10 bytes"));
    let announced = stub.client().send(0, Request::get("https://a.example/announced")).await.unwrap_err();
    assert_eq!(announced.class, Class::Transient);
}

/// A server that reads a request and then does what `then` does with the connection.
async fn raw<F, Fut>(then: F) -> String
where
    F: Fn(tokio::net::TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = socket.read(&mut buffer).await;
            tokio::spawn(then(socket));
        }
    });
    url
}

// SPEC T-4
#[tokio::test]
async fn what_was_sent_and_not_answered_is_in_doubt_and_nothing_else() {
    let send = async |upstream: String, timeout_ms: u64| {
        let http =
            client(ClientOptions { upstream: Some(upstream), timeout: Duration::from_millis(timeout_ms), ..options() });
        let secret = SecretString::from("tok-hidden");
        http.send(0, Request::post("https://a.example/token?q=tok-hidden").secret_form("refresh_token", &secret))
            .await
            .unwrap_err()
    };
    let silent = raw(|socket| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(socket);
    })
    .await;
    let dropped = raw(|socket| async move { drop(socket) }).await;
    let cut = raw(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"acc").await;
    })
    .await;
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for (upstream, timeout, in_doubt) in
        [(silent, 300, true), (dropped, 5_000, true), (cut, 5_000, true), (nobody, 5_000, false)]
    {
        let failure = send(upstream.clone(), timeout).await;
        assert_eq!((failure.class, failure.in_doubt), (Class::Transient, in_doubt), "{failure:?}");
        assert!(!format!("{failure:?}").contains("tok-hidden"), "{failure:?}");
    }
}

#[tokio::test]
async fn private_servers_are_only_called_when_they_are_named() {
    let stub = Stub::start(|_| reply(200, json!({}))).await;
    let port = stub.url.rsplit(':').next().unwrap().to_owned();
    let named = client(ClientOptions { private_hosts: vec![format!("LocalHost:{port}")], ..options() });
    assert_eq!(named.base(&format!("localhost:{port}")), format!("http://localhost:{port}"));
    assert_eq!(named.base("mastodon.social"), "https://mastodon.social");
    let url = format!("http://localhost:{port}/x");
    assert_eq!(named.send(0, Request::get(url.clone())).await.unwrap().status, 200);
    for http in [
        client(options()),
        stub.client(),
        client(ClientOptions { private_hosts: vec!["localhost:1".into()], ..options() }),
    ] {
        let failure = http.send(0, Request::get(url.clone())).await.unwrap_err();
        assert_eq!((failure.problem, failure.in_doubt), (Some(Problem::BadServer), false), "{failure:?}");
    }
    assert_eq!(stub.lines(), ["GET x"]);
}

#[tokio::test]
async fn a_public_name_that_leads_to_a_private_address_is_not_called() {
    // Stands for a name whose DNS answers with a private address: the resolver is asked for `localhost` itself.
    let stub = Stub::start(|_| reply(200, json!({}))).await;
    let port = stub.url.rsplit(':').next().unwrap().to_owned();
    let http = client(options());
    let error = http.http().get(format!("http://localhost:{port}/x")).send().await.unwrap_err();
    let failure = unsent(&error, &[]);
    assert_eq!((failure.problem, failure.in_doubt), (Some(Problem::BadServer), false), "{failure:?}");
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn pictures_are_checked_limited_and_followed_a_little() {
    const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3];
    let stub = Stub::start(|seen| {
        let to = |place: &str| axum::response::Redirect::temporary(place).into_response();
        match seen.line.split_once('/').unwrap().1 {
            "png" => ([("content-type", "text/html")], PNG).into_response(),
            "hop1" => to("https://cdn.example/hop2"),
            "hop2" => to("/png"),
            "loop" => to("https://a.example/loop"),
            "inward" => to("http://169.254.169.254/latest"),
            "svg" => ([("content-type", "image/png")], "<svg onload=alert(1)>").into_response(),
            "big" => [PNG, &[0; 1000]].concat().into_response(),
            _ => reply(404, json!({})),
        }
    })
    .await;
    let http = stub.client();
    let fetch = async |name: &str| http.fetch_picture(&format!("https://a.example/{name}"), 500).await;
    assert_eq!(fetch("png").await.unwrap(), (PNG.to_vec(), "image/png"));
    assert_eq!(fetch("hop1").await.unwrap().1, "image/png");
    assert!(stub.lines().contains(&"GET cdn.example/png".to_owned()));
    assert_eq!(fetch("svg").await.unwrap_err().class, Class::Content);
    for name in ["loop", "inward", "big", "missing"] {
        assert_eq!(fetch(name).await.unwrap_err().class, Class::Transient, "{name}");
    }
    assert!(stub.lines().iter().filter(|line| line.ends_with("loop")).count() <= 4);
    assert!(http.fetch_picture("http://127.0.0.1/x.png", 500).await.is_err());
    assert!(http.fetch_picture("file:///etc/passwd", 500).await.is_err());
}

#[test]
fn debug_of_the_client_is_harmless() {
    assert!(format!("{:?}", client(options())).starts_with("Client {"));
}

// SPEC T-5: a refresh whose lease has ended does not leave the house.
#[tokio::test]
async fn what_is_too_late_is_not_sent() {
    let stub = Stub::start(|_| reply(200, json!({}))).await;
    let http = stub.client();
    let ask = |within| {
        let cx = Context { until: Some(Deadline::after(Moment::now(), within)), ..stub.cx(&http, None) };
        let request = Request::post("https://api.x.com/2/oauth2/token").form("refresh_token", "old");
        async move { cx.send(request).await.map(|answer| answer.status) }
    };
    assert_eq!(ask(Duration::from_secs(60)).await, Ok(200));
    let seen = stub.seen();
    assert_eq!(seen[0].headers["content-length"], "17", "in one piece, not in chunks");
    assert_eq!(seen[0].form["refresh_token"], "old");
    let failure = ask(Duration::ZERO).await.unwrap_err();
    assert_eq!(failure.class, Class::Transient);
    assert_eq!(ask(Duration::from_secs(60)).await, Ok(200));
    assert_eq!(stub.seen().len(), 2, "the one between was not sent");
}
