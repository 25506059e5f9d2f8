//! Bluesky.

use pilotlight::domain::explain::Problem;
use pilotlight::sandbox::{self, Control};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::{Adapter as _, Subject, bluesky};
use secrecy::SecretString;

use super::Bench;

#[tokio::test]
async fn bluesky_twin() {
    let (handle, password) = sandbox::cast::BLUESKY[0];
    for host in [None, Some("pds.bsky.example"), Some("bsky.social")] {
        let mut bench = Bench::new(None, host).await;
        let password = SecretString::from(password);
        let (tokens, who) = bluesky::Bluesky.sign_in(&bench.cx(), handle, &password).await.unwrap();
        assert_eq!(who.host.as_deref(), Some("pds.bsky.example"));
        bench.host = who.host.clone();
        let me = &bluesky::Bluesky.destinations(&bench.cx(), &tokens).await.unwrap()[0];
        assert_eq!(me.id, who.id);
        bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
        bench.probe(&bluesky::Bluesky, &tokens, &me.id, None).await.unwrap();
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        assert!(!bluesky::Bluesky.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
        let pair = bluesky::Bluesky.refresh(&bench.cx(), &tokens).await.unwrap();
        let control = |control: fn(String, String) -> Control| {
            bench.sandbox.control(control("bluesky".into(), handle.into())).unwrap()
        };
        control(|vendor, person| Control::DeactivateAccount { vendor, person });
        assert_eq!(bench.probe(&bluesky::Bluesky, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
        control(|vendor, person| Control::Restore { vendor, person });
        control(|vendor, person| Control::ExpireAccess { vendor, person });
        assert_eq!(bench.probe(&bluesky::Bluesky, &pair, &me.id, None).await.unwrap_err().class, Class::Expired);
        control(|vendor, person| Control::DeleteAppPassword { vendor, person });
        assert_eq!(bluesky::Bluesky.refresh(&bench.cx(), &pair).await.unwrap_err().class, Class::Revoked);
        let wrong = bluesky::Bluesky.sign_in(&bench.cx(), handle, &password).await.unwrap_err();
        assert_eq!(wrong.problem, Some(Problem::WrongPassword));
        bench.done();
    }
}
