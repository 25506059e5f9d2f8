//! Why an attempt to connect ended, and what to do now.

use super::places::{NOWHERE, Place, place};
use super::{Explanation, Fixer, Problem, fill, fill_all};
use crate::domain::platform::Platform;

/// The explanation of a problem, for a platform where one is involved.
pub fn problem(problem: Problem, platform: Option<Platform>) -> Explanation {
    let mut place = platform.map_or(NOWHERE, place);
    if let (Problem::PlanPlatform | Problem::ComingSoon, Some(platform)) = (problem, platform) {
        // Here it is about the entry in our own list.
        place.name = platform.name();
    }
    let Text { title, sentence, steps, who } = match problem {
        Problem::Declined
        | Problem::UnknownAttempt
        | Problem::AttemptExpired
        | Problem::AttemptUsed
        | Problem::OtherBrowser
        | Problem::OtherMember => attempt(problem),
        Problem::WrongAccount | Problem::NoDestination | Problem::PermissionsMissing | Problem::Checkpoint => {
            account(problem, platform, &place)
        }
        Problem::PlanLimit | Problem::PlanPlatform | Problem::Forbidden | Problem::ComingSoon => limits(problem),
        Problem::BadServer | Problem::UnknownHandle | Problem::WrongPassword | Problem::MainPassword => {
            typed(problem, platform)
        }
        Problem::NotConfigured
        | Problem::RedirectMismatch
        | Problem::AppNotApproved
        | Problem::RateLimited
        | Problem::PlatformDown
        | Problem::CodeRefused
        | Problem::ReadOnly
        | Problem::Internal => machinery(problem, platform),
    };
    let mut steps = fill_all(steps, &place);
    if matches!(problem, Problem::PermissionsMissing | Problem::NoDestination) {
        steps.push(place.consent.to_owned());
    }
    if problem == Problem::Checkpoint {
        steps.insert(0, place.check.to_owned());
    }
    Explanation {
        title: first_capital(fill(title, &place)),
        sentence: first_capital(fill(sentence, &place)),
        steps,
        who,
        link: link(problem, &place),
    }
}

struct Text {
    title: &'static str,
    sentence: &'static str,
    steps: &'static [&'static str],
    who: Fixer,
}

/// The attempt itself went astray.
fn attempt(problem: Problem) -> Text {
    match problem {
        Problem::Declined => Text {
            title: "Not connected: {platform} says you cancelled",
            sentence: "On {platform}'s page the request was cancelled or not approved, so nothing was connected and nothing was changed.",
            steps: &[
                "Start again and approve the request on {platform}'s page.",
                "If you did not cancel: close other windows of {platform}, sign in there first, then start again.",
            ],
            who: Fixer::You,
        },
        Problem::AttemptExpired => Text {
            title: "That took too long",
            sentence: "For safety, an attempt to connect is good for ten minutes, and this one is older. Nothing was changed.",
            steps: &["Start again, and finish on {platform}'s page within ten minutes."],
            who: Fixer::You,
        },
        Problem::AttemptUsed => Text {
            title: "This attempt is finished already",
            sentence: "The page from {platform} was opened a second time, by going back or by reloading. The first time counted.",
            steps: &["Look at Connections: the account is probably there.", "If it is not, start again."],
            who: Fixer::You,
        },
        Problem::OtherBrowser => Text {
            title: "You came back in another browser",
            sentence: "The attempt began in another browser or app than the one you came back in. For safety, only the one that began can finish. Nothing was changed.",
            steps: &[
                "Open Pilotlight in the browser that you use for {platform}, sign in and start again there.",
                "On a phone, {platform}'s app may open by itself: hold the link and choose to open it in the browser, or use a computer.",
                "If your browser blocks cookies for this site, allow them.",
            ],
            who: Fixer::You,
        },
        Problem::OtherMember => Text {
            title: "You are no longer signed in as the person who began",
            sentence: "While you were at {platform}, you were signed out here, or another person or workspace is signed in now. Nothing was changed.",
            steps: &["Sign in as the person who began, in the same workspace.", "Start again."],
            who: Fixer::You,
        },
        _ => Text {
            title: "We do not know this attempt",
            sentence: "You came back from {platform}, but Pilotlight has no attempt that belongs to it. The address may be old or incomplete. Nothing was changed.",
            steps: &[
                "Open Connections and start again from there.",
                "Do not use bookmarks or links from messages to come back from {platform}.",
            ],
            who: Fixer::You,
        },
    }
}

