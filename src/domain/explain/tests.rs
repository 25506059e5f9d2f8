use super::*;
use crate::domain::health::Cause;
use crate::domain::platform::Platform;

fn is_sound(explanation: &Explanation) -> Result<(), String> {
    let Explanation { title, sentence, steps, link, .. } = explanation;
    let texts: Vec<&String> = [title, sentence].into_iter().chain(steps).collect();
    for text in &texts {
        let capital = text.chars().next().is_some_and(|c| !c.is_lowercase());
        // Some platforms write their names with a small letter; none of ours begins a text with one.
        if text.trim() != text.as_str() || !capital || text.contains(['{', '}']) || text.contains("  ") {
            return Err(format!("{text:?}"));
        }
    }
    if steps.is_empty() || title.ends_with('.') || !sentence.ends_with('.') || title.chars().count() > 70 {
        return Err(format!("{explanation:?}"));
    }
    if link.is_some_and(|link| !link.starts_with("https://")) {
        return Err(format!("{link:?}"));
    }
    Ok(())
}

// SPEC C-9, D-2; section 10
#[test]
fn every_cause_is_explained_for_every_platform() {
    for cause_of in Cause::ALL {
        for platform in Platform::ALL {
            let explanation = cause(cause_of, platform);
            is_sound(&explanation).unwrap_or_else(|text| panic!("{cause_of:?} {platform:?}: {text}"));
            let words = format!("{} {} {}", explanation.title, explanation.sentence, explanation.steps.join(" "));
            let vendor = match platform {
                Platform::InstagramViaFacebook => "Facebook",
                Platform::GoogleBusiness | Platform::Youtube => "Google",
                _ => platform.name(),
            };
            assert!(
                words.contains(vendor) || words.contains(platform.name()),
                "{cause_of:?} {platform:?} is not specific: {words}"
            );
        }
    }
}

// SPEC C-9; section 10
#[test]
fn every_problem_is_explained_with_and_without_a_platform() {
    for one in Problem::ALL {
        for platform in Platform::ALL.into_iter().map(Some).chain([None]) {
            let explanation = problem(one, platform);
            is_sound(&explanation).unwrap_or_else(|text| panic!("{one:?} {platform:?}: {text}"));
        }
    }
}

#[test]
fn texts_of_different_causes_differ() {
    for platform in Platform::ALL {
        let mut titles: Vec<_> = Cause::ALL.into_iter().map(|one| cause(one, platform).title).collect();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), Cause::ALL.len(), "{platform:?}");
    }
    let mut titles: Vec<_> = Problem::ALL.into_iter().map(|one| problem(one, Some(Platform::Bluesky)).title).collect();
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), Problem::ALL.len());
}

#[test]
fn keys_are_unique_and_lead_back() {
    for one in Problem::ALL {
        assert_eq!(Problem::from_key(one.key()), Some(one));
        assert_eq!(serde_json::to_value(one).unwrap(), one.key());
    }
    assert_eq!(Problem::from_key("nothing"), None);
}
