//! An OAuth 2 platform that nobody foresaw, as the operator described it in the settings (`[custom.<key>]`).
//!
//! Everything that makes platforms differ is data here; what is done with it is what the built-in ones do. Refusals are
//! read by the standards alone (RFC 6749, 6750 and 7009).

mod refusal;

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use async_trait::async_trait;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth, Consent};
use super::read::text;
use super::request::Request;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::{Custom, Platform};
use crate::domain::refresh::RefreshKind;
use crate::server::config::CustomPlatform;
use refusal::{challenged, classify, classify_code, classify_token};

/// Where a platform is and how it wants to be spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    pub platform: Custom,
    pub authorize_url: String,
    pub token_url: String,
    /// RFC 7009.
    pub revoke_url: Option<String>,
    /// Asked for.
    pub scopes: Vec<String>,
    /// Of those, the ones that may be declined.
    pub optional_scopes: Vec<String>,
    pub scope_separator: String,
    /// PKCE with S256.
    pub pkce: bool,
    pub client_auth: ClientAuth,
    /// Answers who a bearer token speaks for; the pointers (RFC 6901) say where in its JSON.
    pub profile_url: String,
    pub id: String,
    pub name: Option<String>,
    pub handle: Option<String>,
    pub picture: Option<String>,
}

/// The adapter of one described platform.
pub struct OAuth2 {
    description: Description,
    facts: &'static Facts,
}

static ADAPTERS: LazyLock<RwLock<HashMap<Custom, &'static OAuth2>>> = LazyLock::new(RwLock::default);

/// Makes the adapter of a described platform, once for the life of the process.
pub fn register(description: &Description) {
    let mut adapters = ADAPTERS.write().unwrap_or_else(PoisonError::into_inner);
    let known = adapters.get(&description.platform).is_some_and(|known| known.description == *description);
    if !known {
        adapters.insert(description.platform, Box::leak(Box::new(OAuth2::new(description.clone()))));
    }
}

/// Makes the adapters of the settings' platforms. From here on nobody else names a custom platform.
pub fn register_all(described: &[CustomPlatform]) {
    Custom::decide_here();
    described.iter().map(Description::from).for_each(|description| register(&description));
}

impl From<&CustomPlatform> for Description {
    fn from(settings: &CustomPlatform) -> Self {
        let settings = settings.clone();
        Self {
            platform: settings.platform,
            authorize_url: settings.authorize_url,
            token_url: settings.token_url,
            revoke_url: settings.revoke_url,
            scopes: settings.scopes,
            optional_scopes: settings.optional_scopes,
            scope_separator: settings.scope_separator,
            pkce: settings.pkce,
            client_auth: if settings.basic { ClientAuth::Basic } else { ClientAuth::Body },
            profile_url: settings.profile_url,
            id: settings.profile_id,
            name: settings.profile_name,
            handle: settings.profile_handle,
            picture: settings.profile_picture,
        }
    }
}

/// The adapter of a platform of the settings; `None` if they don't describe it.
pub fn adapter(platform: Custom) -> Option<&'static dyn Adapter> {
    let adapters = ADAPTERS.read().unwrap_or_else(PoisonError::into_inner);
    adapters.get(&platform).map(|adapter| *adapter as &dyn Adapter)
}

impl OAuth2 {
    /// Its texts live as long as the process: facts are constants.
    fn new(description: Description) -> Self {
        let leaked = |scopes: Vec<&String>| -> &'static [&'static str] {
            let texts = scopes.into_iter().map(|scope| -> &'static str { Box::leak(scope.clone().into_boxed_str()) });
            Box::leak(texts.collect::<Vec<_>>().into_boxed_slice())
        };
        let is_optional = |scope: &&String| description.optional_scopes.contains(*scope);
        let facts = Box::leak(Box::new(Facts {
            platform: Platform::Custom(description.platform),
            required_scopes: leaked(description.scopes.iter().filter(|scope| !is_optional(scope)).collect()),
            optional_scopes: leaked(description.scopes.iter().filter(is_optional).collect()),
            refresh: RefreshKind::OnNeed,
            refreshes_itself: false,
            probe_every_ms: DAY_MS,
            probe_on_suspicion_only: false,
            // Whether it rotates refresh tokens is not known: they are treated as if they could be used once.
            refresh_repeatable: false,
            manage_url: "",
        }));
        Self { description, facts }
    }

