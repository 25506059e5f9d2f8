//! The rest of the town: more people, places and names than a test needs, so that a demo looks like a workspace in use. They
//! stand behind the first ones of every vendor, on its consent pages too; nothing that is promised to a test is said here.

use std::borrow::Cow;

use super::cast::{Page, Person, number_of, person};
use super::vendor::Vendor;

/// A Facebook person of an agency with eight pages of as many clients.
pub const WANDA: &str = "wanda";
/// A Facebook person with two pages.
pub const LENA: &str = "lena";
/// A Facebook person who never comes to the choice of her page.
pub const YUKI: &str = "yuki";
/// The page of hers that has the longest name.
pub const LONG_PAGE: &str = "100200300400703";
/// Servers of Mastodon with users of their own.
pub const MASTODON_HOSTS: [&str; 2] = ["kultur.example", "toot.harbour.example"];

const EVERYTHING: &[&str] = &["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"];
const LOCATION: &[&str] = &["canOperateLocalPost", "hasVoiceOfMerchant"];

const WANDAS: [Page; 8] = [
    page("100200300400701", "Städtisches Museum für Seefahrt", "museumseefahrt", "History Museum", EVERYTHING),
    page("100200300400702", "FC Harbour United ⚽️🏆", "fcharbourunited", "Sports Team", EVERYTHING),
    page(
        LONG_PAGE,
        "Gesellschaft der Freundinnen und Freunde der historischen Straßenbahn und ihrer Nebenstrecken e. V.",
        "strassenbahnfreunde",
        "Nonprofit Organization",
        EVERYTHING,
    ),
    page("100200300400704", "מקהלת הנמל", "harbourchoir", "Musician/Band", EVERYTHING),
    page("100200300400705", "港町書店", "minatomachibooks", "Bookstore", EVERYTHING),
    page("100200300400706", "Café Ångström", "cafeangstrom", "Cafe", EVERYTHING),
    page("100200300400707", "Library of Things", "libraryofthings", "Library", EVERYTHING),
    page("100200300400708", "Το Καφενείο της Γωνίας", "kafeneio", "Cafe", EVERYTHING),
];

const LENAS: [Page; 2] = [
    page("100200300400711", "Lena's Flower Barrow 💐", "lenasbarrow", "Florist", EVERYTHING),
    page("100200300400712", "Quay Allotments", "quayallotments", "Community Garden", EVERYTHING),
];

const YUKIS: [Page; 1] = [page("100200300400721", "Quay Cinema Club", "quaycinema", "Cinema", EVERYTHING)];

const GALINAS: [Page; 3] = [
    page("UCg4l1naMus3umS33fahrt0Xy", "Музей мореплавания", "@seamuseum", "channel", LOCATION),
    page("accounts/40777/locations/66001", "Café Ångström", "3 Lantern Steps", "Cafe", LOCATION),
    page("accounts/40777/locations/66002", "달빛서점 Moonlight Books", "21 Sail Loft Yard", "Bookstore", LOCATION),
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

/// Everybody of the town who has an account at a vendor; `host` matters to Mastodon only.
pub fn people(vendor: Vendor, host: &str) -> Vec<Person> {
    let one = |key, id, name| person(key, id, name, key, Vec::new());
    match vendor {
        Vendor::Facebook => vec![
            person(WANDA, "122093400000000041", "Wanda Achterberg", "", WANDAS.to_vec()),
            person(LENA, "122093400000000043", "Lena Duarte", "", LENAS.to_vec()),
            person(YUKI, "122093400000000047", "Yuki Tan", "", YUKIS.to_vec()),
        ],
        Vendor::Instagram => vec![
            one("fcharbourunited", "17841400000000041", "FC Harbour United ⚽️"),
            one("museum.seefahrt", "17841400000000043", "Städtisches Museum für Seefahrt"),
            one("librairie_du_quai", "17841400000000047", "Librairie du Quai"),
        ],
        Vendor::Threads => vec![one("lanternsteps", "25600000000000041", "Lantern Steps Night Market 🏮")],
        Vendor::Linkedin => vec![person("greta", "kQ71lmaW3s", "Greta Sørensen-Whitfield", "", Vec::new())],
        Vendor::X => vec![
            one("harbourunited", "1580000000000000404", "FC Harbour United"),
            one("ferry_line_7", "1580000000000000505", "Ferry Line 7 ⛴️"),
        ],
        Vendor::Tiktok => vec![
            person("fcharbour", "-000fC7harbourUnited2kPq", "FC Harbour United", "fcharbour", Vec::new()),
            person("moonlightbooks", "-000mB4moonlightBooks8vTz", "달빛서점", "moonlightbooks", Vec::new()),
        ],
        Vendor::Google => {
            vec![person("galina", "103400000000000000414", "Galina Petrova", "galina@museum.example", GALINAS.to_vec())]
        }
        Vendor::Pinterest => vec![
            one("cafeangstrom", "773281967335417003", "Café Ångström"),
            one("oldpierantiques", "773281967335417004", "Old Pier Antiques"),
        ],
        Vendor::Mastodon => mastodon(host),
        Vendor::Telegram | Vendor::Standard | Vendor::Bluesky => Vec::new(),
    }
}

fn mastodon(host: &str) -> Vec<Person> {
    let named: &[(&str, &str)] = match host {
        "kultur.example" => &[("bibliothek", "Stadtbibliothek am Kai"), ("mahallechor", "Mahalle Korosu 🎶")],
        "toot.harbour.example" => &[("lifeboat", "Harbour Lifeboat Crew 🛟"), ("tidetables", "Tide Tables, hourly")],
        _ => &[],
    };
    let first = 109_000_000_000_000_005 + number_of(host) * 10;
    (first..).zip(named).map(|(id, (key, name))| person(key, &id.to_string(), name, key, Vec::new())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::cast;
    use super::*;

    #[test]
    fn nobody_is_there_twice() {
        for (vendor, host) in Vendor::ALL.map(|vendor| (vendor, vendor.twin().host())) {
            let hosts = if vendor == Vendor::Mastodon { [host, "kultur.example"].to_vec() } else { vec![host] };
            let all: Vec<Person> = hosts.iter().flat_map(|host| cast::people(vendor, host)).collect();
            let ids: HashSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(ids.len(), all.len(), "{}", vendor.name());
            let pages: Vec<&Page> = all.iter().flat_map(|one| &one.pages).collect();
            let own: HashSet<&str> = pages.iter().map(|page| page.id.as_ref()).collect();
            assert_eq!(own.len(), pages.len(), "{}", vendor.name());
            for one in people(vendor, host) {
                assert_eq!(cast::by_id(vendor, host, &one.id).map(|found| found.key), Some(one.key));
            }
        }
    }
}
