//! What vendors tell an app by themselves: Meta's `signed_request` (platforms.md section 1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::{Sandbox, SandboxError, cast, vendor::Vendor};

impl Sandbox {
    /// The `signed_request` that Meta posts to the app of `platform` when a person (a key of [`cast`]) removes it or wants
    /// to be forgotten there.
    ///
    /// # Errors
    /// Platform or person is unknown.
    pub fn signed_request(&self, platform: &str, person: &str) -> Result<String, SandboxError> {
        let app = super::apps().find(|app| app.platform == platform);
        let vendor =
            Vendor::ALL.into_iter().find(|vendor| vendor.twin().apps().iter().any(|app| app.platform == platform));
        let unknown = || SandboxError::Unknown(format!("{person} at {platform}"));
        let (app, vendor) = app.zip(vendor).ok_or_else(unknown)?;
        let person = cast::find(vendor, "", person).ok_or_else(unknown)?;
        let content =
            json!({"algorithm": "HMAC-SHA256", "issued_at": self.now().div_euclid(1_000), "user_id": person.id});
        let payload = URL_SAFE_NO_PAD.encode(content.to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(app.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(payload.as_bytes());
        Ok(format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }
}
