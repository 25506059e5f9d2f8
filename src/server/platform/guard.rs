//! The guard of everything that leaves the house (DESIGN rule 15): which names and addresses may be called.
//!
//! Three doors: [`host`] for what a person typed, [`check`] for an address about to be called, and [`PublicOnly`], the
//! resolver of the one HTTP client. The resolver drops private addresses itself, so the connection is made to an address
//! that was looked at and a second look-up can't bring another one.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Longest host name of the DNS.
const MAX_HOST: usize = 253;

/// Endings of names that mean a machine in somebody's own network.
const PRIVATE_ENDINGS: [&str; 10] =
    ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "arpa"];

/// What was typed is not the name of a public server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a public server")]
pub struct BadHost;

/// An address that must not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the address is not a web address")]
    NotWeb,
    #[error("the address is not https")]
    NotHttps,
    #[error("the address carries a user name or password")]
    UserInfo,
    #[error("the address names a machine by number")]
    Literal,
    #[error("the address names an unusual port")]
    Port,
    #[error("the name is not one of a public server")]
    PrivateName,
    #[error("the name leads to a private address")]
    PrivateAddress,
}

/// The host name in what people paste: `Mastodon.Social`, `https://mastodon.social/@me`, `@me@mastodon.social`.
///
/// Lower case, internationalised names in their `xn--` form. A port only if `private_hosts` lists it.
pub fn host(input: &str, private_hosts: &[String]) -> Result<String, BadHost> {
    let text = input.trim_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    });
    let (has_scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => {
            (true, rest)
        }
        Some(_) => return Err(BadHost),
        None => (false, text),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let name = match authority.rsplit_once('@') {
        Some(_) if has_scheme => return Err(BadHost),
        Some((_, name)) => name,
        None => authority,
    };
    let url = Url::parse(&format!("https://{name}/")).map_err(|_| BadHost)?;
    let named = with_port(&url).ok_or(BadHost)?;
    if listed(&url, private_hosts) == Listing::Named {
        return Ok(named);
    }
    match url.host() {
        Some(Host::Domain(domain)) if url.port().is_none() && looks_public(domain) => {
            Ok(named.trim_end_matches('.').to_owned())
        }
        _ => Err(BadHost),
    }
}

/// Whether an address may be called, as far as its text tells; the resolver has the last word.
pub fn check(url: &Url, private_hosts: &[String]) -> Result<(), Refused> {
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err(Refused::NotWeb);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::UserInfo);
    }
    match listed(url, private_hosts) {
        Listing::Named => return Ok(()),
        Listing::OtherPort => return Err(Refused::Port),
        Listing::No => {}
    }
    if url.scheme() != "https" {
        return Err(Refused::NotHttps);
    }
    match url.host() {
        Some(Host::Domain(domain)) if looks_public(domain) => {}
        Some(Host::Domain(_)) => return Err(Refused::PrivateName),
        _ => return Err(Refused::Literal),
    }
    if url.port().is_some() { Err(Refused::Port) } else { Ok(()) }
}

/// Whether `host` (as [`host`] gives it) is one of the named private hosts, which are called by plain http.
pub fn is_private(host: &str, private_hosts: &[String]) -> bool {
    Url::parse(&format!("http://{host}/")).is_ok_and(|url| listed(&url, private_hosts) == Listing::Named)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Named,
    /// The name is listed, but not with this port.
    OtherPort,
    No,
}

fn listed(url: &Url, private_hosts: &[String]) -> Listing {
    let Some(host) = url.host_str() else { return Listing::No };
    let mut found = Listing::No;
    for entry in private_hosts {
        let Some((name, port)) = entry_of(entry) else { continue };
        if name != host {
            continue;
        }
        if port.is_none() || port == url.port() || port == url.port_or_known_default() {
            return Listing::Named;
        }
        found = Listing::OtherPort;
    }
    found
}

/// Name and port of an entry of the setting.
fn entry_of(entry: &str) -> Option<(String, Option<u16>)> {
    let url = Url::parse(&format!("http://{}/", entry.trim())).ok()?;
    // From the text: the parsed address drops a port that is usual for its scheme.
    let port = entry.trim().rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    Some((url.host_str()?.to_owned(), port))
}

fn with_port(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// A name with a dot whose last part is neither a number nor a private ending.
fn looks_public(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let Some((front, ending)) = domain.rsplit_once('.') else { return false };
    let labels_fit = front.split('.').chain([ending]).all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    domain.len() <= MAX_HOST
        && labels_fit
        && ending.bytes().any(|b| b.is_ascii_alphabetic())
        && !PRIVATE_ENDINGS.contains(&ending)
}

/// Whether an address belongs to a machine of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224 // multicast, reserved, broadcast
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || (a == 169 && b == 254) // link-local, with the clouds' metadata service
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2)) // protocol assignments, documentation
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (b == 18 || b == 19)) // benchmarking
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let s = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(v4(s[6], s[7])); // NAT64
    }
    if s[0] == 0x2002 {
        return is_public_v4(v4(s[1], s[2])); // 6to4
    }
    let global_unicast = s[0] & 0xe000 == 0x2000;
    let protocol = s[0] == 0x2001 && s[1] < 0x0200; // Teredo, ORCHID, benchmarking
    let documentation = (s[0] == 0x2001 && s[1] == 0x0db8) || (s[0] == 0x3fff && s[1] < 0x1000);
    global_unicast && !protocol && !documentation
}

/// A resolver that keeps only public addresses, except for names that the operator admitted.
#[derive(Clone, Debug)]
pub struct PublicOnly {
    admitted: Vec<String>,
}