    async fn me(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
        let answer = cx.send(Request::get(&self.description.profile_url).bearer(&tokens.access)).await?;
        if let Some(failure) = challenged(&answer) {
            return Err(failure);
        }
        let body = answer.accepted(classify)?;
        self.read(&body).ok_or_else(|| Failure::new(Class::Transient, "the profile was answered without an id"))
    }

    /// Scopes come back parted as they were asked for.
    fn parted(&self, tokens: Tokens) -> Tokens {
        let separator = self.description.scope_separator.as_str();
        let part = |scope: &String| -> Vec<String> {
            // A text that is parted by nothing would fall into letters.
            let parts = if separator.is_empty() { vec![scope.as_str()] } else { scope.split(separator).collect() };
            parts.into_iter().filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        Tokens { scopes: tokens.scopes.map(|scopes| scopes.iter().flat_map(part).collect()), ..tokens }
    }

    fn read(&self, body: &Value) -> Option<Me> {
        let at = |pointer: &Option<String>| pointer.as_deref().and_then(|pointer| text(body, pointer));
        let id = text(body, &self.description.id)?;
        let handle = at(&self.description.handle);
        let name = at(&self.description.name).or_else(|| handle.clone()).unwrap_or_else(|| id.clone());
        Some(Me { id, profile: Profile { name, handle, picture_url: at(&self.description.picture) } })
    }
}

struct Me {
    id: String,
    profile: Profile,
}

#[async_trait]
impl Adapter for OAuth2 {
    fn facts(&self) -> &'static Facts {
        self.facts
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        oauth::authorize_url(&Consent {
            page: &self.description.authorize_url,
            client_id: &cx.app()?.client_id,
            redirect_uri: cx.redirect_uri,
            scope: &self.description.scopes.join(&self.description.scope_separator),
            state: ask.state,
            verifier: self.description.pkce.then_some(ask.verifier),
            extra: &[],
        })
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        let verifier = self.description.pkce.then_some(back.verifier);
        let request = oauth::code_request(&self.description.token_url, cx, back.code, verifier);
        let tokens = oauth::tokens(cx, oauth::as_app(cx, self.description.client_auth, request)?, classify_code).await;
        Ok(self.parted(tokens?))
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let Me { id, profile } = self.me(cx, tokens).await?;
        Ok(Identity { id, name: profile.name, handle: profile.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile: Profile { name, handle, picture_url } } = self.me(cx, tokens).await?;
        Ok(vec![Destination { id, name, handle, picture_url, link: None, token: None, unusable: None }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = oauth::refresh_request(&self.description.token_url, tokens)?;
        let tokens = oauth::tokens(cx, oauth::as_app(cx, self.description.client_auth, request)?, classify_token).await;
        Ok(self.parted(tokens?))
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let me = self.me(cx, subject.tokens).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        Ok(Probe { profile: Some(me.profile), ..Probe::default() })
    }

    /// No standard says where posts are.
    fn reads_posts(&self) -> bool {
        false
    }

    async fn recent_posts(&self, _cx: &Context<'_>, _subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        Ok(Vec::new())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        let Some(url) = &self.description.revoke_url else { return Ok(()) };
        // The refresh token first: with it, new access tokens could be made.
        for (token, kind) in
            tokens.refresh.iter().map(|token| (token, "refresh_token")).chain([(&tokens.access, "access_token")])
        {
            let request = Request::post(url).secret_form("token", token).form("token_type_hint", kind);
            let answer = cx.send(oauth::as_app(cx, self.description.client_auth, request)?).await?;
            // Its body is nobody's business.
            if !answer.is_success() {
                return Err(answer.unanswered().unwrap_or_else(|| classify_token(&answer)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
