//! TikTok's webhook (platforms.md section 9).

use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::super::{Sandbox, SandboxError};
use super::found;

impl Sandbox {
    /// What TikTok posts when something happened to a person: the `TikTok-Signature` header, and the body.
    ///
    /// # Errors
    /// The person is unknown.
    pub fn tiktok_event(&self, person: &str, event: &str) -> Result<(String, String), SandboxError> {
        let (app, _, person) = found("tiktok", person)?;
        let at = self.now().div_euclid(1_000);
        let body = json!({
            "client_key": app.id,
            "event": event,
            "create_time": at,
            "user_openid": person.id,
            "content": json!({"reason": 1}).to_string(),
        })
        .to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(app.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(format!("{at}.{body}").as_bytes());
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((format!("t={at},s={hex}"), body))
    }
}
