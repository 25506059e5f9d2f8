//! How a vendor treats refresh tokens: five habits that exist in the wild, of which X's stand-in can take on each.

use serde::{Deserialize, Serialize};

use super::state::Token;

/// Seconds that X's access tokens live, unless told otherwise.
pub const ACCESS_LIFE_S: i64 = 7_200;

/// What becomes of a refresh token when it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshModel {
    /// It stays the same for ever; every use gives a new access token.
    Stable,
    /// It is used up by its use. Sent again, it ends everything that came of it.
    #[default]
    Strict,
    /// For this many seconds after its first use it gives further pairs. Sent later, it ends everything that came of it.
    Grace { seconds: i64 },
    /// It works until a refresh token that came of it was used. Sent later, it ends everything that came of it.
    UntilUsed,
    /// Access and refresh token stay the same, and both live longer.
    Extended,
}

impl RefreshModel {
    /// Whether a refresh token comes a second time although it must not.
    pub fn is_replay(self, token: &Token, now: i64) -> bool {
        let Some(spent) = token.spent else { return false };
        match self {
            // Only a token from before a change of the model is spent under the first and the last of these.
            Self::Stable | Self::Strict | Self::Extended => true,
            Self::Grace { seconds } => now - spent >= seconds.saturating_mul(1_000),
            Self::UntilUsed => token.ended.is_some(),
        }
    }
}

/// The habits of X's stand-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habits {
    pub model: RefreshModel,
    /// Life of an access token.
    pub access_seconds: i64,
}

impl Default for Habits {
    fn default() -> Self {
        Self { model: RefreshModel::default(), access_seconds: ACCESS_LIFE_S }
    }
}
