//! The newest posts of an account (SPEC D-5). The platform is asked in the background, and its answer kept for a while, so
//! that neither a slow platform holds up a page nor a page that is looked at often troubles a platform.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::desk::Desk;
use super::keeper::breaker::Admission;
use super::keeper::token::{self, TokenError};
use super::{ServiceError, tokens};
use crate::api::panel::{Post, Recent};
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::domain::role::Action;
use crate::domain::text::one_line;
use crate::server::clock::Moment;
use crate::server::http::session::Member;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::read::instant;
use crate::server::platform::{Adapter, RecentPost, Subject};
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};
use crate::server::store::grants;

/// How long a page waits for the platform. What comes later reaches the open tabs by themselves.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long posts are kept, and how long it is kept that there were none to have, in milliseconds.
const KEPT_MS: i64 = 5 * 60_000;
const FAILED_MS: i64 = 30_000;
/// How many accounts' posts are kept.
const ROOM: usize = 1_000;
/// How many posts are shown, and how many characters of each.
const POSTS: usize = 5;
const CHARACTERS: usize = 180;

/// Posts, or why there are none.
type Answer = Result<Arc<[Post]>, String>;

/// What platforms answered lately, by account.
#[derive(Default)]
pub struct Recents(Mutex<HashMap<AccountId, Slot>>);

#[derive(Clone)]
struct Slot {
    asked_at: i64,
    began: Moment,
    /// `None` while the platform is being asked.
    answer: watch::Receiver<Option<Answer>>,
    /// A page was shown without the answer.
    missed: Arc<AtomicBool>,
}

impl Slot {
    fn is_fresh(&self, now: i64) -> bool {
        let kept = match &*self.answer.borrow() {
            Some(Ok(_)) => KEPT_MS,
            Some(Err(_)) => FAILED_MS,
            // Unless whoever asked is gone.
            None => return self.answer.has_changed().is_ok(),
        };
        now < self.asked_at + kept
    }
}

/// The newest posts of an account, as far as its platform lets them be read and answers in time.
pub async fn recent(state: &AppState, member: &Member, id: &AccountId) -> Result<Recent, ServiceError> {
    member.may(Action::See)?;
    let account = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    let (now, platform) = (state.clock.now(), account.platform);
    let none = |note: String, again| Recent { now, posts: Vec::new(), note: Some(note), again };
    if !account.connected || account.standing.health == Health::NeedsReconnect {
        return Ok(none("Recent posts appear again after the reconnect.".into(), false));
    }
    let desk = Desk::new(state, platform, &account.host).await?;
    if let Some(why) = unread(desk.adapter, platform) {
        return Ok(none(why, false));
    }
    let Slot { began, answer: mut waiting, missed, .. } = state.recents.ask(state, account, desk, now);
    // Who looks again while the platform still thinks is not kept waiting once more.
    let patience = PATIENCE.saturating_sub(began.elapsed());
    let in_time = tokio::time::timeout(patience, waiting.wait_for(Option::is_some)).await.is_ok();
    if !in_time {
        missed.store(true, Ordering::SeqCst);
    }
    // Read after that: whoever brings it from now on tells the tabs.
    let answer = waiting.borrow().clone();
    if answer.is_none() && !in_time {
        return Ok(none(format!("{platform} is slow; look again."), true));
    }
    Ok(match answer {
        Some(Ok(posts)) if posts.is_empty() => none("No posts yet.".into(), false),
        Some(Ok(posts)) => Recent { now, posts: posts.to_vec(), note: None, again: false },
        Some(Err(words)) => none(words, true),
        None => none(format!("The posts on {platform} could not be read."), true),
    })
}

/// Why a platform's posts are not read at all.
fn unread(adapter: &dyn Adapter, platform: Platform) -> Option<String> {
    if !adapter.reads_posts() {
        return Some(format!("{platform} does not let apps read posts."));
    }
    let costs = adapter.facts().probe_on_suspicion_only;
    costs.then(|| format!("{platform} charges for each look at posts, so none are read here."))
}

