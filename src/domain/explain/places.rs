//! The platforms' own menus: where a connection is seen, where a role is given, where a lock is opened.

use crate::domain::platform::Platform;

/// What a text needs to know about a platform.
pub(super) struct Place {
    pub name: &'static str,
    pub noun: &'static str,
    /// The list of connected apps, as a path through the menus.
    pub apps: &'static str,
    pub apps_link: Option<&'static str>,
    /// Who gives rights, and where.
    pub roles: &'static str,
    pub roles_link: Option<&'static str>,
    /// Where a lock, a check or a warning is cleared.
    pub check: &'static str,
    pub check_link: Option<&'static str>,
    /// What to leave switched on when the consent is asked for again.
    pub consent: &'static str,
}

const FACEBOOK_APPS: &str = "Facebook > Settings & privacy > Settings > Business integrations";
const FACEBOOK_APPS_LINK: Option<&str> = Some("https://www.facebook.com/settings?tab=business_tools");
const GOOGLE_APPS: &str = "Google Account > Security > Your connections to third-party apps & services";
const GOOGLE_APPS_LINK: Option<&str> = Some("https://myaccount.google.com/connections");
const GOOGLE_CONSENT: &str = "On Google's page, tick every box before you continue: each one is off until you tick it.";

/// For a problem that belongs to no platform.
pub(super) const NOWHERE: Place = Place {
    name: "the platform",
    noun: "account",
    apps: "the list of connected apps in the platform's settings",
    apps_link: None,
    roles: "Ask an admin of the account to give your login the right to publish.",
    roles_link: None,
    check: "Sign in on the platform itself and follow what it asks of you.",
    check_link: None,
    consent: "Leave every permission switched on when the platform asks.",
};

