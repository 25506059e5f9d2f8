//! The stand-ins for Meta's products with a login of their own: Instagram (platforms.md section 3) and Threads (section 4).
//! They are two of a kind: a short token for a code, a long one for the short one, a longer one for the long one.

mod api;
mod dialog;
mod report;
mod token;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal};
use super::facebook::error::GraphError;
use super::state::{Code, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::{Vendor, below};

pub use api::medium;

/// One of the two.
pub struct Product {
    vendor: Vendor,
    key: &'static str,
    name: &'static str,
    /// Everything below these is its.
    domains: &'static [&'static str],
    /// Where its consent page is.
    dialog_hosts: &'static [&'static str],
    /// Where codes are traded.
    code_host: &'static str,
    graph: &'static str,
    version: &'static str,
    app: &'static [RegisteredApp],
    scopes: &'static [&'static str],
    /// What may stand in the consent page's address.
    dialog_fields: &'static [&'static str],
    /// Begins the names of its grant types.
    short_name: &'static str,
    token_start: &'static str,
    /// Code and words of "asked too often".
    limit: (i64, &'static str),
}

/// Instagram's own login.
pub static INSTAGRAM: Product = Product {
    vendor: Vendor::Instagram,
    key: "instagram",
    name: "Instagram",
    domains: &["instagram.com"],
    dialog_hosts: &["www.instagram.com"],
    code_host: "api.instagram.com",
    graph: "graph.instagram.com",
    version: "v25.0",
    app: &[RegisteredApp { platform: "instagram", id: "2468013579135791", secret: "b81f04c6d2973ea5b81f04c6d2973ea5" }],
    scopes: &[
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_insights",
        "instagram_business_manage_comments",
        "instagram_business_manage_messages",
    ],
    dialog_fields: &["enable_fb_login", "force_authentication", "force_reauth"],
    short_name: "ig",
    token_start: "IGAA",
    limit: (80_002, "(#80002) There have been too many calls to this Instagram account."),
};

/// Threads.
pub static THREADS: Product = Product {
    vendor: Vendor::Threads,
    key: "threads",
    name: "Threads",
    domains: &["threads.net", "threads.com"],
    dialog_hosts: &["threads.net", "www.threads.net", "threads.com", "www.threads.com"],
    code_host: "graph.threads.net",
    graph: "graph.threads.net",
    version: "v1.0",
    app: &[RegisteredApp { platform: "threads", id: "3692581470147036", secret: "0d94e7a1c5b862f30d94e7a1c5b862f3" }],
    scopes: &[
        "threads_basic",
        "threads_content_publish",
        "threads_manage_insights",
        "threads_manage_replies",
        "threads_read_replies",
        "threads_delete",
        "threads_manage_mentions",
        "threads_keyword_search",
        "threads_profile_discovery",
        "threads_location_tagging",
    ],
    dialog_fields: &[],
    short_name: "th",
    token_start: "THAA",
    limit: (4, "(#4) Application request limit reached"),
};

impl Twin for Product {
    fn key(&self) -> &'static str {
        self.key
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        self.domains.iter().any(|domain| below(host, domain))
    }

    fn host(&self) -> &'static str {
        self.graph
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        self.app
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        let [one, two] = match self.vendor {
            Vendor::Threads => cast::THREADS.map(|key| (key, "2560000000000")),
            _ => cast::INSTAGRAM.map(|key| (key, "178414000000000")),
        };
        let somebody = |(key, ids): (&str, &str), last: &str, name: &str| {
            person(key, &format!("{ids}{last}"), name, key, Vec::new())
        };
        vec![somebody(one, "17", "Harbour Street Bakery"), somebody(two, "29", "Spoke & Saddle 🚲")]
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        dialog::asked(self, world, call)
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &dialog::DENIED
    }

    fn fragment(&self) -> Option<&'static str> {
        Some("_")
    }

    fn code(&self, world: &mut World, _ask: &Ask, _code: &mut Code, _now: i64) -> String {
        format!("AQ{}", world.dice.letters(120))
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let path = self.versionless(&call.path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (get, post, delete) = (call.is(&Method::GET), call.is(&Method::POST), call.is(&Method::DELETE));
        if call.host == self.code_host && parts == ["oauth", "access_token"] && post {
            return token::exchange(self, world, call);
        }
        let answer = match parts[..] {
            _ if call.host != self.graph => Err(GraphError::unknown_path(&call.path)),
            ["access_token"] if get => token::lengthen(self, world, call),
            ["refresh_access_token"] if get => token::refresh(self, world, call),
            ["debug_token"] if get && self.vendor == Vendor::Threads => report::answer(self, world, call),
            [id, "media"] if get && self.vendor == Vendor::Instagram => api::posts(self, world, call, id),
            [id, "threads"] if get && self.vendor == Vendor::Threads => api::posts(self, world, call, id),
            ["me", "permissions"] if delete && self.vendor == Vendor::Instagram => api::give_back(self, world, call),
            [id] if get && (id == "me" || id.bytes().all(|byte| byte.is_ascii_digit())) => {
                api::me(self, world, call, id)
            }
            _ => Err(GraphError::unknown_path(&path)),
        };
        answer.map_err(|error| error.reply(world))
    }

    fn too_often(&self, world: &mut World, _call: &Call, seconds: Option<u32>) -> Reply {
        let (code, words) = self.limit;
        let reply = GraphError::permission(code, words).reply(world);
        // The wait is told in minutes.
        let usage = seconds.map(|seconds| {
            json!({self.app[0].id: [{"type": self.key, "call_count": 100, "total_cputime": 25, "total_time": 25,
                "estimated_time_to_regain_access": seconds.div_ceil(60)}]})
        });
        reply.header_if("x-business-use-case-usage", usage.map(|usage| usage.to_string()))
    }

    fn app_refused(&self, world: &mut World, call: &Call) -> Option<Reply> {
        // Refreshes and everything else go without the app's secret.
        match self.versionless(&call.path).as_str() {
            "oauth/access_token" => Some(token::unknown_app(self, world)),
            "access_token" => Some(GraphError::request(101, "Error validating client secret.").reply(world)),
            _ => None,
        }
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        (call.host == self.graph && self.versionless(&call.path) == "refresh_access_token")
            .then(|| call.query.get("access_token").unwrap_or_default())
    }
}

impl Product {
    fn app_id(&self) -> &'static str {
        self.app[0].id
    }

    fn secret(&self) -> &'static str {
        self.app[0].secret
    }

    /// The scope without which nothing works.
    fn basic(&self) -> &'static str {
        self.scopes[0]
    }

    fn versionless(&self, path: &str) -> String {
        let trimmed = path.trim_start_matches('/');
        trimmed.strip_prefix(self.version).and_then(|rest| rest.strip_prefix('/')).unwrap_or(trimmed).to_owned()
    }
}
