//! Meta's `signed_request` (platforms.md section 1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::super::vendor::Vendor;
use super::super::{Sandbox, SandboxError, instagram};
use super::found;

impl Sandbox {
    /// The `signed_request` that Meta posts to the app of `platform` when a person removes it or wants to be forgotten there.
    ///
    /// # Errors
    /// Platform or person is unknown.
    pub fn signed_request(&self, platform: &str, person: &str) -> Result<String, SandboxError> {
        let (app, vendor, person) = found(platform, person)?;
        // Instagram's own id of an account is not the one that it tells apps.
        let id = if vendor == Vendor::Instagram { instagram::app_scoped(&person.id) } else { person.id };
        let content = json!({"algorithm": "HMAC-SHA256", "issued_at": self.now().div_euclid(1_000), "user_id": id});
        let payload = URL_SAFE_NO_PAD.encode(content.to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(app.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(payload.as_bytes());
        Ok(format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }
}
