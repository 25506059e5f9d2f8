//! What happens between "Connect" and the callback: the consent pages, which differ in what they ask and in
//! how they say no, and the choice that a person makes there.

use axum::http::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::call::{Call, Pairs, Reply};
use super::cast::{self, Page, Person};
use super::state::{Code, Grant, World};
use super::vendor::Vendor;
use super::{SandboxError, consent_page};

/// A consent that was asked for in good form.
#[derive(Clone, Debug)]
pub struct Ask {
    pub vendor: Vendor,
    pub host: String,
    pub app: String,
    pub app_name: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub scopes: Vec<String>,
    /// PKCE, S256.
    pub challenge: Option<String>,
    /// Facebook: also ask for what was declined before. Google: ask although everything was allowed before.
    pub rerequest: bool,
    /// Facebook: name the scopes in the redirect. Google: for access while the person is away.
    pub return_scopes: bool,
}

/// A consent that was not asked for in good form.
pub enum Refusal {
    /// Told to the person, on a page of the vendor's.
    Page(Box<Reply>),
    /// Told to the app, in the redirect.
    Redirect(String),
}

/// What a person clicks on a consent page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choice {
    /// Who is signed in at the vendor; the first of its people if not said.
    pub person: Option<String>,
    /// Presses Cancel.
    pub deny: bool,
    pub untick_scopes: Vec<String>,
    /// Facebook: ticks these pages only; all if not said.
    pub only_destinations: Option<Vec<String>>,
}

impl Choice {
    /// This person allows everything.
    pub fn person(key: &str) -> Self {
        Self { person: Some(key.into()), ..Self::default() }
    }
}

/// A choice with nothing left open.
struct Decision {
    person: Person,
    allow: bool,
    scopes: Vec<String>,
    pages: Vec<String>,
}

/// Whether a request is for a consent page, and what it asks.
pub fn asked(world: &World, vendor: Vendor, call: &Call) -> Option<Result<Ask, Refusal>> {
    vendor.twin().asked(world, call)
}

/// The page, or what its form leads to.
pub fn answer(world: &mut World, call: &Call, asked: Result<Ask, Refusal>) -> Reply {
    let ask = match asked {
        Ok(ask) => ask,
        Err(Refusal::Page(page)) => return *page,
        Err(Refusal::Redirect(location)) => return Reply::see_other(location),
    };
    if call.is(&Method::GET) {
        return consent_page::page(world, &ask);
    }
    match from_form(world, &ask, &call.form) {
        Ok(decision) => Reply::see_other(decide(world, &ask, decision, call.now)),
        Err(error) => consent_page::refusal(ask.vendor, 400, &error.to_string()),
    }
}

/// What a person's clicks lead to, without the page.
pub fn choose(world: &mut World, vendor: Vendor, call: &Call, choice: &Choice) -> Result<String, SandboxError> {
    let location = match asked(world, vendor, call) {
        None => return Err(SandboxError::NoConsentPage(format!("{}{}", call.host, call.path))),
        Some(Err(Refusal::Page(page))) => return Err(SandboxError::Refused(consent_page::words(&page))),
        Some(Err(Refusal::Redirect(location))) => location,
        Some(Ok(ask)) => {
            let decision = from_choice(world, &ask, choice)?;
            decide(world, &ask, decision, call.now)
        }
    };
    // A browser keeps the fragment to itself.
    Ok(location.split('#').next().unwrap_or_default().to_owned())
}

/// The pages that a person could give.
pub fn pages_of(world: &World, person: &Person) -> Vec<Page> {
    person.pages.iter().filter(|page| world.has_role(&person.key, &page.id)).cloned().collect()
}

fn from_form(world: &World, ask: &Ask, form: &Pairs) -> Result<Decision, SandboxError> {
    let person = person(ask, form.get("person"))?;
    let ticked = form.all("scope");
    let scopes = ask.scopes.iter().filter(|scope| ticked.contains(scope)).cloned().collect();
    let ticked = form.all("page");
    let pages =
        pages_of(world, &person).iter().map(|page| page.id.to_string()).filter(|id| ticked.contains(id)).collect();
    Ok(Decision { allow: form.get("decision") == Some("allow"), scopes, pages, person })
}

