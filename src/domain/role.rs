//! Roles and what each may do (SPEC W-1). Every permission check in the product asks here.

use serde::{Deserialize, Serialize};

/// A member's role in a workspace, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Viewer,
    Editor,
    Admin,
    Owner,
}

/// Something a member may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look at accounts, posts and history.
    See,
    /// Write and publish posts.
    Compose,
    /// Ask a platform now whether an account works.
    Check,
    /// Connect, reconnect, disconnect, remove.
    ManageAccounts,
    /// Say who is told of what, and where webhooks lead.
    ManageAlerts,
    /// See scopes and other technical detail of a grant.
    SeeScopes,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [Self::Viewer, Self::Editor, Self::Admin, Self::Owner];

    /// Whether this role may do `action`.
    pub fn may(self, action: Action) -> bool {
        let least = match action {
            Action::See => Self::Viewer,
            Action::Compose | Action::Check => Self::Editor,
            Action::ManageAccounts | Action::ManageAlerts | Action::SeeScopes => Self::Admin,
        };
        self >= least
    }

    /// The word in the database and in URLs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC W-1
    #[test]
    fn each_role_may_what_the_weaker_ones_may_and_no_more() {
        let allowed = |role: Role| {
            [
                Action::See,
                Action::Compose,
                Action::Check,
                Action::ManageAccounts,
                Action::ManageAlerts,
                Action::SeeScopes,
            ]
            .map(|action| role.may(action))
        };
        assert_eq!(allowed(Role::Viewer), [true, false, false, false, false, false]);
        assert_eq!(allowed(Role::Editor), [true, true, true, false, false, false]);
        assert_eq!(allowed(Role::Admin), [true; 6]);
        assert_eq!(allowed(Role::Owner), [true; 6]);
    }
}
