//! Webhooks that were off, were repaired, or are sent something again (SPEC A-7).

use std::time::Duration;

use pilotlight::api::accounts::Outcome;
use pilotlight::api::activity::Activity;
use pilotlight::api::notifications::MailState;
use pilotlight::api::webhooks::HookState;
use pilotlight::domain::platform::Platform;

use super::webhooks::{Scene, scene};

const DAY: Duration = Duration::from_secs(86_400);

/// A scene with a webhook "Desk" that refuses what it was told.
async fn refused() -> (Scene, String) {
    let mut scene = scene().await;
    let id = scene.add("Desk", "standard").await;
    let account = scene.app.plant(&scene.owner, Platform::X, "crumbandkettle").await;
    scene.ear.says(503);
    scene.app.breaks(&scene.owner, &account).await;
    assert_eq!(scene.app.tell_webhooks().await, 1);
    scene.ear.take();
    (scene, id)
}

// SPEC A-7: what happened while an endpoint was off is kept, and sent again once it is on
#[tokio::test]
async fn what_was_missed_is_listed_and_sent_again() {
    let (mut scene, id) = refused().await;
    scene.browser.ask::<Outcome>("switch_webhook", &[("id", &id), ("on", "false")]).await;
    scene.app.advance(Duration::from_secs(7));
    assert_eq!((scene.app.tell_webhooks().await, scene.ear.take().len()), (1, 0));
    let missed = scene.show(&id).await.deliveries;
    assert_eq!(missed.len(), 1);
    assert_eq!((missed[0].state, missed[0].answer.as_deref()), (MailState::Missed, Some("The endpoint was off.")));
    let page = scene.browser.get(&format!("/settings/webhooks?show={id}")).await.text();
    assert!(page.contains("Not sent") && page.contains("The endpoint was off.") && page.contains("Send again"));

    let message = [("id", missed[0].id.as_str())];
    let refused = scene.browser.call("resend_delivery", &message).await;
    assert!(refused.status == 409 && refused.text().contains("Switch the endpoint on first."), "{}", refused.text());
    assert_eq!(scene.show(&id).await.deliveries, missed, "nothing changed");

    scene.browser.ask::<Outcome>("switch_webhook", &[("id", &id), ("on", "true")]).await;
    scene.ear.says(200);
    scene.browser.ask::<Outcome>("resend_delivery", &message).await;
    assert_eq!((scene.app.tell_webhooks().await, scene.ear.take().len()), (1, 1));
    assert_eq!(scene.show(&id).await.deliveries[0].state, MailState::Sent);
    let log: Activity = scene.browser.ask("activity", &[("kind", "webhooks")]).await;
    assert!(log.lines.iter().any(|line| line.words == "A message to webhook Desk was sent on its way again."));
}

// SPEC A-7: what was sent or died stays as it is while its endpoint is off
#[tokio::test]
async fn nothing_is_sent_again_to_an_endpoint_that_is_given_up() {
    let (mut scene, id) = refused().await;
    scene.ear.says(410);
    scene.app.advance(Duration::from_secs(7));
    assert_eq!(scene.app.tell_webhooks().await, 1);
    let shown = scene.show(&id).await;
    assert_eq!((shown.hooks[0].state, shown.deliveries[0].state), (HookState::GivenUp, MailState::Dead));
    let refused = scene.browser.call("resend_delivery", &[("id", &shown.deliveries[0].id)]).await;
    assert!(refused.status == 409 && refused.text().contains("Switch the endpoint on first."), "{}", refused.text());
    assert_eq!(scene.app.tell_webhooks().await, 0);
    assert_eq!(scene.show(&id).await.deliveries, shown.deliveries);
}