fn from_choice(world: &World, ask: &Ask, choice: &Choice) -> Result<Decision, SandboxError> {
    let person = person(ask, choice.person.as_deref())?;
    if let Some(scope) = choice.untick_scopes.iter().find(|scope| !ask.scopes.contains(scope)) {
        return Err(SandboxError::Unknown(format!("the consent page offers no scope {scope}")));
    }
    let offered = pages_of(world, &person);
    let wanted = choice.only_destinations.as_deref();
    if let Some(id) = wanted.unwrap_or_default().iter().find(|id| !offered.iter().any(|page| page.id == **id)) {
        return Err(SandboxError::Unknown(format!("the consent page offers no page {id}")));
    }
    let ticked = |id: &str| wanted.is_none_or(|wanted| wanted.iter().any(|one| one == id));
    Ok(Decision {
        allow: !choice.deny,
        scopes: ask.scopes.iter().filter(|scope| !choice.untick_scopes.contains(scope)).cloned().collect(),
        pages: offered.iter().map(|page| page.id.to_string()).filter(|id| ticked(id)).collect(),
        person,
    })
}

fn person(ask: &Ask, key: Option<&str>) -> Result<Person, SandboxError> {
    match key {
        None => cast::people(ask.vendor, &ask.host)
            .into_iter()
            .next()
            .ok_or_else(|| SandboxError::Unknown("anybody".into())),
        Some(key) => cast::find(ask.vendor, &ask.host, key)
            .ok_or_else(|| SandboxError::Unknown(format!("{} knows nobody called {key}", ask.vendor.name()))),
    }
}

/// Makes a code, or says no; answers where the browser goes.
fn decide(world: &mut World, ask: &Ask, decision: Decision, now: i64) -> String {
    if !decision.allow {
        return back(ask, ask.vendor.twin().denied());
    }
    let Decision { person, scopes, pages, .. } = decision;
    let mut code = Code {
        vendor: ask.vendor,
        host: ask.host.clone(),
        app: ask.app.clone(),
        person: person.key,
        redirect_uri: ask.redirect_uri.clone(),
        declined: ask.scopes.iter().filter(|scope| !scopes.contains(scope)).cloned().collect(),
        scopes,
        pages,
        challenge: ask.challenge.clone(),
        issued: now,
        used: false,
    };
    let twin = ask.vendor.twin();
    let secret = twin.code(world, ask, &mut code, now);
    let told = twin.told(ask, &code);
    world.add_code(&secret, code);
    let mut fields = vec![("code", secret.as_str())];
    fields.extend(told.iter().map(|(name, value)| (*name, value.as_str())));
    back(ask, &fields)
}

/// The app's address with what it is told.
pub fn back(ask: &Ask, fields: &[(&str, &str)]) -> String {
    redirect(&ask.redirect_uri, ask.state.as_deref(), fields, ask.vendor.twin().fragment())
}

/// Some vendors end these addresses with an odd fragment.
pub fn redirect(to: &str, state: Option<&str>, fields: &[(&str, &str)], fragment: Option<&str>) -> String {
    let Ok(mut url) = Url::parse(to) else { return to.to_owned() };
    url.query_pairs_mut().extend_pairs(fields).extend_pairs(state.map(|state| ("state", state)));
    url.set_fragment(fragment);
    url.into()
}

/// The consent that a used-up code stands for.
pub fn grant_of(code: &Code, since: i64) -> Grant {
    Grant {
        id: 0,
        vendor: code.vendor,
        host: code.host.clone(),
        app: code.app.clone(),
        person: code.person.clone(),
        scopes: code.scopes.clone(),
        declined: code.declined.clone(),
        pages: code.pages.clone(),
        since,
        ended: None,
    }
}
