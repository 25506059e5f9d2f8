//! An explanation as a person reads it: the sentence, the steps, who can do them, and where.

use leptos::prelude::*;

use crate::domain::explain::Explanation;
use crate::ui::icon::Icon;
use crate::ui::whole::Erase;

/// The text of `domain::explain`, on a page (with its heading) or inside a panel.
#[component]
pub fn Explained(explanation: Explanation, heading: bool) -> impl IntoView {
    let Explanation { title, sentence, steps, who, link } = explanation;
    let many = steps.len() > 1;
    let items = steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view();
    view! {
        <div class="explained">
            {if heading { view! { <h1>{title}</h1> }.erase() } else { view! { <h3>{title}</h3> }.erase() }}
            <p>{sentence}</p>
            {if many { view! { <ol>{items}</ol> }.erase() } else { view! { <ul>{items}</ul> }.erase() }}
            <p class="muted">{who.words()}</p>
            {link
                .map(|link| {
                    view! {
                        <p>
                            <a href=link rel="external noopener noreferrer" target="_blank">
                                "Open the place where it is fixed"
                                <Icon name="external" />
                            </a>
                        </p>
                    }
                })}
        </div>
    }
    .erase()
}