impl Recents {
    /// What is known, or a question that is under way.
    fn ask(&self, state: &AppState, account: Account, desk: Desk, now: i64) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&account.id).filter(|slot| slot.is_fresh(now)) {
            return slot.clone();
        }
        if slots.len() >= ROOM {
            slots.retain(|_, slot| slot.is_fresh(now));
        }
        let (sender, answer) = watch::channel(None);
        // With so many accounts looked at within minutes, some are asked about more often.
        let missed = Arc::<AtomicBool>::default();
        let slot = Slot { asked_at: now, began: Moment::now(), answer, missed: missed.clone() };
        if slots.len() < ROOM {
            slots.insert(account.id.clone(), slot.clone());
        }
        drop(slots);
        let state = state.clone();
        let tasks = state.tasks.clone();
        tasks.spawn(async move {
            let found = look(&state, &account, &desk).await;
            let _ = sender.send(Some(found.map(|posts| posts.into_iter().take(POSTS).map(post).collect())));
            if missed.load(Ordering::SeqCst) {
                state.live.tell(&account.workspace, Some(&account.id), None);
            }
        });
        slot
    }
}

/// Asks the platform. Whatever it answers says nothing about the account's health: that is the keeper's to judge.
async fn look(state: &AppState, account: &Account, desk: &Desk) -> Result<Vec<RecentPost>, String> {
    let platform = account.platform;
    let admitted = state.keeper.breakers.admits(platform, &account.host, state.clock.now());
    if matches!(admitted, Admission::Not { .. }) {
        return Err(format!("{platform} could not be reached lately."));
    }
    match ask(state, account, desk).await {
        Ok(Ok(posts)) => Ok(posts),
        Ok(Err(failure)) => {
            state.figures.failed(platform, failure.class);
            tracing::debug!(account = %account.id, %failure, "no recent posts");
            Err(words(platform, &failure))
        }
        Err(error) => {
            tracing::warn!(account = %account.id, %error, "recent posts could not be asked for");
            Err(format!("The posts on {platform} could not be read."))
        }
    }
}

async fn ask(state: &AppState, account: &Account, desk: &Desk) -> Result<Result<Vec<RecentPost>, Failure>, TokenError> {
    let pair = match token::usable(state, &account.grant).await {
        Err(TokenError::Ended(failure)) => return Ok(Err(failure)),
        pair => pair?,
    };
    let grant = grants::get(&state.db, &account.grant).await?.ok_or(TokenError::GivenUp)?;
    let own = tokens::open_account(&state.vault, account)?;
    let subject = Subject {
        tokens: &pair,
        identity_id: &grant.identity_id,
        destination_id: &account.external_id,
        destination_token: own.as_ref(),
    };
    Ok(desk.adapter.recent_posts(&desk.cx(state), &subject).await)
}

fn words(platform: Platform, failure: &Failure) -> String {
    match failure.class {
        Class::Rate => format!("{platform} asks us to wait before posts are read again."),
        Class::Transient => format!("{platform} could not be reached."),
        Class::Scope | Class::Role => format!("{platform} did not let us read the posts of this account."),
        _ => format!("{platform} refused to show the posts of this account."),
    }
}

fn post(found: RecentPost) -> Post {
    let is_web = |link: &String| link.starts_with("https://") || link.starts_with("http://");
    Post { text: one_line(&found.text, CHARACTERS), at: instant(&found.created_at), link: found.link.filter(is_web) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC D-5: what a platform wrote is shown as text, and leads to the web only.
    #[test]
    fn posts_are_cut_to_a_line_and_lead_to_the_web_only() {
        let found = |text: &str, link: &str| RecentPost {
            text: text.into(),
            link: Some(link.into()),
            created_at: "2026-11-01T12:00:00+0000".into(),
        };
        let good = post(found(" Two\nlines \u{202e}", "https://x.example/1"));
        assert_eq!((good.text.as_str(), good.at), ("Two lines", Some(1_793_534_400_000)));
        assert_eq!(good.link.as_deref(), Some("https://x.example/1"));
        let bad = post(found(&"x".repeat(500), "javascript:alert(1)"));
        assert_eq!((bad.text.chars().count(), bad.link), (CHARACTERS + 1, None));
    }
}