pub(super) fn place(platform: Platform) -> Place {
    let (name, noun) = (platform.name(), platform.noun());
    let own = Place { name, noun, ..NOWHERE };
    match platform {
        Platform::Facebook => Place {
            name,
            noun,
            apps: FACEBOOK_APPS,
            apps_link: FACEBOOK_APPS_LINK,
            roles: "Ask an admin of the page to open Professional dashboard > Page access and give you access with the right to create content.",
            roles_link: Some("https://www.facebook.com/settings/?tab=profile_access"),
            check: "Open facebook.com, sign in with the login that manages the page, and follow what Facebook asks of you. Look into the page's Support inbox as well.",
            check_link: Some("https://www.facebook.com/support"),
            consent: "When Facebook asks which pages Pilotlight may use, keep this page ticked, and leave every permission switched on.",
        },
        Platform::Instagram => Place {
            name,
            noun,
            apps: "Instagram > Settings > Website permissions > Apps and websites",
            apps_link: Some("https://www.instagram.com/accounts/manage_access/"),
            roles: "Check in the Instagram app that this is still a professional account (Settings > Account type and tools), and that you sign in to this one.",
            roles_link: None,
            check: "Open the Instagram app with this account and follow what Instagram asks of you.",
            check_link: Some("https://www.instagram.com/"),
            consent: "Leave every permission switched on when Instagram asks.",
        },
        Platform::InstagramViaFacebook => Place {
            // Whose pages the person sees on the way.
            name: "Facebook",
            noun,
            apps: FACEBOOK_APPS,
            apps_link: FACEBOOK_APPS_LINK,
            roles: "Check that the Instagram account is still linked to its Facebook page (page > Settings > Linked accounts), and ask an admin of that page to give you access to it.",
            roles_link: Some("https://www.facebook.com/settings/?tab=profile_access"),
            check: "Open the Instagram app with this account, then facebook.com with the login that manages its page, and follow what is asked of you in either.",
            check_link: Some("https://www.facebook.com/support"),
            consent: "When Facebook asks, keep both the Instagram account and its Facebook page ticked, and leave every permission switched on.",
        },
        Platform::Linkedin => Place {
            apps: "LinkedIn > Settings & Privacy > Data privacy > Permitted services",
            apps_link: Some("https://www.linkedin.com/mypreferences/d/data-sharing-for-permitted-services"),
            roles: "Ask a super admin of the LinkedIn page to open Settings > Manage admins and make you an admin or content admin.",
            roles_link: None,
            check: "Open linkedin.com, sign in, and follow what LinkedIn asks of you.",
            check_link: Some("https://www.linkedin.com/"),
            ..own
        },
        Platform::X => Place {
            name,
            noun,
            apps: "X > Settings > Security and account access > Apps and sessions > Connected apps",
            apps_link: Some("https://x.com/settings/connected_apps"),
            roles: "Check on x.com that you sign in to this very account, and not to another one in which you are a guest.",
            roles_link: Some("https://x.com/"),
            check: "Open x.com with this account. X says there whether it is locked or suspended and how to unlock it.",
            check_link: Some("https://x.com/account/access"),
            consent: "On X's page, check the name in the corner: it must be the account you want. Then choose Authorize app.",
        },
        Platform::Tiktok => Place {
            apps: "TikTok > Settings and privacy > Security & permissions > Apps and services permissions",
            check: "Open the TikTok app with this account and follow what TikTok asks of you.",
            check_link: Some("https://www.tiktok.com/"),
            consent: "On TikTok's page, leave every switch on before you continue.",
            ..own
        },
        Platform::Youtube => Place {
            name,
            noun,
            apps: GOOGLE_APPS,
            apps_link: GOOGLE_APPS_LINK,
            roles: "Ask the owner of the channel to open YouTube Studio > Settings > Permissions and invite you as a manager.",
            roles_link: Some("https://studio.youtube.com/"),
            check: "Open YouTube Studio and follow what it asks of you; some accounts have to be confirmed by phone first.",
            check_link: Some("https://studio.youtube.com/"),
            consent: GOOGLE_CONSENT,
        },
        Platform::GoogleBusiness => Place {
            name,
            noun,
            apps: GOOGLE_APPS,
            apps_link: GOOGLE_APPS_LINK,
            roles: "Ask an owner of the location to open Business Profile settings > People and access and add you as a manager.",
            roles_link: Some("https://business.google.com/"),
            check: "Open your Business Profile: a location that is suspended or not verified says there what Google wants.",
            check_link: Some("https://business.google.com/"),
            consent: GOOGLE_CONSENT,
        },
        Platform::Pinterest => Place {
            apps: "Pinterest > Settings > Security > Connected apps",
            apps_link: Some("https://www.pinterest.com/settings/security"),
            check: "Open pinterest.com with this account and follow what Pinterest asks of you.",
            check_link: Some("https://www.pinterest.com/"),
            ..own
        },
        Platform::Threads => Place {
            apps: "Threads > Settings > Account > Website permissions",
            apps_link: Some("https://www.threads.net/settings/account"),
            check: "Open the Threads or Instagram app with this account and follow what is asked of you.",
            check_link: Some("https://www.threads.net/"),
            ..own
        },
        Platform::Mastodon => Place {
            apps: "your Mastodon server > Preferences > Account > Authorized apps",
            roles: "Check on your Mastodon server that you sign in to this very account, and that it was not moved to another server.",
            check: "Open your Mastodon server in the browser and sign in. A disabled, moved or unconfirmed account says so there; its moderators can help.",
            consent: "On your server's page, check the account's name at the top, then choose Authorize.",
            ..own
        },
        Platform::Bluesky => Place {
            apps: "Bluesky > Settings > Privacy and security > App passwords",
            apps_link: Some("https://bsky.app/settings/app-passwords"),
            roles: "Check that the app password was made in this very account.",
            roles_link: Some("https://bsky.app/settings/app-passwords"),
            check: "Open bsky.app with this account. A deactivated or suspended account says there what can be done.",
            check_link: Some("https://bsky.app/settings/account"),
            consent: "Type the handle and the new app password, never the password you sign in to Bluesky with.",
            ..own
        },
        Platform::Custom(_) => own,
        Platform::Telegram => Place {
            apps: "Telegram > BotFather > /mybots",
            apps_link: Some("https://t.me/BotFather"),
            roles: "Ask an owner of the channel to open its Administrators list and add the bot with the right to post messages.",
            check: "Open the channel in Telegram and check that it still exists and that the bot is not blocked.",
            consent: "Give the bot the right to post messages when you add it to the channel.",
            ..own
        },
        Platform::Whatsapp => Place {
            apps: "Meta Business Suite > WhatsApp Manager",
            apps_link: Some("https://business.facebook.com/wa/manage/"),
            roles: "Ask an admin of the business portfolio to give you access to the WhatsApp account.",
            roles_link: Some("https://business.facebook.com/settings/"),
            check: "Open WhatsApp Manager and follow what it asks of you.",
            check_link: Some("https://business.facebook.com/wa/manage/"),
            ..own
        },
    }
}
