//! The newest news of this process, so that a tab whose stream broke off hears exactly what it missed.

use std::collections::VecDeque;

use super::News;

/// How much is kept. A tab that missed more looks at everything again.
pub(super) const KEPT: usize = 512;

/// News in the order in which they were told, numbered without gaps.
#[derive(Default)]
pub(super) struct Ring {
    /// The number of the newest.
    count: u64,
    kept: VecDeque<News>,
    /// Whether anybody has listened yet. Before that nobody can come back for what they missed.
    pub(super) heard: bool,
}

impl Ring {
    /// Numbers a piece of news and keeps it.
    pub(super) fn push(&mut self, news: impl FnOnce(u64) -> News) -> News {
        self.count += 1;
        let news = news(self.count);
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(news.clone());
        news
    }

    /// The number of the newest.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Everything after number `seen`, oldest first; `None` if not all of that is kept, or no such number was ever given.
    pub(super) fn since(&self, seen: u64) -> Option<VecDeque<News>> {
        let missed = usize::try_from(self.count.checked_sub(seen)?).ok()?;
        let skip = self.kept.len().checked_sub(missed)?;
        Some(self.kept.iter().skip(skip).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(count: u64) -> Ring {
        let mut ring = Ring::default();
        for number in 1..=count {
            assert_eq!(ring.push(News::LookAgain).number(), number);
        }
        ring
    }

    fn numbers(ring: &Ring, seen: u64) -> Option<Vec<u64>> {
        ring.since(seen).map(|missed| missed.iter().map(News::number).collect())
    }

    // SPEC T-1
    #[test]
    fn what_came_after_a_number_is_told_in_order() {
        let ring = filled(5);
        assert_eq!(numbers(&ring, 3), Some(vec![4, 5]));
        assert_eq!(numbers(&ring, 0), Some(vec![1, 2, 3, 4, 5]));
        assert_eq!(numbers(&ring, 5), Some(vec![]));
        assert_eq!(numbers(&ring, 6), None, "such a number was never given");
        assert_eq!(numbers(&Ring::default(), 0), Some(vec![]));
    }

    #[test]
    fn what_is_too_old_is_not_made_up() {
        let kept = KEPT as u64;
        let ring = filled(kept + 10);
        assert_eq!(numbers(&ring, 9), None, "number 10 is gone");
        let all = numbers(&ring, 10).expect("the last ones are kept");
        assert_eq!((all.len(), all.first(), all.last()), (KEPT, Some(&11), Some(&(kept + 10))));
    }
}