// SPEC A-7: a chat is not told of what is mended, and its log says nothing of it
#[tokio::test]
async fn what_was_over_before_it_was_told_is_not_listed() {
    let mut scene = scene().await;
    let id = scene.add("Chat", "slack").await;
    let account = scene.app.plant(&scene.owner, Platform::X, "crumbandkettle").await;
    for _ in 0..2 {
        scene.app.breaks(&scene.owner, &account).await;
        scene.app.tell_webhooks().await;
        scene.app.heals(&scene.owner, &account).await;
        scene.app.tell_webhooks().await;
        scene.app.advance(Duration::from_secs(60));
    }
    scene.browser.ask::<Outcome>("switch_webhook", &[("id", &id), ("on", "false")]).await;
    scene.app.advance(Duration::from_secs(3_600));
    assert_eq!(scene.app.tell_webhooks().await, 1, "the second break waited for an hour");
    let shown = scene.show(&id).await.deliveries;
    assert_eq!(shown.iter().map(|one| one.state).collect::<Vec<_>>(), [MailState::Sent, MailState::Sent]);
    scene.browser.ask::<Outcome>("switch_webhook", &[("id", &id), ("on", "true")]).await;
    let broke = shown.iter().find(|one| one.kind == "account.needs_reconnect").expect("the first break");
    let refused = scene.browser.call("resend_delivery", &[("id", &broke.id)]).await;
    assert!(refused.status == 409 && refused.text().contains("mended"), "{}", refused.text());
}

// SPEC A-7: a test that is taken ends the days of failing
#[tokio::test]
async fn a_repaired_endpoint_is_not_given_up_for_old_failures() {
    let (mut scene, id) = refused().await;
    scene.app.advance(4 * DAY);
    assert_eq!(scene.app.tell_webhooks().await, 1);
    let shown = scene.show(&id).await;
    assert_eq!((shown.hooks[0].state, shown.deliveries[0].state), (HookState::On, MailState::Dead));
    assert!(shown.hooks[0].failing_since.is_some());
    scene.browser.call("test_webhook", &[("id", &id)]).await;
    assert!(scene.show(&id).await.hooks[0].failing_since.is_some(), "a test that is refused changes nothing");
    scene.ear.says(200);
    scene.browser.ask::<Outcome>("test_webhook", &[("id", &id)]).await;
    assert_eq!(scene.show(&id).await.hooks[0].failing_since, None);
    let log: Activity = scene.browser.ask("activity", &[("kind", "webhooks")]).await;
    assert_eq!(log.lines.iter().filter(|line| line.words == "Webhook Desk was tested.").count(), 2);

    scene.app.advance(3 * DAY);
    scene.ear.says(502);
    let account = scene.app.plant(&scene.owner, Platform::X, "northbells").await;
    scene.app.breaks(&scene.owner, &account).await;
    assert_eq!(scene.app.tell_webhooks().await, 1);
    let shown = scene.show(&id).await;
    assert_eq!(shown.hooks[0].state, HookState::On);
    assert!(shown.deliveries.iter().any(|one| one.state == MailState::Retrying), "{:?}", shown.deliveries);
}

// SPEC A-7: what an admin sends again is tried as long as a new message
#[tokio::test]
async fn a_message_that_is_sent_again_is_tried_anew() {
    let (mut scene, id) = refused().await;
    scene.app.advance(4 * DAY);
    assert_eq!(scene.app.tell_webhooks().await, 1);
    let dead = scene.show(&id).await.deliveries.remove(0);
    assert_eq!(dead.state, MailState::Dead);
    scene.browser.ask::<Outcome>("resend_delivery", &[("id", &dead.id)]).await;
    assert_eq!(scene.app.tell_webhooks().await, 1);
    assert_eq!(scene.show(&id).await.deliveries[0].state, MailState::Retrying, "not dead at its first failure");
    scene.ear.says(200);
    scene.app.advance(Duration::from_secs(7));
    assert_eq!(scene.app.tell_webhooks().await, 1);
    assert_eq!(scene.show(&id).await.deliveries[0].state, MailState::Sent);
}