/// Something about the account on the platform.
fn account(problem: Problem, platform: Option<Platform>, place: &Place) -> Text {
    let shared = place.apps_link.is_some() || platform == Some(Platform::Mastodon);
    match problem {
        Problem::WrongAccount => Text {
            title: "That was another account",
            sentence: "You signed in to {platform} as somebody else than the one who is connected here. Nothing was changed, and the new access was given back.",
            steps: match platform {
                Some(Platform::Bluesky) => &[
                    "Try again with the handle of this account, and sign in there as this account; or use an app password that was made in it.",
                    "If you want the other one, connect it as a new account.",
                ],
                _ if shared => &[
                    "Open {platform} in another tab, sign out there, and sign in with the right login.",
                    "Try again here.",
                    "If you want the other one, connect it as a new account.",
                ],
                _ => &[
                    "Sign in to {platform} with the right login and try again.",
                    "If you want the other one, connect it as a new account.",
                ],
            },
            who: Fixer::You,
        },
        Problem::NoDestination => Text {
            title: "There is nothing to connect",
            sentence: match platform {
                Some(Platform::Facebook) => {
                    "This Facebook login gave access to no page. Pilotlight publishes to pages; personal profiles can't be connected."
                }
                Some(Platform::InstagramViaFacebook) => {
                    "None of this login's Facebook pages has an Instagram professional account linked to it."
                }
                Some(Platform::Telegram) => {
                    "Telegram knows no such channel or group, or the bot has not been added to it."
                }
                _ => "This login has no {noun} that could be connected, or gave access to none.",
            },
            steps: match platform {
                Some(Platform::Facebook) => &[
                    "If you have no page yet, create one on Facebook, or ask the page's admin for access.",
                    "Start again.",
                ],
                Some(Platform::InstagramViaFacebook) => &[
                    "Link the Instagram account to a Facebook page (page > Settings > Linked accounts).",
                    "Start again.",
                ],
                Some(Platform::Telegram) => &[
                    "In Telegram, open the channel's Administrators list and add the bot by its user name.",
                    "Name the channel like @harbourbakery. A private one has no such name: use its number, which begins with -100.",
                ],
                _ => &["Check that you are signed in to {platform} with the right login.", "Start again."],
            },
            who: Fixer::You,
        },
        Problem::PermissionsMissing => Text {
            title: "Permissions are missing",
            sentence: "{platform} did not give Pilotlight every permission it needs, so it could neither publish for this {noun} nor watch it.",
            steps: &["Start again."],
            who: Fixer::You,
        },
        _ => Text {
            title: "{platform} wants something from you first",
            sentence: "{platform} lets no app in before the owner of the account has confirmed something there, or has waited out a block.",
            steps: &["Then come back and start again."],
            who: Fixer::You,
        },
    }
}

/// Plan, role, or a platform that is not there yet.
fn limits(problem: Problem) -> Text {
    match problem {
        Problem::PlanLimit => Text {
            title: "Your plan has no free account left",
            sentence: "This workspace has as many accounts as its plan allows. Reconnecting an account that exists is always possible.",
            steps: &["Disconnect an account you no longer need, or ask the workspace's owner for a larger plan."],
            who: Fixer::You,
        },
        Problem::PlanPlatform => Text {
            title: "Your plan does not include {platform}",
            sentence: "{platform} can be connected on a larger plan.",
            steps: &["Ask the workspace's owner to change the plan."],
            who: Fixer::You,
        },
        Problem::Forbidden => Text {
            title: "Your role may not connect accounts",
            sentence: "In this workspace, admins and the owner connect accounts.",
            steps: &["Ask an admin of the workspace to connect the account, or to give you the role."],
            who: Fixer::You,
        },
        _ => Text {
            title: "{platform} is coming soon",
            sentence: "Pilotlight can't connect {platform} yet.",
            steps: &["Connect another platform meanwhile."],
            who: Fixer::Wait,
        },
    }
}

/// What a person typed does not fit.
fn typed(problem: Problem, platform: Option<Platform>) -> Text {
    match problem {
        Problem::BadServer => Text {
            title: "This server can't be used",
            sentence: "The server you named could not be reached, is not one of {platform}, or does not let new apps in.",
            steps: match platform {
                Some(Platform::Bluesky) => &[
                    "Leave the server empty: it is found by your handle.",
                    "If you run a server of your own, type its name alone, like pds.example.com.",
                ],
                _ => &[
                    "Type only the server's name, like mastodon.social: it is what stands behind the second @ of your full handle.",
                    "Open it in your browser to see whether it answers.",
                ],
            },
            who: Fixer::You,
        },
        Problem::WrongPassword if platform == Some(Platform::Telegram) => Text {
            title: "Telegram does not know this bot token",
            sentence: "The token does not belong to a bot, or BotFather has replaced it by a new one.",
            steps: &[
                "In Telegram, open BotFather, send /token and choose your bot.",
                "Copy the whole token, with the number and the colon at its start, and paste it here.",
            ],
            who: Fixer::You,
        },
        Problem::UnknownHandle => Text {
            title: "This handle leads to no account",
            sentence: "{platform} knows nobody by this handle, or the account does not claim it. Nothing was changed.",
            steps: &["Check the handle; it looks like name.bsky.social or like a web address of your own."],
            who: Fixer::You,
        },
        Problem::WrongPassword => Text {
            title: "Handle and app password do not fit",
            sentence: "{platform} knows no account with this handle and app password. App passwords can be deleted there at any time.",
            steps: &[
                "Check the handle; it looks like name.bsky.social or like a web address of your own.",
                "In {apps}, add a new app password, copy it and paste it here.",
            ],
            who: Fixer::You,
        },
        _ => Text {
            title: "That is not an app password",
            sentence: "What you typed looks like the password you sign in to {platform} with. Pilotlight does not want it, did not send it anywhere and did not keep it. It needs an app password, which can be taken back at any time.",
            steps: &[
                "Open {apps} and add one; it looks like abcd-efgh-ijkl-mnop.",
                "Copy it at once ({platform} shows it a single time) and paste it here.",
            ],
            who: Fixer::You,
        },
    }
}

