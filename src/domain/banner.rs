//! The banners at the top of the pages (SPEC A-1): which there are, what they say, and which comes first.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::filter::{Filter, Status};
use super::id::AccountId;
use super::platform::Platform;

/// How many names a banner shows before it only counts.
const SHOWN: usize = 8;

/// What is the matter with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Trouble {
    /// It is amber. Instants are Unix milliseconds.
    Broken { since: i64, held: bool, next_post_at: Option<i64> },
    /// Its token ends, and only a person can renew it.
    Ending { at: i64 },
}

/// An account that somebody should see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Troubled {
    pub account: AccountId,
    pub platform: Platform,
    pub name: String,
    pub trouble: Trouble,
}

/// An account in a banner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub account: AccountId,
    pub name: String,
}

/// One banner: the accounts of one noun that have the same trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// Its first account's.
    pub platform: Platform,
    /// Whether its accounts come from more than one way in (Instagram has two).
    pub mixed: bool,
    /// Amber, or only going to be.
    pub broken: bool,
    /// The most important first.
    pub accounts: Vec<Named>,
}

impl Banner {
    /// The sentence up to the names.
    pub fn head(&self) -> String {
        let end = if self.broken { "has expired" } else { "will expire soon" };
        format!("The connection for the following {}(s) {end}: ", self.platform.noun())
    }

    /// The accounts that are named, and how many more there are.
    pub fn shown(&self) -> (&[Named], usize) {
        // "and 1 more" would take as much room as the name.
        let shown = if self.accounts.len() <= SHOWN + 1 { self.accounts.len() } else { SHOWN };
        (&self.accounts[..shown], self.accounts.len() - shown)
    }

    /// The end of the sentence: a name that stands last may bring its own full stop ("Bright & Co.").
    pub fn stop(&self) -> Option<&'static str> {
        let (shown, more) = self.shown();
        let ended =
            shown.last().filter(|_| more == 0).is_some_and(|last| last.name.ends_with(['.', '!', '?', '…', '。']));
        (!ended).then_some(".")
    }

    /// The list in which all of them stand.
    pub fn filter(&self) -> Filter {
        let status = if self.broken { Status::Attention } else { Status::Expiring };
        let (platform, text) = match self.mixed {
            // The common name is in the names of all its ways.
            true => (None, self.platform.noun().split(' ').next().unwrap_or_default().to_owned()),
            false => (Some(self.platform), String::new()),
        };
        Filter { status, platform, text, page: 0 }
    }

    /// A word for it that stays the same while accounts come and go.
    pub fn key(&self) -> String {
        let noun = self.platform.noun().to_lowercase().replace(|letter: char| !letter.is_alphanumeric(), "-");
        format!("{}-{noun}", if self.broken { "expired" } else { "soon" })
    }
}

/// The banners of a workspace, the most important first: amber before ending; among amber ones those that hold posts back
/// or will soonest, then the longest broken, then the one with more accounts.
pub fn banners(mut accounts: Vec<Troubled>) -> Vec<Banner> {
    accounts.sort_by_cached_key(|one| (urgency(&one.trouble), one.name.to_lowercase(), one.account.clone()));
    let mut found: Vec<(Urgency, Banner)> = Vec::new();
    for one in accounts {
        let broken = matches!(one.trouble, Trouble::Broken { .. });
        let urgency = urgency(&one.trouble);
        let named = Named { account: one.account, name: one.name };
        let same = |banner: &Banner| banner.broken == broken && banner.platform.noun() == one.platform.noun();
        match found.iter_mut().find(|(_, banner)| same(banner)) {
            Some((_, banner)) => {
                banner.mixed |= banner.platform != one.platform;
                banner.accounts.push(named);
            }
            // Its first account is its most urgent.
            None => {
                found.push((urgency, Banner { platform: one.platform, mixed: false, broken, accounts: vec![named] }));
            }
        }
    }
    found.sort_by_key(|(urgency, banner)| (*urgency, Reverse(banner.accounts.len()), banner.platform.noun()));
    found.into_iter().map(|(_, banner)| banner).collect()
}