impl PublicOnly {
    /// `private_hosts` as in the setting; `upstream_host` is the stand-in platforms' own name.
    pub fn new(private_hosts: &[String], upstream_host: Option<&str>) -> Self {
        let listed = private_hosts.iter().filter_map(|entry| entry_of(entry)).map(|(name, _)| name);
        Self { admitted: listed.chain(upstream_host.map(str::to_ascii_lowercase)).collect() }
    }

    fn admits(&self, name: &str) -> bool {
        self.admitted.iter().any(|one| one.eq_ignore_ascii_case(name))
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let admitted = self.admits(name.as_str());
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let usable: Vec<_> = found.iter().copied().filter(|at| admitted || is_public(at.ip())).collect();
            if usable.is_empty() && !found.is_empty() {
                return Err(Box::new(Refused::PrivateAddress) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// The guard's refusal somewhere in an error's chain of sources.
pub fn refusal(error: &(dyn Error + 'static)) -> Option<Refused> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(*refused);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private() -> Vec<String> {
        vec!["localhost:4201".into(), "intern.example".into(), "127.0.0.1:9".into()]
    }

    #[test]
    fn what_people_paste_becomes_a_host() {
        let pasted = [
            "mastodon.social",
            "  Mastodon.Social \n",
            "https://Mastodon.Social/@me",
            "http://mastodon.social",
            "@me@mastodon.social",
            "me@mastodon.social",
            "mastodon.social/@me",
            "https://mastodon.social:443/",
            "mastodon.social.",
            "\u{200b}mastodon.social",
        ];
        for text in pasted {
            assert_eq!(host(text, &[]).as_deref(), Ok("mastodon.social"), "{text:?}");
        }
        assert_eq!(host("Bücher.example", &[]).as_deref(), Ok("xn--bcher-kva.example"));
        assert_eq!(host("LOCALHOST:4201", &private()).as_deref(), Ok("localhost:4201"));
        assert_eq!(host("http://localhost:4201/x", &private()).as_deref(), Ok("localhost:4201"));
        assert_eq!(host("intern.example:8080", &private()).as_deref(), Ok("intern.example:8080"));
    }

    #[test]
    fn what_is_no_public_server_is_refused() {
        let bad = [
            "",
            " ",
            "me",
            "@me",
            "localhost",
            "localhost.",
            "localhost:4202",
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "10.0.0.1",
            "[::1]",
            "::1",
            "[::ffff:10.0.0.1]",
            "8.8.8.8",
            "ftp://a.example",
            "https://user:pass@a.example",
            "https://user@a.example/",
            "a.example:8080",
            "a b.example",
            "a..example",
            "-a.example",
            "router.lan",
            "db.internal",
            "a.local",
            "x.localhost",
            "1.0.0.127.in-addr.arpa",
            "example.123",
            "a.example%00.b",
            "javascript:alert(1)",
            "https://",
            "a.example@",
            "１２７.０.０.１",
            "ⓛocalhost",
        ];
        for text in bad {
            assert_eq!(host(text, &private()), Err(BadHost), "{text:?}");
        }
        assert!(host(&"a.".repeat(200), &[]).is_err());
    }

    #[test]
    fn addresses_are_checked_by_their_text() {
        let check = |text: &str| check(&Url::parse(text).unwrap(), &private());
        assert_eq!(check("https://graph.facebook.com/me?x=1"), Ok(()));
        assert_eq!(check("http://localhost:4201/xrpc"), Ok(()));
        assert_eq!(check("https://localhost:4201/xrpc"), Ok(()));
        assert_eq!(check("http://intern.example:99/"), Ok(()));
        assert_eq!(check("http://127.0.0.1:9/"), Ok(()));
        assert_eq!(check("http://graph.facebook.com/"), Err(Refused::NotHttps));
        assert_eq!(check("ftp://graph.facebook.com/"), Err(Refused::NotWeb));
        assert_eq!(check("file:///etc/passwd"), Err(Refused::NotWeb));
        assert_eq!(check("data:text/plain,x"), Err(Refused::NotWeb));
        assert_eq!(check("https://a@graph.facebook.com/"), Err(Refused::UserInfo));
        assert_eq!(check("https://graph.facebook.com:8443/"), Err(Refused::Port));
        assert_eq!(check("http://localhost/"), Err(Refused::Port));
        assert_eq!(check("https://127.0.0.1/"), Err(Refused::Port));
        assert_eq!(check("https://169.254.169.254/latest/meta-data"), Err(Refused::Literal));
        assert_eq!(check("https://8.8.8.8/"), Err(Refused::Literal));
        assert_eq!(check("https://[fd00::1]/"), Err(Refused::Literal));
        assert_eq!(check("https://0x7f000002/"), Err(Refused::Literal));
        assert_eq!(check("https://printer.local/"), Err(Refused::PrivateName));
        assert_eq!(check("https://intranet/"), Err(Refused::PrivateName));
    }

    #[test]
    fn private_addresses_are_known_in_all_their_disguises() {
        let private = [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.9.9",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:a00:1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "64:ff9b:1::808:808",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:c0a8:101::",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
        ];
        for text in private {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.1",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[tokio::test]
    async fn the_resolver_itself_drops_private_addresses() {
        let name = || "localhost".parse::<Name>().unwrap();
        let Err(error) = PublicOnly::new(&[], None).resolve(name()).await else { panic!("localhost was resolved") };
        assert_eq!(refusal(error.as_ref()), Some(Refused::PrivateAddress));
        assert!(PublicOnly::new(&private(), None).resolve(name()).await.unwrap().count() > 0);
        assert!(PublicOnly::new(&[], Some("LocalHost")).resolve(name()).await.unwrap().count() > 0);
    }
}