/// Something of the platform's, the operator's or ours.
fn machinery(problem: Problem, platform: Option<Platform>) -> Text {
    match problem {
        Problem::NotConfigured if platform == Some(Platform::Bluesky) => Text {
            title: "Signing in at {platform} is not possible here yet",
            sentence: "{platform}'s servers send people back only to a Pilotlight that they can reach by https themselves, and this one they can't. With an app password it works all the same.",
            steps: &[
                "Go back and use an app password.",
                "Tell the person who runs this Pilotlight: the public address must begin with https, and the page /oauth/bluesky/client-metadata.json under it must be reachable from the internet.",
            ],
            who: Fixer::Operator,
        },
        Problem::NotConfigured => Text {
            title: "{platform} is not set up here yet",
            sentence: "To connect {platform}, this Pilotlight needs an app that is registered with {platform}, and its credentials are not set.",
            steps: &[
                "Tell the person who runs this Pilotlight: the settings to fill in are named on the Connect page and in the README.",
                "Mastodon and Bluesky need no such app; you can connect them right away.",
            ],
            who: Fixer::Operator,
        },
        Problem::RedirectMismatch => Text {
            title: "{platform} does not know our return address",
            sentence: "{platform} sends people back only to addresses that its app settings list, and Pilotlight's is not among them, letter for letter.",
            steps: &[
                "Tell the person who runs this Pilotlight: the callback address (the configured public URL, then /oauth/callback/ and the platform's key) belongs into the app's settings at {platform}.",
            ],
            who: Fixer::Operator,
        },
        Problem::AppNotApproved => Text {
            title: "{platform} does not accept our app",
            sentence: "{platform} refused Pilotlight's own app, not you: its credentials are wrong, a permission was not approved by {platform}, or the app is switched off or out of credit.",
            steps: &[
                "Tell the person who runs this Pilotlight: the log has {platform}'s own words.",
                "Your accounts that are connected stay as they are.",
            ],
            who: Fixer::Operator,
        },
        Problem::RateLimited => Text {
            title: "{platform} asks us to wait",
            sentence: "There were too many requests to {platform} in a short time. Nothing was changed.",
            steps: &["Wait a quarter of an hour, then start again."],
            who: Fixer::Wait,
        },
        Problem::PlatformDown => Text {
            title: "{platform} does not answer",
            sentence: "{platform} did not answer, or not in a way one can use. Accounts that are connected stay as they are.",
            steps: &[
                "Start again in a few minutes.",
                "If it goes on, look at {platform}'s status page, or ask the person who runs this Pilotlight whether the server may reach it.",
            ],
            who: Fixer::Wait,
        },
        Problem::CodeRefused => Text {
            title: "{platform} refused to finish",
            sentence: "{platform} sent you back with a code and then did not accept it. Such a code is good for seconds only, and only once. Nothing was changed.",
            steps: &["Start again, and do not reload the page or go back meanwhile."],
            who: Fixer::You,
        },
        Problem::ReadOnly => Text {
            title: "Pilotlight can't store access now",
            sentence: "The key that locks up the access to your accounts is missing or wrong, so Pilotlight changes nothing until it is back.",
            steps: &[
                "Tell the person who runs this Pilotlight: the log and the status page say which key is expected.",
            ],
            who: Fixer::Operator,
        },
        _ => Text {
            title: "Something broke on our side",
            sentence: "This is a fault of Pilotlight, not of yours and not of {platform}. Nothing was lost.",
            steps: &[
                "Start again in a minute.",
                "If it happens again, tell the person who runs this Pilotlight when it happened: the log has the rest.",
            ],
            who: Fixer::Operator,
        },
    }
}

fn link(problem: Problem, place: &Place) -> Option<&'static str> {
    match problem {
        Problem::Checkpoint => place.check_link,
        Problem::NoDestination => place.roles_link,
        Problem::WrongPassword | Problem::MainPassword | Problem::PermissionsMissing => place.apps_link,
        _ => None,
    }
}

/// "The platform" at the start of a sentence.
fn first_capital(text: String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => text,
    }
}
