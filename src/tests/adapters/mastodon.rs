//! Mastodon.

use pilotlight::sandbox::{Choice, Control};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, Subject, mastodon, missing_scopes};

use super::Bench;

#[tokio::test]
async fn mastodon_twin() {
    for host in ["mastodon.example", "old.example.org", "social.example"] {
        let mut bench = Bench::new(None, Some(host)).await;
        bench.app = Some(mastodon::Mastodon.register_app(&bench.cx()).await.unwrap());
        let tokens = bench.connect(&mastodon::Mastodon, Choice::person("baker")).await;
        assert_eq!(missing_scopes(mastodon::Mastodon.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
        let me = &mastodon::Mastodon.destinations(&bench.cx(), &tokens).await.unwrap()[0];
        assert_eq!(mastodon::Mastodon.identity(&bench.cx(), &tokens).await.unwrap().id, me.id);
        bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
        bench.probe(&mastodon::Mastodon, &tokens, &me.id, None).await.unwrap();
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        assert!(!mastodon::Mastodon.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
        bench.sandbox.control(Control::Suspend { vendor: "mastodon".into(), person: "baker".into() }).unwrap();
        assert_eq!(bench.probe(&mastodon::Mastodon, &tokens, &me.id, None).await.unwrap_err().class, Class::Action);
        bench.sandbox.control(Control::Restore { vendor: "mastodon".into(), person: "baker".into() }).unwrap();
        mastodon::Mastodon.revoke(&bench.cx(), &tokens).await.unwrap();
        assert_eq!(bench.probe(&mastodon::Mastodon, &tokens, &me.id, None).await.unwrap_err().class, Class::Revoked);
        bench.done();
    }
}
