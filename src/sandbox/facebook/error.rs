//! The Graph API's errors.

use axum::http::Method;
use serde_json::{Value, json};

use super::super::call::Reply;
use super::super::state::{Dead, End, Standing, World};

/// One error.
#[derive(Clone, Debug)]
pub struct GraphError {
    status: u16,
    kind: &'static str,
    pub code: i64,
    pub subcode: Option<i64>,
    pub message: String,
    unexpected: bool,
    grant: Option<String>,
}

impl GraphError {
    fn new(status: u16, code: i64, subcode: Option<i64>, message: impl Into<String>) -> Self {
        Self { status, kind: "OAuthException", code, subcode, message: message.into(), unexpected: false, grant: None }
    }

    /// A request that is wrong in itself.
    pub fn request(code: i64, message: impl Into<String>) -> Self {
        Self::new(400, code, None, message)
    }

    pub fn with_subcode(self, subcode: i64) -> Self {
        Self { subcode: Some(subcode), ..self }
    }

    /// Facebook's words for "you may not".
    pub fn permission(code: i64, message: impl Into<String>) -> Self {
        Self::new(403, code, None, message)
    }

    pub fn parameter(name: &str) -> Self {
        Self::new(400, 100, None, format!("(#100) Invalid parameter: {name}"))
    }

    pub fn field(name: &str, node: &str) -> Self {
        Self::new(400, 100, None, format!("(#100) Tried accessing nonexisting field ({name}) on node type ({node})"))
    }

    /// An object that this token does not see, if it exists at all.
    pub fn object(id: &str) -> Self {
        let words = format!(
            "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support \
             this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"
        );
        Self { kind: "GraphMethodException", ..Self::new(400, 100, Some(33), words) }
    }

    pub fn unsupported(method: &Method) -> Self {
        let method = method.as_str().to_ascii_lowercase();
        Self { kind: "GraphMethodException", ..Self::new(400, 100, None, format!("Unsupported {method} request.")) }
    }

    pub fn unknown_path(path: &str) -> Self {
        let words = format!("Unknown path components: /{}", path.trim_start_matches('/'));
        Self { unexpected: true, ..Self::new(404, 2500, None, words) }
    }

    pub fn no_token() -> Self {
        Self::request(2500, "An active access token must be used to query information about the current user.")
    }

    pub fn malformed_token() -> Self {
        Self::request(190, "Invalid OAuth access token - Cannot parse access token")
    }

    pub fn dead(dead: Dead, ended_words: &str) -> Self {
        match dead {
            Dead::Unknown => Self::malformed_token(),
            Dead::Ended(End::Expired) => Self::token(463, format!("Session has expired{ended_words}")),
            Dead::Ended(End::PasswordChanged) => Self::token(
                460,
                "The session has been invalidated because the user changed their password or Facebook has changed the session for security \
                 reasons.",
            ),
            Dead::Ended(End::Revoked | End::GivenBack | End::Replaced) => {
                Self::token(458, "The user has not authorized application.")
            }
        }
    }

    pub fn standing(standing: Standing) -> Self {
        match standing {
            Standing::Suspended => Self::token(459, "The user is in a blocking, logged-in checkpoint."),
            Standing::Deactivated => {
                Self::token(464, "The session is invalid because the user is not a confirmed user.")
            }
        }
    }

    pub fn no_role() -> Self {
        Self::token(
            492,
            "The user associated with the page access token does not have an appropriate role on the Page.",
        )
    }

    fn token(subcode: i64, why: impl Into<String>) -> Self {
        Self::new(400, 190, Some(subcode), format!("Error validating access token: {}", why.into()))
    }

    pub fn of(self, grant: impl Into<String>) -> Self {
        Self { grant: Some(grant.into()), ..self }
    }

    /// As `debug_token` writes it into its report.
    pub fn inner(&self) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some(subcode) = self.subcode {
            error["subcode"] = subcode.into();
        }
        error
    }

    pub fn reply(self, world: &mut World) -> Reply {
        let mut error = json!({"message": self.message, "type": self.kind, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        error["fbtrace_id"] = world.dice.fbtrace().into();
        let mut reply = Reply::json(self.status, &json!({"error": error}));
        if self.code == 190 {
            reply = reply.header("www-authenticate", "OAuth \"Facebook Platform\" \"invalid_token\"");
        }
        reply.unexpected = self.unexpected;
        reply.grant = self.grant;
        reply
    }
}
