//! A webhook's message on the wire: signed JSON, or the words of a chat.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use standardwebhooks::Webhook as Signer;

use crate::api::webhooks::Format;
use crate::server::platform::request::Request;

/// What is sent.
pub struct Message<'a> {
    /// The same for every attempt.
    pub id: &'a str,
    /// The event: `type`, `timestamp`, `data`.
    pub event: Value,
    /// Where the account is, at us.
    pub link: Option<String>,
    /// Unix seconds of this attempt: verifiers refuse what is old.
    pub at: i64,
}

/// A secret that is none.
#[derive(Debug, thiserror::Error)]
#[error("the webhook's secret can't be used")]
pub struct BadSecret;

impl Message<'_> {
    /// The call. `secrets`: the present one, and while it counts the one before.
    ///
    /// # Errors
    /// When a secret can't be read.
    pub fn request(self, url: &SecretString, format: Format, secrets: &[SecretString]) -> Result<Request, BadSecret> {
        let request = Request::post(url.expose_secret()).hide(url);
        match format {
            Format::Standard => self.signed(request, secrets),
            Format::Slack => Ok(request.json(json!({ "text": self.slack() }))),
            // No mention of anybody, whatever an account is called.
            Format::Discord => {
                Ok(request.json(json!({ "content": self.discord(), "allowed_mentions": { "parse": [] } })))
            }
        }
    }

    fn signed(mut self, request: Request, secrets: &[SecretString]) -> Result<Request, BadSecret> {
        if let Some(link) = self.link.take() {
            self.event["data"]["link"] = json!(link);
        }
        let body = self.event.to_string();
        let mut signatures = Vec::new();
        for secret in secrets {
            let signer = Signer::new(secret.expose_secret()).map_err(|_| BadSecret)?;
            signatures.push(signer.sign(self.id, self.at, body.as_bytes()).map_err(|_| BadSecret)?);
        }
        Ok(request
            .header("webhook-id", self.id)
            .header("webhook-timestamp", self.at.to_string())
            .header("webhook-signature", signatures.join(" "))
            .raw_json(body))
    }

    fn words(&self) -> &str {
        self.event["data"]["words"].as_str().unwrap_or("Something happened to a connection")
    }

    /// Slack's own escapes: nothing else of a text is read as markup there.
    fn slack(&self) -> String {
        let safe = self.words().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        match &self.link {
            Some(link) => format!("{safe} <{link}|Open in Pilotlight>"),
            None => safe,
        }
    }

    fn discord(&self) -> String {
        let mut safe = String::new();
        for letter in self.words().chars() {
            if "\\*_~`|>#[]()<@".contains(letter) {
                safe.push('\\');
            }
            safe.push(letter);
        }
        match &self.link {
            Some(link) => format!("{safe}\n<{link}>"),
            None => safe,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(words: &str) -> Message<'static> {
        let event = json!({ "type": "account.recovered", "timestamp": "t", "data": { "words": words } });
        Message { id: "m", event, link: Some("https://pilot.example/connections?account=1".into()), at: 1 }
    }

    // SPEC A-7: what people call their accounts is text in a chat, never a mention or a link
    #[test]
    fn names_are_no_markup_in_a_chat() {
        let evil = message("<!channel> @everyone [x](https://evil.example) is healthy & well");
        assert_eq!(
            evil.slack(),
            "&lt;!channel&gt; @everyone [x](https://evil.example) is healthy &amp; well \
             <https://pilot.example/connections?account=1|Open in Pilotlight>"
        );
        let discord = evil.discord();
        assert!(discord.starts_with("\\<!channel\\> \\@everyone \\[x\\]\\(https://evil.example\\)"), "{discord}");
    }

    // SPEC A-7: both secrets sign while a rotation is under way
    #[test]
    fn every_secret_signs() {
        let secret = |byte: u8| SecretString::from(format!("whsec_{}", base64_of(byte)));
        let request = message("x").signed(Request::post("https://a.example"), &[secret(1), secret(2)]).expect("signed");
        let signatures = request.header_value("webhook-signature").expect("a header");
        assert_eq!(signatures.split(' ').filter(|one| one.starts_with("v1,")).count(), 2, "{signatures}");
        assert!(message("x").signed(Request::post("https://a.example"), &["whsec_%".to_owned().into()]).is_err());
    }

    fn base64_of(byte: u8) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode([byte; 32])
    }
}
