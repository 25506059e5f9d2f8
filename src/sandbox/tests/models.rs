//! SPEC S-1: what X does with refresh tokens, in each of its moods.

use super::super::{RefreshModel, X_CLIENT_ID, X_CLIENT_SECRET};
use super::*;

const PERSON: &str = "crowd-3";

/// The tokens of an answer.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    access: String,
    refresh: String,
}

impl Play {
    fn mood(&self, model: RefreshModel) -> Pair {
        self.control(Control::SetRefresh { vendor: "x".into(), model, access_seconds: 600 });
        let minted = self.sandbox.mint("x", PERSON, None).expect("a consent");
        assert_eq!(minted.access_ends_at, Some(self.sandbox.now() + 600_000));
        Pair { access: minted.access, refresh: minted.refresh.expect("a refresh token") }
    }

    async fn trade(&self, token: &str) -> Option<Pair> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let got =
            self.call("POST", "api.x.com/2/oauth2/token", &[], Some(&form), &basic(X_CLIENT_ID, X_CLIENT_SECRET)).await;
        if got.status != 200 {
            assert_eq!(got.oauth().2, "Value passed for the token was invalid.");
            return None;
        }
        assert_eq!(got.json()["expires_in"], 600);
        Some(Pair { access: got.text_at("/access_token"), refresh: got.text_at("/refresh_token") })
    }

    async fn works(&self, pair: &Pair) -> bool {
        let status = self.get_as(&pair.access, "api.x.com/2/users/me", &[]).await.status;
        assert_eq!(status == 200, self.sandbox.secret_is_live(&pair.access), "both ways to ask agree");
        status == 200
    }

    fn lives(&self) -> bool {
        self.sandbox.holds("x", PERSON).expect("a consent").lives
    }
}

#[tokio::test]
async fn strict_a_token_is_good_for_one_use() {
    let play = Play::new();
    let first = play.mood(RefreshModel::Strict);
    let second = play.trade(&first.refresh).await.expect("new tokens");
    assert!(!play.sandbox.secret_is_live(&first.refresh) && play.sandbox.secret_is_live(&second.refresh));
    assert!(play.works(&second).await && play.lives());
    assert_eq!(play.trade(&first.refresh).await, None);
    assert!(!play.works(&second).await && !play.lives(), "the family has ended");
}

#[tokio::test]
async fn stable_a_token_stays_for_ever() {
    let play = Play::new();
    let first = play.mood(RefreshModel::Stable);
    let mut last = first.access.clone();
    for _ in 0..3 {
        play.pass_seconds(100 * 86_400);
        let next = play.trade(&first.refresh).await.expect("new tokens");
        assert_eq!(next.refresh, first.refresh);
        assert_ne!(next.access, last);
        assert!(play.works(&next).await && play.lives());
        last = next.access;
    }
}

#[tokio::test]
async fn grace_a_token_is_good_for_a_while_after_its_first_use() {
    let play = Play::new();
    let first = play.mood(RefreshModel::Grace { seconds: 60 });
    let second = play.trade(&first.refresh).await.expect("new tokens");
    play.pass_seconds(59);
    let third = play.trade(&first.refresh).await.expect("within the grace");
    assert_ne!(second.refresh, third.refresh);
    assert!(play.works(&second).await && play.works(&third).await && play.lives());
    play.pass_seconds(1);
    assert_eq!(play.trade(&first.refresh).await, None, "its grace began with its first use");
    assert!(!play.works(&third).await && !play.lives());
    assert_eq!(play.trade(&third.refresh).await, None);
}

#[tokio::test]
async fn until_used_a_token_is_good_until_its_successor_was_used() {
    let play = Play::new();
    let first = play.mood(RefreshModel::UntilUsed);
    let lost = play.trade(&first.refresh).await.expect("new tokens");
    play.pass_seconds(86_400);
    let second = play.trade(&first.refresh).await.expect("the successor was never used");
    assert_ne!(lost.refresh, second.refresh);
    assert!(play.sandbox.secret_is_live(&first.refresh));
    let third = play.trade(&second.refresh).await.expect("new tokens");
    assert!(!play.sandbox.secret_is_live(&first.refresh), "its successor was used");
    assert!(play.sandbox.secret_is_live(&second.refresh) && play.works(&third).await);
    assert_eq!(play.trade(&first.refresh).await, None);
    assert!(!play.works(&third).await && !play.lives());
}

#[tokio::test]
async fn extended_both_tokens_stay_and_live_longer() {
    let play = Play::new();
    let first = play.mood(RefreshModel::Extended);
    play.pass_seconds(700);
    assert!(!play.works(&first).await, "the access token has ended");
    assert_eq!(play.trade(&first.refresh).await, Some(first.clone()));
    play.pass_seconds(599);
    assert!(play.works(&first).await && play.lives());
    play.pass_seconds(1);
    assert!(!play.works(&first).await);
}

#[tokio::test]
async fn only_x_has_moods_and_they_are_remembered() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("sandbox.json");
    let play = Play::at(Some(file.clone()));
    let set = |vendor: &str, seconds| {
        let model = RefreshModel::Stable;
        play.sandbox.control(Control::SetRefresh { vendor: vendor.into(), model, access_seconds: seconds })
    };
    assert!(set("facebook", 600).is_err() && set("nobody", 600).is_err() && set("x", 0).is_err());
    let order = serde_json::json!({"set_refresh": {"vendor": "x", "model": {"grace": {"seconds": 30}}}});
    assert_eq!(play.post_json("_control.json", &order).await.status, 200);
    set("x", 600).expect("x can");
    let first = play.sandbox.mint("x", PERSON, None).expect("a consent").refresh.expect("a refresh token");
    drop(play);
    let play = Play::at(Some(file));
    assert_eq!(play.trade(&first).await.expect("new tokens").refresh, first);
}
