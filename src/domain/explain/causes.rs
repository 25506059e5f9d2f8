//! Why an account is amber, and how it becomes green again.

use super::places::{Place, place};
use super::{Explanation, Fixer, fill, fill_all};
use crate::domain::health::Cause;
use crate::domain::platform::Platform;

/// The explanation of a cause for an account of a platform.
pub fn cause(cause: Cause, platform: Platform) -> Explanation {
    let place = place(platform);
    match cause {
        Cause::Expired => expired(platform, &place),
        Cause::Revoked => revoked(platform, &place),
        Cause::PasswordChanged => password_changed(platform, &place),
        Cause::PermissionsMissing => permissions_missing(platform, &place),
        Cause::RoleLost => role_lost(platform, &place),
        Cause::ActionNeeded => action_needed(platform, &place),
        Cause::RefreshFailed => refresh_failed(platform, &place),
        Cause::KeyLost => key_lost(platform, &place),
    }
}

fn explain(
    title: &str,
    sentence: &str,
    steps: Vec<String>,
    who: Fixer,
    link: Option<&'static str>,
    place: &Place,
) -> Explanation {
    Explanation { title: fill(title, place), sentence: fill(sentence, place), steps, who, link }
}

/// How one reconnects on this platform.
fn reconnect(platform: Platform, place: &Place) -> Vec<String> {
    let steps: &[&str] = match platform {
        Platform::Bluesky => &[
            "On Bluesky, open Settings > Privacy and security > App passwords and add a new one.",
            "Press Reconnect here and type your handle and the new app password.",
        ],
        Platform::Telegram => &[
            "In Telegram, open a chat with BotFather, send /mybots, choose the bot and then API Token.",
            "Press Reconnect here and paste the token.",
        ],
        Platform::Facebook | Platform::InstagramViaFacebook => &[
            "Press Reconnect.",
            "Sign in to Facebook with the login that connected this {noun} before. Another one is refused, so that nothing is mixed up.",
        ],
        Platform::Youtube | Platform::GoogleBusiness => {
            &["Press Reconnect.", "Choose the Google account that manages this {noun}."]
        }
        _ => &["Press Reconnect.", "Sign in to {platform} with this very account."],
    };
    let mut steps = fill_all(steps, place);
    if !matches!(platform, Platform::Bluesky) {
        steps.push(place.consent.to_owned());
    }
    steps
}

fn expired(platform: Platform, place: &Place) -> Explanation {
    let sentence = match platform {
        Platform::Facebook | Platform::Instagram | Platform::InstagramViaFacebook | Platform::Threads => {
            "{platform} lets an app in for about 60 days at a time. For this {noun} that time is over, and it could not be extended in time."
        }
        Platform::Bluesky => "The session with Bluesky was not used for so long that it ended.",
        Platform::Mastodon => "The Mastodon server ended this connection because of its age. Most servers never do.",
        _ => "{platform} lets an app in for a limited time only. For this {noun} that time is over.",
    };
    explain("The connection has expired", sentence, reconnect(platform, place), Fixer::You, place.apps_link, place)
}

fn revoked(platform: Platform, place: &Place) -> Explanation {
    let sentence = match platform {
        Platform::Bluesky => {
            "Bluesky no longer accepts the app password: it was deleted in the settings, or the account's password was changed."
        }
        Platform::X => {
            "X has ended this connection. Somebody removed it in X's settings, or the same account was connected a second time somewhere else: X keeps one connection of an account alive."
        }
        Platform::Mastodon => {
            "Somebody removed Pilotlight from the authorized apps of this Mastodon account, or the server did."
        }
        Platform::Telegram => "The bot's token was replaced in BotFather, or the bot was removed from the channel.",
        Platform::Facebook | Platform::InstagramViaFacebook => {
            "Pilotlight was removed from the person's Facebook settings, or they signed out of all devices. That ends the access to every page they had connected."
        }
        _ => "Pilotlight's access to this {noun} was withdrawn on {platform}, in the settings or by {platform} itself.",
    };
    let mut steps = reconnect(platform, place);
    if !matches!(platform, Platform::Bluesky | Platform::Telegram) {
        steps.push(fill("Later, you can look at the connection in {apps}. Leave Pilotlight in that list.", place));
    }
    explain("{platform} no longer lets Pilotlight in", sentence, steps, Fixer::You, place.apps_link, place)
}

