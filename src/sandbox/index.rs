//! Where things are, so that nobody searches through all of them: made anew at each start.

use std::collections::HashMap;

use super::state::{Grant, State, standing_key};
use super::vendor::Vendor;

/// What is looked up often.
#[derive(Default)]
pub struct Index {
    /// Consents by vendor and person, the oldest first.
    grants: HashMap<String, Vec<u64>>,
    /// Tokens by their consent, the oldest first.
    tokens: HashMap<u64, Vec<String>>,
    /// The newest app of a Mastodon server.
    apps: HashMap<String, String>,
}

impl Index {
    pub fn of(state: &State) -> Self {
        let mut index = Self::default();
        state.grants.values().for_each(|grant| index.add_grant(grant));
        let mut tokens: Vec<_> = state.tokens.iter().collect();
        tokens.sort_by_key(|(_, token)| token.issued);
        tokens.into_iter().for_each(|(secret, token)| index.add_token(token.grant, secret));
        state.apps.iter().for_each(|(id, app)| index.add_app(&app.host, id));
        index
    }

    pub fn add_grant(&mut self, grant: &Grant) {
        self.grants.entry(standing_key(grant.vendor, &grant.person)).or_default().push(grant.id);
    }

    pub fn add_token(&mut self, grant: u64, secret: &str) {
        self.tokens.entry(grant).or_default().push(secret.to_owned());
    }

    pub fn add_app(&mut self, host: &str, id: &str) {
        self.apps.insert(host.to_owned(), id.to_owned());
    }

    pub fn grants(&self, vendor: Vendor, person: &str) -> &[u64] {
        self.grants.get(&standing_key(vendor, person)).map_or(&[], Vec::as_slice)
    }

    pub fn tokens(&self, grant: u64) -> &[String] {
        self.tokens.get(&grant).map_or(&[], Vec::as_slice)
    }

    /// Client id of an app on a Mastodon server.
    pub fn app(&self, host: &str) -> Option<&str> {
        self.apps.get(host).map(String::as_str)
    }
}
