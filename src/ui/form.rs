//! Labelled inputs, and the protocol of a form that also works without script.

use crate::ui::whole::Erase;
use leptos::prelude::*;

/// An input with its label and a hint that is read out with it.
#[component]
pub fn Field(
    /// The name the server reads it by; also the end of its id where there is no other.
    name: &'static str,
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// The `autocomplete` token.
    #[prop(default = "off")]
    autocomplete: &'static str,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(default = true)] required: bool,
    /// The least number of characters.
    #[prop(optional, into)]
    least: Option<u32>,
    /// What its id ends with instead of the name, where a page has two of that name.
    #[prop(optional)]
    alias: Option<&'static str>,
) -> impl IntoView {
    let own = alias.unwrap_or(name);
    let id = format!("field-{own}");
    let hint_id = hint.is_some().then(|| format!("hint-{own}"));
    // Addresses and secrets must not be "corrected" by a phone's keyboard.
    let plain = kind != "text" || matches!(name, "host" | "handle");
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {(!required).then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            <input
                id=id
                name=name
                type=kind
                value=value
                required=required
                minlength=least.map(|least| least.to_string())
                autocomplete=autocomplete
                placeholder=placeholder
                autocapitalize=plain.then_some("none")
                spellcheck=plain.then_some("false")
                aria-describedby=hint_id.clone()
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .erase()
}
