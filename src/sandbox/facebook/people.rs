//! The people and pages of Facebook's stand-in.

use std::borrow::Cow;

use super::super::cast::{FACEBOOK_FEW, FACEBOOK_MANY, FACEBOOK_NONE, Page, Person, person};

/// Id of the crowd's first.
pub const CROWD_IDS: u64 = 122_093_500_000_000_000;
const CROWD_PAGE_IDS: u64 = 100_300_000_000_000;
const TRADES: [&str; 6] = ["Bakery", "Cycles", "Flowers", "Books", "Ceramics", "Coffee"];

const ALL_TASKS: &[&str] = &["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"];
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

/// Everybody whom the pages show.
pub fn all() -> Vec<Person> {
    vec![
        person(FACEBOOK_MANY, "122093400000000017", "Mara Lindqvist", "", MARA.to_vec()),
        person(FACEBOOK_FEW, "122093400000000029", "Idris Okonjo", "", IDRIS.to_vec()),
        person(FACEBOOK_NONE, "122093400000000031", "Noa Brandt", "", Vec::new()),
    ]
}

/// One of the crowd, with a page.
pub fn of_crowd(n: u64) -> Person {
    let trade = TRADES[usize::try_from(n % 6).unwrap_or(0)];
    let page = Page {
        id: (CROWD_PAGE_IDS + n).to_string().into(),
        name: format!("Crowd {trade} {n}").into(),
        username: format!("crowd{n}").into(),
        category: trade,
        tasks: ALL_TASKS,
    };
    Person { pages: vec![page], ..super::super::crowd::person(n, CROWD_IDS + n, String::new()) }
}

/// A page by its id.
pub fn page_of(id: &str) -> Option<Page> {
    MARA.into_iter().chain(IDRIS).find(|page| page.id == id)
}
