//! What instances say to each other, as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Change;

/// PostgreSQL carries messages that are shorter than 8000 bytes.
const LONGEST: usize = 7_999;

/// One thing that one instance says to all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Change(Change),
    /// Changes were not told: look at everything again.
    LookAgain,
    /// The sender is alive.
    Here,
    /// The sender stops and has told everything.
    Gone,
}

/// A word and the instance it comes from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message<'a> {
    pub from: Cow<'a, str>,
    pub word: Word,
}

impl Message<'_> {
    /// The text of a message. One that is too long goes without its toast, and if that does not help, as a call to look.
    pub fn encode(from: &str, word: Word) -> String {
        let mut message = Message { from: from.into(), word };
        let text = message.text();
        if text.len() <= LONGEST {
            return text;
        }
        if let Word::Change(change) = &mut message.word {
            change.toast = None;
        }
        let shorter = message.text();
        if shorter.len() <= LONGEST {
            return shorter;
        }
        Message { from: from.into(), word: Word::LookAgain }.text()
    }

    fn text(&self) -> String {
        // Strings and numbers can always be written; nothing at all would be read as a call to look.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Message<'static> {
    /// Reads a message. What can't be read comes from another version of the program, and whatever it says, looking at
    /// everything again is no mistake.
    pub fn decode(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or(Message { from: "".into(), word: Word::LookAgain })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tone;
    use super::*;
    use crate::api::accounts::Progress;
    use crate::domain::id::{AccountId, WorkspaceId};

    fn change(account: &str, toast: &str) -> Change {
        Change {
            cursor: 5,
            workspace: WorkspaceId::new("w"),
            account: Some(AccountId::new(account)),
            toast: Some(toast.into()),
            tone: Tone::Warn,
            progress: Some(Progress { done: 1, total: 2 }),
        }
    }

    fn sent(change: Change) -> Word {
        let text = Message::encode("one", Word::Change(change));
        assert!(text.len() < 8_000, "{} bytes", text.len());
        let message = Message::decode(&text);
        assert_eq!(message.from, "one");
        message.word
    }

    #[test]
    fn every_field_arrives() {
        let whole = change("a", "Please reconnect \"Ädä\"\0\n");
        assert_eq!(sent(whole.clone()), Word::Change(whole));
        for word in [Word::LookAgain, Word::Here, Word::Gone] {
            assert_eq!(Message::decode(&Message::encode("one", word.clone())).word, word);
        }
    }

    #[test]
    fn what_is_too_long_goes_without_its_toast() {
        for toast in ["x".repeat(9_000), "Ä".repeat(4_000), "\0".repeat(2_000)] {
            assert_eq!(sent(change("a", &toast)), Word::Change(Change { toast: None, ..change("a", "") }));
        }
        assert_eq!(sent(change(&"a".repeat(9_000), "")), Word::LookAgain);
    }

    #[test]
    fn the_longest_message_that_fits_goes_whole() {
        let empty = Message::encode("one", Word::Change(change("a", ""))).len();
        let whole = change("a", &"x".repeat(LONGEST - empty));
        assert_eq!(sent(whole.clone()), Word::Change(whole));
        assert_eq!(
            sent(change("a", &"x".repeat(LONGEST - empty + 1))),
            Word::Change(Change { toast: None, ..change("a", "") })
        );
    }

    #[test]
    fn what_is_not_understood_is_a_call_to_look() {
        for text in ["", "{}", r#"{"from":"new","word":"later"}"#, r#"{"from":"new","word":{"change":{}}}"#] {
            assert_eq!(Message::decode(text).word, Word::LookAgain, "{text}");
        }
    }
}
