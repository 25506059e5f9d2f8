//! The people of Google's stand-in, with what they look after: a channel (its id begins with `UC`), and locations under
//! their long names.

use std::borrow::Cow;

use super::super::cast::{GOOGLE, Page, Person, person};

/// The word among a location's tasks that lets apps post to it.
pub const POSTS: &str = "canOperateLocalPost";

const MAY: &[&str] = &[POSTS, "hasVoiceOfMerchant"];
const CHAIN: &[&str] = &["hasVoiceOfMerchant"];

const fn page(
    id: &'static str,
    name: &'static str,
    username: &'static str,
    category: &'static str,
    tasks: &'static [&'static str],
) -> Page {
    Page { id: Cow::Borrowed(id), name: Cow::Borrowed(name), username: Cow::Borrowed(username), category, tasks }
}

/// A location's user name is its street here.
const PETRA: [Page; 6] = [
    page("UCq4ayS1deB3lls0fTh3N0rth", "North Quay Bells", "@northquaybells", "channel", MAY),
    page("accounts/10420/locations/77001", "Harbour Street Bakery", "1 Harbour Street", "Bakery", MAY),
    page("accounts/10420/locations/77002", "Harbour Street Bakery", "48 Mill Lane", "Bakery", MAY),
    page("accounts/10420/locations/77003", "Quick Loaf Central Station", "Platform 3", "Bakery", CHAIN),
    page("accounts/20999/locations/88001", "Old Lighthouse Keeper's Cottage", "Lighthouse Road", "Museum", MAY),
    page("accounts/20999/locations/88002", "مخبز غصن الزيتون", "12 Olive Row", "Bakery", MAY),
];

const OMAR: [Page; 2] = [
    page("UCspok3ands4ddl3w0rksh0pX", "Spoke & Saddle", "@spokeandsaddle", "channel", MAY),
    page("accounts/30555/locations/99001", "Spoke & Saddle Cycle Workshop", "7 Canal Side", "Bicycle Shop", MAY),
];

/// Everybody whom the pages show.
pub fn all() -> Vec<Person> {
    vec![
        person(GOOGLE[0], "103400000000000000171", "Petra Halloran", "petra@harbour.example", PETRA.to_vec()),
        person(GOOGLE[1], "103400000000000000292", "Omar Vance", "omar@spoke.example", OMAR.to_vec()),
        person(GOOGLE[2], "103400000000000000313", "Noemi Arden", "noemi@gmail.example", Vec::new()),
    ]
}

/// Account and location of a long name.
pub fn parts(page: &Page) -> Option<(&str, &str)> {
    let rest = page.id.strip_prefix("accounts/")?;
    rest.split_once("/locations/")
}
