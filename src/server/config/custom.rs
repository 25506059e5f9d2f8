//! Platforms that are described in the settings and known nowhere else.

use std::collections::BTreeMap;

use url::Url;

use super::layers::Layers;
use super::{ConfigError, CustomPlatform, PlatformApp, raw};
use crate::domain::custom::{self, Custom};
use crate::domain::platform::Platform;

/// The operator's apps at these platforms.
type Apps = Vec<(Platform, PlatformApp)>;

/// Checks the descriptions, and makes the platforms known under their keys.
pub fn platforms(
    all: BTreeMap<String, raw::Custom>,
    layers: &Layers,
) -> Result<(Vec<CustomPlatform>, Apps), ConfigError> {
    let (mut known, mut apps) = (Vec::new(), Vec::new());
    for (name, raw) in all {
        let (platform, app) = platform(&name, raw, layers)?;
        apps.push((Platform::Custom(platform.platform), app));
        known.push(platform);
    }
    Ok((known, apps))
}

fn platform(table: &str, raw: raw::Custom, layers: &Layers) -> Result<(CustomPlatform, PlatformApp), ConfigError> {
    let setting = |name: &str| format!("custom.{table}.{name}");
    // Variables can't hold a hyphen.
    let key = format!("{}{}", custom::PREFIX, table.replace('_', "-"));
    if !custom::is_key(&key) {
        let expected = "named with small letters, digits and hyphens, at most 33 of them";
        return Err(layers.wrong(&format!("custom.{table}"), None, expected));
    }
    let platform = Custom::register(&key, &raw.name)
        .ok_or_else(|| layers.wrong(&setting("name"), Some(&raw.name), "a name of at most 80 bytes on one line"))?;
    if raw.client_id.is_empty() {
        return Err(layers.wrong(&setting("client_id"), Some(""), "the id of your app"));
    }
    let urls = [
        ("authorize_url", Some(&raw.authorize_url)),
        ("token_url", Some(&raw.token_url)),
        ("revoke_url", raw.revoke_url.as_ref()),
        ("profile_url", Some(&raw.profile_url)),
    ];
    for (name, url) in urls {
        if url.is_some_and(|url| !is_address(url)) {
            let expected = "an address like https://forum.example/oauth, without a password or a fragment";
            return Err(layers.wrong(&setting(name), None, expected));
        }
    }
    let pointers = [
        ("profile_id", Some(&raw.profile_id)),
        ("profile_name", raw.profile_name.as_ref()),
        ("profile_handle", raw.profile_handle.as_ref()),
        ("profile_picture", raw.profile_picture.as_ref()),
    ];
    for (name, pointer) in pointers {
        if let Some(wrong) = pointer.filter(|pointer| !pointer.starts_with('/')) {
            return Err(layers.wrong(
                &setting(name),
                Some(wrong),
                "a JSON pointer that begins with a slash, like /user/id",
            ));
        }
    }
    let basic = match raw.client_auth.as_str() {
        "basic" => true,
        "body" => false,
        other => return Err(layers.wrong(&setting("client_auth"), Some(other), "basic or body")),
    };
    if let Some(stray) = raw.optional_scopes.iter().find(|scope| !raw.scopes.contains(scope)) {
        return Err(layers.wrong(&setting("optional_scopes"), Some(stray), "some of the scopes in `scopes`"));
    }
    let raw::Custom { client_id, client_secret, .. } = raw;
    let described = CustomPlatform {
        platform,
        authorize_url: raw.authorize_url,
        token_url: raw.token_url,
        revoke_url: raw.revoke_url,
        scopes: raw.scopes,
        optional_scopes: raw.optional_scopes,
        scope_separator: raw.scope_separator,
        pkce: raw.pkce,
        basic,
        profile_url: raw.profile_url,
        profile_id: raw.profile_id,
        profile_name: raw.profile_name,
        profile_handle: raw.profile_handle,
        profile_picture: raw.profile_picture,
    };
    Ok((described, PlatformApp { client_id, client_secret, organisations: false }))
}

/// Plain http is for names that the guard lets through for development; it decides at every call.
fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    })
}
