//! Who looks at the page: asked once, in the frame, and shared with all pages inside it.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::known::Known;
use crate::api::session::{Me, me};
use crate::domain::role::Action;

/// The signed-in member, as a resource.
#[derive(Clone, Copy)]
pub struct Who(Resource<Result<Me, ApiError>>);

/// What the member may do here. Only for showing and hiding: the server decides again at every call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    pub compose: bool,
    pub check: bool,
    pub manage: bool,
}

impl Who {
    /// Asks, and shares the answer. Called once, by the frame.
    pub fn provide() -> Self {
        let known = use_context::<Known>().map(|known| known.me);
        let ask = move |()| {
            let known = known.clone();
            async move {
                match known {
                    Some(me) => Ok(me),
                    None => me().await,
                }
            }
        };
        let who = Self(Resource::new(|| (), ask));
        provide_context(who);
        who
    }

    /// The shared answer.
    pub fn shared() -> Self {
        expect_context()
    }

    /// The member, once known. Read it under a `Suspense`.
    pub fn me(self) -> Option<Me> {
        self.0.with(|me| me.as_ref().and_then(|me| me.as_ref().ok()).cloned())
    }

    /// Whether the answer is that nobody is signed in.
    pub fn signed_out(self) -> bool {
        self.0.with(|me| matches!(me, Some(Err(ApiError::SignedOut))))
    }

    /// What the member may do; nothing while unknown.
    pub fn powers(self) -> Powers {
        self.0.with(|me| match me {
            Some(Ok(me)) => Powers {
                compose: me.role.may(Action::Compose),
                check: me.role.may(Action::Check),
                manage: me.role.may(Action::ManageAccounts),
            },
            _ => Powers::default(),
        })
    }
}
