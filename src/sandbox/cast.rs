//! Who plays: the people, pages and accounts that the stand-in vendors know. Nothing here exists anywhere else.

use std::borrow::Cow;

use super::crowd;
use super::town;
use super::vendor::Vendor;

/// A Facebook person with four pages, one of which she may not publish on.
pub const FACEBOOK_MANY: &str = "mara";
/// A Facebook person with two pages.
pub const FACEBOOK_FEW: &str = "idris";
/// A Facebook person without any page.
pub const FACEBOOK_NONE: &str = "nopages";
/// The users of Instagram's own login.
pub const INSTAGRAM: [&str; 2] = ["harbourstreetbakery", "spoke_and_saddle"];
/// The users of X.
pub const X: [&str; 3] = ["crumbandkettle", "northbells", "quaychoir"];
/// The members of LinkedIn: the first administers organisations, the second none.
pub const LINKEDIN: [&str; 2] = ["ines", "tomas"];
/// The first organisation of the first.
pub const LINKEDIN_ORGANISATION: &str = "urn:li:organization:5400101";
/// Telegram's bots, each with the token it has at first and the one that BotFather gives when that is revoked. The first
/// may publish in a channel and is a member of a group, the second may publish nowhere.
pub const TELEGRAM: [(&str, [&str; 2]); 2] = [
    ("kettlebot", ["730100001:AAHq4-Zt8LmVc0RyKd5uxE2bNwGs7JpQf1C", "730100001:AAEw9_Hn3TzYb6PkXv2sLr5mDc8FgUoJi4R"]),
    ("quaybot", ["730100002:AAGm7-Bx1WnTe5ZcRk9vYq3uLs6DfHpJo2A", "730100002:AAFd2_Kr8QyVg4MtXz6wNb1eCs9LhUiPj5T"]),
];
/// The channel of the first bot, by name and by number.
pub const TELEGRAM_CHANNEL: (&str, &str) = ("@harbourbakery", "-1001730000001");
/// Its group, which may become a supergroup.
pub const TELEGRAM_GROUP: &str = "-4173002";
/// The users of the platform that keeps to the standard.
pub const STANDARD: [&str; 2] = ["rosa", "femi"];
/// The users of Pinterest.
pub const PINTEREST: [&str; 2] = ["harbourbakes", "quayceramics"];
/// The users of Threads.
pub const THREADS: [&str; 2] = ["harbourstreet", "towpathcycling"];
/// Google accounts: with a channel and five locations; with one of each; with neither.
pub const GOOGLE: [&str; 3] = ["petra", "omar", "noemi"];
/// The users of TikTok.
pub const TIKTOK: [&str; 2] = ["quaykitchen", "bellfoundry"];
/// The users of every Mastodon server. Their names and user names there follow from the server's.
pub const MASTODON: [&str; 2] = ["baker", "rider"];
/// Servers that the control page shows before anybody has connected one.
pub const MASTODON_HOSTS: [&str; 2] = ["mastodon.example", "social.example"];
/// Bluesky handles, each with its app password.
pub const BLUESKY: [(&str, &str); 3] = [
    ("harbour.bsky.example", "aaaa-aaaa-aaaa-aaaa"),
    ("mill.bsky.example", "m4ll-wh33-l7ry-e2go"),
    ("lemon.bsky.example", "z3st-p7ps-gr0v-e5rd"),
];
/// Bluesky's main passwords, in the order of [`BLUESKY`]. The vendor takes them as well.
pub const BLUESKY_MAIN: [&str; 3] = ["tide table, second edition", "stone ground & slow", "seven trees one fence"];
/// The server that the Bluesky accounts live on, as their DID documents say.
pub const BLUESKY_PDS: &str = "pds.bsky.example";

/// Somebody with an account at a vendor.
#[derive(Clone, Debug)]
pub struct Person {
    /// What controls, choices and this module call them.
    pub key: String,
    /// The vendor's own id.
    pub id: String,
    pub name: String,
    /// User name or handle; empty on Facebook.
    pub handle: String,
    pub pages: Vec<Page>,
}

/// A destination that is chosen on a consent page.
#[derive(Clone, Debug)]
pub struct Page {
    pub id: Cow<'static, str>,
    pub name: Cow<'static, str>,
    pub username: Cow<'static, str>,
    pub category: &'static str,
    pub tasks: &'static [&'static str],
}

/// Everybody with an account at a vendor whom its pages show; besides, there is the [`crowd`]. `host` matters to Mastodon only, whose servers have users of their own.
pub fn people(vendor: Vendor, host: &str) -> Vec<Person> {
    let mut people = vendor.twin().people(host);
    people.extend(town::people(vendor, host));
    people
}

/// The person of a key, be it one of the crowd.
pub fn find(vendor: Vendor, host: &str, key: &str) -> Option<Person> {
    crowd::find(vendor, host, key).or_else(|| people(vendor, host).into_iter().find(|person| person.key == key))
}

/// The person of a vendor's own id.
pub fn by_id(vendor: Vendor, host: &str, id: &str) -> Option<Person> {
    crowd::by_id(vendor, host, id).or_else(|| people(vendor, host).into_iter().find(|person| person.id == id))
}

/// The app password of a Bluesky person of the crowd, by key.
pub fn app_password(key: &str) -> Option<String> {
    crowd::app_password(key)
}

/// Somebody.
pub fn person(key: &str, id: &str, name: &str, handle: &str, pages: Vec<Page>) -> Person {
    Person { key: key.into(), id: id.into(), name: name.into(), handle: handle.into(), pages }
}

/// A number that belongs to a server's name (FNV-1a).
pub(super) fn number_of(host: &str) -> u64 {
    let hash = host
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash % 1_000_000_000
}
