//! `/launchpad`: what to do first. It ticks itself off (SPEC 9).

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::launchpad::{Launchpad, Step, launchpad};
use crate::pages::banners::Banners;
use crate::pages::renewed::Renewed;
use crate::ui::empty::Skeleton;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The checklist; once all is done it makes room for what comes after.
#[component]
pub fn LaunchpadPage() -> impl IntoView {
    let answer = Resource::new(|| (), |()| launchpad());
    let body = move || {
        Some(match answer.get()? {
            Ok(launchpad) => whole(launchpad),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Launchpad" />
        <div class="page narrow">
            <Banners />
            <Renewed />
            <h1>"Launchpad"</h1>
            <Transition fallback=|| view! { <Skeleton count=3 /> }>{body}</Transition>
        </div>
    }
    .erase()
}

fn whole(launchpad: Launchpad) -> AnyView {
    let Launchpad { steps, tips } = launchpad;
    let (done, all) = (steps.iter().filter(|step| step.done).count(), steps.len());
    // The step that is next has the strong button.
    let next = steps.iter().position(|step| !step.done && step.way.is_some());
    let list = view! {
        <ol class="steps">{steps.into_iter().enumerate().map(|(at, step)| entry(step, next == Some(at))).collect_view()}</ol>
    }
    .erase();
    let head = if done == all { finished(list) } else { under_way(done, all, list) };
    view! { {head} {tips.into_iter().map(tip).collect_view()} }.erase()
}

fn under_way(done: usize, all: usize, list: AnyView) -> AnyView {
    view! {
        <div class="progress">
            <progress max=all value=done aria-labelledby="launch-progress"></progress>
            <p id="launch-progress">
                <strong>{done} " of " {all}</strong>
                " done. Each step ticks itself off."
            </p>
        </div>
        {list}
    }
    .erase()
}

fn finished(list: AnyView) -> AnyView {
    view! {
        <div class="launched">
            <Icon name="check" />
            <div>
                <h2>"Everything is set up"</h2>
                <p>"Pilotlight watches your accounts from here on, also when nobody looks."</p>
            </div>
            <a class="button primary" href=links::OVERVIEW>
                "Go to Overview"
            </a>
        </div>
        <details class="launched-steps">
            <summary>"What was done"</summary>
            {list}
        </details>
    }
    .erase()
}

fn entry(step: Step, next: bool) -> AnyView {
    let Step { title, words, done, way } = step;
    let button = way.map(|(href, label)| {
        let class = if next { "button primary" } else { "button" };
        view! {
            <a class=class href=href>
                {label}
            </a>
        }
    });
    view! {
        <li class="step" data-done=done.then_some("true")>
            <span class="step-mark">{done.then(|| view! { <Icon name="check" /> })}</span>
            <div class="step-text">
                <h2>{title} <span class="sr">{if done { " (done)" } else { " (open)" }}</span></h2>
                <p>{words}</p>
            </div>
            {button}
        </li>
    }
    .erase()
}

fn tip(words: String) -> AnyView {
    view! {
        <p class="tip">
            <Icon name="key" />
            <span>
                <strong>"Tip: "</strong>
                {words}
            </span>
        </p>
    }
    .erase()
}
