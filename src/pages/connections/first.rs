//! The page before the first account (SPEC H-11).

use leptos::prelude::*;

use crate::pages::who::Who;
use crate::ui::empty::Empty;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// What to do first, and where to play.
#[component]
pub fn FirstSteps(who: Who) -> impl IntoView {
    let steps = move || if who.powers().manage { ways() } else { wait() };
    let sandbox = move || who.me().map(|me| me.sandbox.map_or_else(try_demo, playground));
    view! { <Empty icon="flame" title="Connect your first account">{steps} {sandbox}</Empty> }.erase()
}

fn ways() -> AnyView {
    view! {
        <p>"Its card then shows here whether the connection works, and warns you before a post fails."</p>
        <ul class="ways">
            <li>
                <a class="button primary" href=links::CONNECT>
                    <Icon name="plus" />
                    "Choose a platform"
                </a>
            </li>
            <li>
                <a class="button" href=links::MASTODON rel="external">
                    "Connect Mastodon"
                </a>
            </li>
            <li>
                <a class="button" href=links::BLUESKY>
                    "Connect Bluesky"
                </a>
            </li>
        </ul>
        <p class="muted">"Mastodon and Bluesky need no developer app: a real account is connected within a minute."</p>
    }
    .erase()
}

fn wait() -> AnyView {
    view! { <p>"An admin of this workspace has to connect an account. It will appear here at once."</p> }.erase()
}

fn try_demo() -> AnyView {
    view! {
        <p class="sandbox">
            <Icon name="info" />
            <span>"Just looking? " <code>"pilotlight demo"</code> " starts a sandbox of stand-in platforms with made-up accounts."</span>
        </p>
    }
    .erase()
}

fn playground(address: String) -> AnyView {
    view! {
        <p class="sandbox">
            <Icon name="info" />
            <span>
                "Just looking? This server talks to the "
                <a href=address rel="external noopener" target="_blank">
                    "sandbox"
                </a>
                ", which stands in for the platforms: connect made-up accounts, then expire or revoke them there."
            </span>
        </p>
    }
    .erase()
}