type Urgency = (bool, i64, i64);

/// Less is more urgent.
fn urgency(trouble: &Trouble) -> Urgency {
    match *trouble {
        Trouble::Broken { since, held: true, .. } => (false, i64::MIN, since),
        Trouble::Broken { since, next_post_at, .. } => (false, next_post_at.unwrap_or(i64::MAX), since),
        Trouble::Ending { at } => (true, at, 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Platform, broken, since, held, next post and name, as the property test draws them.
    type Drawn = (usize, bool, i64, bool, Option<i64>, String);

    fn broken(name: &str, platform: Platform, since: i64, held: bool, next_post_at: Option<i64>) -> Troubled {
        let trouble = Trouble::Broken { since, held, next_post_at };
        Troubled { account: AccountId::new(name), platform, name: name.into(), trouble }
    }

    fn ending(name: &str, platform: Platform, at: i64) -> Troubled {
        Troubled { trouble: Trouble::Ending { at }, ..broken(name, platform, 0, false, None) }
    }

    fn text(banner: &Banner) -> String {
        let (shown, more) = banner.shown();
        let names: Vec<&str> = shown.iter().map(|one| one.name.as_str()).collect();
        format!("{}{}+{more}", banner.head(), names.join(", "))
    }

    // SPEC A-1
    #[test]
    fn a_sentence_ends_once() {
        let stop = |names: &[&str]| {
            let each = names.iter().map(|name| broken(name, Platform::X, 1, false, None));
            banners(each.collect())[0].stop()
        };
        assert_eq!(
            [stop(&["Bright & Co."]), stop(&["Wow!"]), stop(&["A Co.", "B"]), stop(&["A"])],
            [None, None, Some("."), Some(".")]
        );
        let many: Vec<String> = (0..20).map(|at| format!("{at:02} Co.")).collect();
        assert_eq!(stop(&many.iter().map(String::as_str).collect::<Vec<_>>()), Some("."), "after the count");
    }

    // SPEC A-1: the exact words, in each platform's own nouns
    #[test]
    fn every_platform_has_its_words() {
        let said = |platform| banners(vec![broken("A", platform, 1, false, None)])[0].head();
        assert_eq!(
            Platform::ALL.map(said).join("\n"),
            "The connection for the following Facebook page(s) has expired: \n\
             The connection for the following Instagram account(s) has expired: \n\
             The connection for the following Instagram account(s) has expired: \n\
             The connection for the following LinkedIn account(s) has expired: \n\
             The connection for the following X account(s) has expired: \n\
             The connection for the following TikTok account(s) has expired: \n\
             The connection for the following YouTube channel(s) has expired: \n\
             The connection for the following Google Business location(s) has expired: \n\
             The connection for the following Pinterest account(s) has expired: \n\
             The connection for the following Threads profile(s) has expired: \n\
             The connection for the following Mastodon account(s) has expired: \n\
             The connection for the following Bluesky account(s) has expired: \n\
             The connection for the following Telegram channel(s) has expired: \n\
             The connection for the following WhatsApp number(s) has expired: "
        );
        let soon = banners(vec![ending("A", Platform::Linkedin, 5), ending("B", Platform::Linkedin, 4)]);
        assert_eq!(text(&soon[0]), "The connection for the following LinkedIn account(s) will expire soon: B, A+0");
    }

    // SPEC A-1: one per platform
    #[test]
    fn both_ways_into_instagram_share_a_banner() {
        let both = banners(vec![
            broken("A", Platform::Instagram, 2, false, None),
            broken("B", Platform::InstagramViaFacebook, 1, false, None),
            ending("C", Platform::Instagram, 9),
        ]);
        assert_eq!(both.len(), 2, "what broke and what will stand apart");
        assert_eq!(text(&both[0]), "The connection for the following Instagram account(s) has expired: B, A+0");
        assert!(both[0].mixed && !both[1].mixed);
        assert_eq!(both[0].filter().address("/connections", &[]), "/connections?status=attention&q=Instagram");
        let one = "/connections?status=expiring&platform=instagram";
        assert_eq!(both[1].filter().address("/connections", &[]), one);
        assert_ne!(both[0].key(), both[1].key());
    }

    // SPEC A-1: order of importance
    #[test]
    fn what_costs_most_comes_first() {
        let order = banners(vec![
            ending("later", Platform::Tiktok, 90),
            ending("sooner", Platform::Pinterest, 80),
            broken("one of one", Platform::Bluesky, 50, false, None),
            broken("one of two", Platform::Mastodon, 50, false, None),
            broken("two of two", Platform::Mastodon, 51, false, None),
            broken("long", Platform::Youtube, 10, false, None),
            broken("post later", Platform::X, 5, false, Some(200)),
            broken("post soon", Platform::Threads, 60, false, Some(100)),
            broken("held", Platform::Facebook, 70, true, None),
            broken("held longer", Platform::Linkedin, 65, true, Some(999)),
        ]);
        let names: Vec<&str> = order.iter().map(|banner| banner.accounts[0].name.as_str()).collect();
        assert_eq!(
            names,
            ["held longer", "held", "post soon", "post later", "long", "one of two", "one of one", "sooner", "later"]
        );
    }

    // SPEC A-1, H-9: a crowd is counted, and nobody is hidden for the sake of one word
    #[test]
    fn many_names_end_in_a_count() {
        let crowd = |size: usize| {
            let each = (0..size).map(|at| broken(&format!("{at:02}"), Platform::X, 1, false, None));
            banners(each.collect()).pop().expect("a banner")
        };
        assert_eq!(text(&crowd(9)).split(": ").last(), Some("00, 01, 02, 03, 04, 05, 06, 07, 08+0"));
        assert_eq!(text(&crowd(20)).split(": ").last(), Some("00, 01, 02, 03, 04, 05, 06, 07+12"));
    }

    fn anything() -> impl Strategy<Value = Vec<Troubled>> {
        let one = (0usize..14, any::<bool>(), 0i64..5, any::<bool>(), proptest::option::of(0i64..5), "[a-c]{1,2}");
        proptest::collection::vec(one, 0..30).prop_map(|all| {
            let troubled = |(at, one): (usize, Drawn)| {
                let (platform, amber, time, held, post, name) = one;
                let platform = Platform::ALL[platform];
                let mut one: Troubled =
                    if amber { broken(&name, platform, time, held, post) } else { ending(&name, platform, time) };
                one.account = AccountId::new(format!("{at}"));
                one
            };
            all.into_iter().enumerate().map(troubled).collect()
        })
    }

    proptest! {
        // SPEC A-1: every account stands in exactly one banner, of its own noun; amber before ending; however they come
        #[test]
        fn nobody_is_left_out_and_nothing_depends_on_how_they_come(accounts in anything(), turn in 0usize..30) {
            let all = banners(accounts.clone());
            let mut named: Vec<&str> = all.iter().flat_map(|banner| &banner.accounts).map(|one| one.account.as_str()).collect();
            named.sort_unstable();
            let mut given: Vec<&str> = accounts.iter().map(|one| one.account.as_str()).collect();
            given.sort_unstable();
            prop_assert_eq!(named, given);
            for banner in &all {
                for one in &banner.accounts {
                    let own = accounts.iter().find(|own| own.account == one.account).expect("given");
                    prop_assert_eq!(own.platform.noun(), banner.platform.noun());
                    prop_assert_eq!(matches!(own.trouble, Trouble::Broken { .. }), banner.broken);
                }
            }
            prop_assert!(all.windows(2).all(|pair| pair[0].broken || !pair[1].broken));
            let mut keys: Vec<String> = all.iter().map(Banner::key).collect();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), all.len());
            let mut turned = accounts;
            let by = turn.min(turned.len());
            turned.rotate_left(by);
            prop_assert_eq!(banners(turned), all);
        }
    }
}
