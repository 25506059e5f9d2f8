//! Google Business Profile.

use pilotlight::sandbox::{self, Choice, Control, Fault, FaultKind, cast};
use pilotlight::server::platform::failure::Class;
use pilotlight::server::platform::google_business::GoogleBusiness;
use pilotlight::server::platform::{Adapter as _, Subject, missing_scopes};

use super::Bench;

const APP: Option<(&str, &str)> = Some((sandbox::GOOGLE_CLIENT_ID, sandbox::GOOGLE_CLIENT_SECRET));
const FIRST: &str = "accounts/10420/locations/77001";

// SPEC S-1, C-3, D-3
#[tokio::test]
async fn google_business_twin() {
    let bench = Bench::new(APP, None).await;
    let tokens = bench.connect(&GoogleBusiness, Choice::person(cast::GOOGLE[0])).await;
    assert_eq!(missing_scopes(GoogleBusiness.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let who = GoogleBusiness.identity(&bench.cx(), &tokens).await.unwrap();
    let locations = GoogleBusiness.destinations(&bench.cx(), &tokens).await.unwrap();
    assert_eq!((locations.len(), locations[0].id.as_str()), (5, FIRST));
    let unusable: Vec<_> = locations.iter().filter(|one| one.unusable.is_some()).map(|one| one.id.as_str()).collect();
    assert_eq!(unusable, ["accounts/10420/locations/77003"], "a chain's location takes no posts");
    let subject = Subject { tokens: &tokens, identity_id: &who.id, destination_id: FIRST, destination_token: None };
    let profile = GoogleBusiness.probe(&bench.cx(), &subject).await.unwrap().profile.unwrap();
    assert_eq!(profile.handle.as_deref(), Some("1 Harbour Street, Port Quay"));
    assert_eq!(GoogleBusiness.recent_posts(&bench.cx(), &subject).await.unwrap().len(), 5);
    let nobody = bench.connect(&GoogleBusiness, Choice::person(cast::GOOGLE[2])).await;
    assert!(GoogleBusiness.destinations(&bench.cx(), &nobody).await.unwrap().is_empty());
    bench.done();
}

// SPEC T-4
#[tokio::test]
async fn a_lost_role_a_missing_location_and_a_missing_approval_differ() {
    let bench = Bench::new(APP, None).await;
    let tokens = bench.connect(&GoogleBusiness, Choice::person(cast::GOOGLE[0])).await;
    let probe = async |id: &str| bench.probe(&GoogleBusiness, &tokens, id, None).await.map_err(|failure| failure.class);
    assert!(probe(FIRST).await.is_ok());
    assert_eq!(probe("accounts/10420/locations/1").await.unwrap_err(), Class::Role);
    let (vendor, person) = ("google".to_owned(), cast::GOOGLE[0].to_owned());
    bench
        .sandbox
        .control(Control::LoseRole { vendor: vendor.clone(), person: person.clone(), page: FIRST.into() })
        .unwrap();
    assert_eq!(probe(FIRST).await.unwrap_err(), Class::Role);
    assert_eq!(GoogleBusiness.destinations(&bench.cx(), &tokens).await.unwrap().len(), 4);
    bench.sandbox.control(Control::Restore { vendor, person }).unwrap();
    bench.sandbox.fault(Fault::on("mybusinessbusinessinformation.googleapis.com", FaultKind::AppRefused, None));
    assert_eq!(probe(FIRST).await.unwrap_err(), Class::App, "a quota of nothing is no reason to wait");
    bench.sandbox.clear_faults();
    let limited = FaultKind::RateLimited { seconds: Some(70) };
    bench.sandbox.fault(Fault::on("mybusinessbusinessinformation.googleapis.com", limited, None));
    let failure = bench.probe(&GoogleBusiness, &tokens, FIRST, None).await.unwrap_err();
    assert_eq!((failure.class, failure.retry_after_ms), (Class::Rate, Some(70_000)));
    bench.done();
}
