//! What a list of accounts is narrowed down and put in order by (SPEC H-3, H-4): as little of each account as that takes.

use std::collections::BTreeMap;

use crate::api::accounts::{Choices, Totals};
use crate::domain::filter::{Filter, Search, Status};
use crate::domain::grant::TokenStatus;
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::server::store::accounts::health;
use crate::server::store::cards::LineRow;
use crate::server::store::{StoreError, platform};

/// An account before it is a card.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: AccountId,
    platform: Platform,
    host: String,
    name: String,
    handle: Option<String>,
    health: Health,
    disconnected: bool,
    token: Option<TokenStatus>,
    ends_at: Option<i64>,
    next_post_at: Option<i64>,
    amber_since: Option<i64>,
}

impl Line {
    /// From its row, at `now` (Unix milliseconds).
    ///
    /// # Errors
    /// When the row holds a word that nobody wrote.
    pub fn read(row: LineRow, now: i64) -> Result<Self, StoreError> {
        let platform = platform("accounts", &row.id, &row.platform)?;
        let connected = row.state == "connected";
        Ok(Self {
            platform,
            health: health(&row.id, &row.health)?,
            id: AccountId::new(row.id),
            host: row.host,
            name: row.name,
            handle: row.handle,
            disconnected: !connected,
            // A token that is renewed by itself ends, for a person, when the thing that renews it ends.
            token: connected.then(|| TokenStatus::at(now, row.ends_at)),
            ends_at: row.ends_at.filter(|_| connected),
            next_post_at: row.next_post_at,
            amber_since: row.amber_since,
        })
    }

    /// Whether somebody has to reconnect it.
    pub fn is_amber(&self) -> bool {
        !self.disconnected && self.health == Health::NeedsReconnect
    }

    fn key(&self) -> (u8, i64, i64, String, String) {
        let Self { id, name, health, disconnected, token, ends_at, next_post_at, amber_since, .. } = self;
        let (token, ends_at, next_post_at, amber_since) = (*token, *ends_at, *next_post_at, *amber_since);
        Rank { id, name, health: *health, disconnected: *disconnected, token, ends_at, next_post_at, amber_since }.key()
    }
}

/// What decides where an account stands.
pub struct Rank<'a> {
    pub id: &'a AccountId,
    pub name: &'a str,
    pub health: Health,
    pub disconnected: bool,
    pub token: Option<TokenStatus>,
    pub ends_at: Option<i64>,
    pub next_post_at: Option<i64>,
    pub amber_since: Option<i64>,
}

impl Rank<'_> {
    /// Attention first (by next post, then by how long it is broken), then what expires soon, then by name; given-up ones
    /// last (SPEC H-3).
    pub fn key(&self) -> (u8, i64, i64, String, String) {
        let group = match (self.disconnected, self.health, self.token) {
            (true, ..) => 3,
            (_, Health::NeedsReconnect, _) => 0,
            (_, _, Some(TokenStatus::ExpiringSoon { .. } | TokenStatus::Expired { .. })) => 1,
            _ => 2,
        };
        let (post, since) = match group {
            0 => (self.next_post_at.unwrap_or(i64::MAX), self.amber_since.unwrap_or(i64::MAX)),
            1 => (self.ends_at.unwrap_or(i64::MAX), 0),
            _ => (0, 0),
        };
        (group, post, since, self.name.to_lowercase(), self.id.to_string())
    }
}

/// How many there are of each sort.
pub fn totals(lines: &[Line]) -> Totals {
    let count = |is: fn(&Line) -> bool| number(lines.iter().filter(|line| is(line)).count());
    Totals {
        all: number(lines.len()),
        connected: count(|line| !line.disconnected),
        amber: count(Line::is_amber),
        soon: count(|line| {
            line.health == Health::Healthy && matches!(line.token, Some(TokenStatus::ExpiringSoon { .. }))
        }),
    }
}

/// What a filter leaves.
pub struct Sifted {
    /// In the order of the list.
    pub taken: Vec<Line>,
    pub choices: Choices,
}

/// What the filter takes, and what each of its choices would take if it were chosen instead.
pub fn sift(lines: Vec<Line>, filter: &Filter) -> Sifted {
    let search = Search::new(&filter.text);
    let mut choices = Choices { statuses: vec![0; Status::ALL.len()], ..Choices::default() };
    let mut of_platforms = BTreeMap::<Platform, u32>::new();
    let mut taken = Vec::new();
    for line in lines {
        let of_platform = of_platforms.entry(line.platform).or_default();
        let texts = [&line.name, line.handle.as_deref().unwrap_or(""), line.platform.name(), &line.host];
        if !search.finds(&texts) {
            continue;
        }
        let status = filter.status.takes(line.is_amber(), line.token);
        let platform = filter.platform.is_none_or(|platform| platform == line.platform);
        if status {
            *of_platform += 1;
            choices.any_platform += 1;
        }
        if platform {
            for (count, other) in choices.statuses.iter_mut().zip(Status::ALL) {
                *count += u32::from(other.takes(line.is_amber(), line.token));
            }
        }
        if status && platform {
            taken.push(line);
        }
    }
    choices.platforms = of_platforms.into_iter().collect();
    taken.sort_by_cached_key(Line::key);
    Sifted { taken, choices }
}

/// A number as it travels.
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Line {
        Line {
            id: AccountId::new(name),
            platform: Platform::X,
            host: String::new(),
            name: name.into(),
            handle: None,
            health: Health::Healthy,
            disconnected: false,
            token: Some(TokenStatus::Valid),
            ends_at: None,
            next_post_at: None,
            amber_since: None,
        }
    }

    fn amber(name: &str, since: i64, next_post_at: Option<i64>) -> Line {
        Line { health: Health::NeedsReconnect, amber_since: Some(since), next_post_at, ..named(name) }
    }

    fn names(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.name.as_str()).collect()
    }

    // SPEC H-3
    #[test]
    fn what_needs_attention_comes_first() {
        let soon = Line { token: Some(TokenStatus::ExpiringSoon { days: 3 }), ends_at: Some(9), ..named("soon") };
        let gone = Line { disconnected: true, token: None, ..named("a gone one") };
        let lines = vec![
            named("zebra"),
            gone,
            named("Ant"),
            soon,
            amber("young, no post", 50, None),
            amber("old, no post", 10, None),
            amber("post tomorrow", 60, Some(2_000)),
            amber("post today", 70, Some(1_000)),
        ];
        let Sifted { taken, .. } = sift(lines, &Filter::default());
        let expected =
            ["post today", "post tomorrow", "old, no post", "young, no post", "soon", "Ant", "zebra", "a gone one"];
        assert_eq!(names(&taken), expected);
    }

    // SPEC H-4: counts stand beside each choice, and combine
    #[test]
    fn each_choice_knows_what_it_would_take() {
        let on = |platform, line: Line| Line { platform, ..line };
        let lines = vec![
            on(Platform::Facebook, named("Bakery")),
            on(Platform::Facebook, amber("Bakery shop", 1, None)),
            on(Platform::X, amber("Bakery", 2, None)),
            on(Platform::Youtube, named("Choir")),
        ];
        let filter = Filter::of("attention", "facebook", "bakery".into(), 0);
        let Sifted { taken, choices } = sift(lines, &filter);
        assert_eq!(names(&taken), ["Bakery shop"]);
        assert_eq!(choices.statuses, [2, 1, 2, 0, 0]);
        assert_eq!(choices.platforms, [(Platform::Facebook, 1), (Platform::X, 1), (Platform::Youtube, 0)]);
        assert_eq!(choices.any_platform, 2);
    }
}
