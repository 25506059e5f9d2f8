//! Who plays: the people, pages and accounts that the stand-in vendors know. Nothing here exists anywhere else.

use std::borrow::Cow;

use super::crowd;
use super::vendor::Vendor;

/// A Facebook person with four pages, one of which she may not publish on.
pub const FACEBOOK_MANY: &str = "mara";
/// A Facebook person with two pages.
pub const FACEBOOK_FEW: &str = "idris";
/// A Facebook person without any page.
pub const FACEBOOK_NONE: &str = "nopages";
/// The users of X.
pub const X: [&str; 3] = ["crumbandkettle", "northbells", "quaychoir"];
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

const DIDS: [&str; 3] =
    ["did:plc:h4rb0urt1dewa1ksxample2q", "did:plc:m7llwheelf1ourstone3exam", "did:plc:lem0ngrovegardenexamp7ey"];

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

/// A Facebook page.
#[derive(Clone, Debug)]
pub struct Page {
    pub id: Cow<'static, str>,
    pub name: Cow<'static, str>,
    pub username: Cow<'static, str>,
    pub category: &'static str,
    pub tasks: &'static [&'static str],
}

pub(super) const ALL_TASKS: &[&str] = &["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"];
const EDITOR: &[&str] = &["ANALYZE", "CREATE_CONTENT", "MODERATE"];
const ANALYST: &[&str] = &["ANALYZE"];

const MARA: [Page; 4] = [
    page("100200300400501", "Harbour Street Bakery", "harbourstreetbakery", "Bakery", ALL_TASKS),
    page("100200300400502", "Crumb & Kettle Cooking Classes 🥐", "crumbandkettle", "Cooking School", ALL_TASKS),
    page(
        "100200300400503",
        "Friends of the Old Lighthouse Keeper's Cottage and Kitchen Garden Restoration Society",
        "lighthousefriends",
        "Nonprofit Organization",
        EDITOR,
    ),
    page("100200300400504", "Market Hall Traders", "markethalltraders", "Shopping Mall", ANALYST),
];

const IDRIS: [Page; 2] = [
    page("100200300400601", "Spoke & Saddle Cycle Workshop", "spokeandsaddle", "Bicycle Shop", ALL_TASKS),
    page("100200300400602", "مخبز غصن الزيتون", "olivebranchbakery", "Bakery", EDITOR),
];

const fn page(
    id: &'static str,
    name: &'static str,
    username: &'static str,
    category: &'static str,
    tasks: &'static [&'static str],
) -> Page {
    Page { id: Cow::Borrowed(id), name: Cow::Borrowed(name), username: Cow::Borrowed(username), category, tasks }
}

/// Everybody with an account at a vendor whom its pages show; besides, there is the [`crowd`]. `host` matters to Mastodon only, whose servers have users of their own.
pub fn people(vendor: Vendor, host: &str) -> Vec<Person> {
    match vendor {
        Vendor::Facebook => vec![
            person(FACEBOOK_MANY, "122093400000000017", "Mara Lindqvist", "", MARA.to_vec()),
            person(FACEBOOK_FEW, "122093400000000029", "Idris Okonjo", "", IDRIS.to_vec()),
            person(FACEBOOK_NONE, "122093400000000031", "Noa Brandt", "", Vec::new()),
        ],
        Vendor::X => vec![
            person(X[0], "1580000000000000101", "Crumb & Kettle 🥐", X[0], Vec::new()),
            person(X[1], "1580000000000000202", "North Quay Bells & Brass", X[1], Vec::new()),
            person(X[2], "1580000000000000303", "جوقة الميناء", X[2], Vec::new()),
        ],
        Vendor::Mastodon => mastodon(host),
        Vendor::Bluesky => {
            let names = ["Harbour Tide Walks", "Old Mill Flour 🌾", "بستان الليمون"];
            let all = BLUESKY.iter().zip(DIDS).zip(names);
            all.map(|(((handle, _), did), name)| person(handle, did, name, handle, Vec::new())).collect()
        }
    }
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

/// A Facebook page by its id.
pub fn page_of(id: &str) -> Option<Page> {
    MARA.into_iter().chain(IDRIS).find(|page| page.id == id)
}

fn person(key: &str, id: &str, name: &str, handle: &str, pages: Vec<Page>) -> Person {
    Person { key: key.into(), id: id.into(), name: name.into(), handle: handle.into(), pages }
}

fn mastodon(host: &str) -> Vec<Person> {
    let named = match host {
        "mastodon.example" => [("crumb", "Harbour Street Bakery"), ("slowriders", "Slow Riders Touring Club 🚲")],
        "social.example" => [("riversidechoir", "Riverside Open Choir"), ("towpath", "Towpath Cycle Hire")],
        _ => generated(host),
    };
    let number = number_of(host);
    MASTODON
        .iter()
        .zip(named)
        .zip(1..)
        .map(|((key, (handle, name)), slot)| {
            person(key, &format!("{}", 109_000_000_000_000_000 + number * 10 + slot), name, handle, Vec::new())
        })
        .collect()
}

/// Two users for a server nobody thought of: which ones follows from its name.
fn generated(host: &str) -> [(&'static str, &'static str); 2] {
    const BAKERS: [(&str, &str); 4] = [
        ("millbread", "Mill Lane Bread"),
        ("ryeandco", "Rye & Company"),
        ("cornerbakes", "The Corner Bakes"),
        ("earlyoven", "Early Oven"),
    ];
    const RIDERS: [(&str, &str); 4] = [
        ("chainreaction", "Chain Reaction Cycles"),
        ("hillclimbers", "Hill Climbers' Club"),
        ("bellandpedal", "Bell & Pedal"),
        ("wheelhouse", "The Wheelhouse"),
    ];
    let pick = usize::try_from(number_of(host) % 4).unwrap_or(0);
    [BAKERS[pick], RIDERS[pick]]
}

/// A number that belongs to a server's name (FNV-1a).
pub(super) fn number_of(host: &str) -> u64 {
    let hash = host
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash % 1_000_000_000
}