fn password_changed(platform: Platform, place: &Place) -> Explanation {
    let sentence = match platform {
        Platform::Facebook | Platform::InstagramViaFacebook => {
            "The person who connected this {noun} has changed their Facebook password. Facebook then ends the access of all apps, to be on the safe side."
        }
        Platform::Bluesky => {
            "The password of this Bluesky account was changed, and its app passwords may have been deleted with it."
        }
        _ => {
            "The password of this {noun} was changed. {platform} then ends the access of all apps, to be on the safe side."
        }
    };
    explain("The password was changed", sentence, reconnect(platform, place), Fixer::You, place.apps_link, place)
}

fn permissions_missing(platform: Platform, place: &Place) -> Explanation {
    let sentence = match platform {
        Platform::Facebook => {
            "Facebook did not give Pilotlight every permission it needs, or this page was left unticked in the list of pages."
        }
        Platform::InstagramViaFacebook => {
            "Facebook did not give Pilotlight every permission it needs, or this Instagram account or its page was left unticked."
        }
        Platform::Youtube | Platform::GoogleBusiness => {
            "One of the boxes on Google's page was not ticked, so Pilotlight may not do what it is here for."
        }
        _ => "{platform} did not give Pilotlight every permission it needs to publish for this {noun} and to watch it.",
    };
    explain("Permissions are missing", sentence, reconnect(platform, place), Fixer::You, place.apps_link, place)
}

fn role_lost(platform: Platform, place: &Place) -> Explanation {
    let (sentence, who) = match platform {
        Platform::Facebook => (
            "The person who connected this Facebook page no longer has a role on it that lets them create posts. A new sign-in by the same person does not help until they have one.",
            Fixer::PageAdmin,
        ),
        Platform::InstagramViaFacebook => (
            "The person who connected this account no longer has access to the Facebook page it is linked to, or the link was removed.",
            Fixer::PageAdmin,
        ),
        Platform::Linkedin | Platform::Youtube | Platform::GoogleBusiness | Platform::Telegram | Platform::Whatsapp => {
            ("The login that connected this {noun} no longer has the right to publish there.", Fixer::PageAdmin)
        }
        _ => ("The login that connected this {noun} can no longer reach it.", Fixer::You),
    };
    let mut steps = vec![place.roles.to_owned()];
    steps.extend(fill_all(&["Then press Reconnect. Anybody who has the right to publish there can do it, not only the person from before."], place));
    explain("The right to publish was lost", sentence, steps, who, place.roles_link, place)
}

fn action_needed(platform: Platform, place: &Place) -> Explanation {
    let sentence = match platform {
        Platform::Facebook | Platform::InstagramViaFacebook => {
            "Facebook wants the person who connected this {noun} to confirm something first, for example who they are. Until then it lets no app publish."
        }
        Platform::X => "X has locked or suspended this account, or wants its owner to confirm something first.",
        Platform::Mastodon => "The server has disabled this account, or waits for its e-mail address to be confirmed.",
        Platform::Bluesky => "This Bluesky account is deactivated or suspended, so nothing can be published from it.",
        _ => "{platform} wants the owner of this {noun} to confirm something first. Until then it lets no app publish.",
    };
    let steps = vec![
        place.check.to_owned(),
        "Come back here and press Refresh now. If the account stays amber, press Reconnect.".to_owned(),
    ];
    explain("{platform} waits for you", sentence, steps, Fixer::You, place.check_link, place)
}

fn refresh_failed(platform: Platform, place: &Place) -> Explanation {
    let mut steps = fill_all(&["Press Refresh now: perhaps it works again."], place);
    steps.extend(reconnect(platform, place));
    explain(
        "The connection could not be renewed",
        "{platform} has refused this {noun} several times in a row, without a reason that Pilotlight understands.",
        steps,
        Fixer::You,
        place.apps_link,
        place,
    )
}

fn key_lost(platform: Platform, place: &Place) -> Explanation {
    let mut steps = vec![
        "Ask the person who runs this Pilotlight to put the old key back: then everything works as before, and nobody has to do anything else.".to_owned(),
        "If the key is lost for good, the account has to be connected again:".to_owned(),
    ];
    steps.extend(reconnect(platform, place));
    explain(
        "The stored access can't be read",
        "Pilotlight keeps the access to this {noun} locked away, and the key that opens it is missing. Nothing is wrong on {platform}.",
        steps,
        Fixer::Operator,
        None,
        place,
    )
}
