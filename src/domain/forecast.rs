//! Whether a connection will end before posts that are scheduled (SPEC T-9).

/// When a token ends for good, Unix milliseconds: its known end, unless it is put off without anybody's help.
pub fn dies_at(ends_at: Option<i64>, renews_by_itself: bool) -> Option<i64> {
    ends_at.filter(|_| !renews_by_itself)
}

/// How many of the posts, by the times they come due, come after that. One that comes due at the very end is among them.
pub fn after(dies_at: Option<i64>, due: impl IntoIterator<Item = i64>) -> u32 {
    let Some(end) = dies_at else { return 0 };
    u32::try_from(due.into_iter().filter(|&due| due >= end).count()).unwrap_or(u32::MAX)
}

/// The warning, up to the date that it ends with.
pub fn words(posts: u32) -> String {
    match posts {
        1 => "1 scheduled post comes after the token ends on".into(),
        posts => format!("{posts} scheduled posts come after the token ends on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC T-9
    #[test]
    fn posts_after_the_end_of_a_token_are_counted() {
        let due = [100, 200, 300];
        assert_eq!(after(dies_at(Some(150), false), due), 2);
        assert_eq!(after(dies_at(Some(200), false), due), 2, "at the very end it is too late");
        assert_eq!(after(dies_at(Some(301), false), due), 0);
        assert_eq!(after(dies_at(None, false), due), 0, "an unknown end is no guess");
        assert_eq!(after(dies_at(Some(150), true), due), 0, "it is renewed by then");
    }

    // SPEC T-9
    #[test]
    fn one_post_and_many_have_their_words() {
        assert_eq!(words(1), "1 scheduled post comes after the token ends on");
        assert_eq!(words(2), "2 scheduled posts come after the token ends on");
    }
}
