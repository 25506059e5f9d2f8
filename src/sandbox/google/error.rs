//! How Google says no: one form for its OAuth, another for its APIs.

use serde_json::json;

use super::super::call::Reply;

/// An error of the OAuth endpoints.
pub fn oauth(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}

/// The envelope of the APIs. An empty reason is left out.
pub fn api(status: u16, word: &str, reason: &str, message: &str) -> Reply {
    let mut error = json!({"code": status, "message": message, "status": word});
    if !reason.is_empty() {
        error["errors"] = json!([{"message": message, "domain": "global", "reason": reason}]);
    }
    Reply::json(status, &json!({"error": error}))
}

/// A token that is worth nothing.
pub fn unauthenticated() -> Reply {
    let words = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
                 authentication credential.";
    api(401, "UNAUTHENTICATED", "authError", words)
}

/// A token without the permission.
pub fn insufficient() -> Reply {
    let message = "Request had insufficient authentication scopes.";
    let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com", "metadata": {}}]);
    let errors =
        json!([{"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}]);
    let error =
        json!({"code": 403, "message": message, "status": "PERMISSION_DENIED", "errors": errors, "details": details});
    Reply::json(403, &json!({"error": error}))
}

/// An API that the app's project has not switched on.
pub fn disabled(service: &str) -> Reply {
    let message = format!("{service} has not been used in project 402718836154 before or it is disabled.");
    let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com", "metadata": {"service": service}}]);
    let errors = json!([{"message": message, "domain": "usageLimits", "reason": "accessNotConfigured"}]);
    let error =
        json!({"code": 403, "message": message, "status": "PERMISSION_DENIED", "errors": errors, "details": details});
    Reply::json(403, &json!({"error": error}))
}

/// A project that waits for Google's approval.
pub fn no_quota(service: &str) -> Reply {
    let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com", "metadata": {"service": service, "quota_limit_value": "0"}}]);
    let message = "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'.";
    Reply::json(
        429,
        &json!({"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}}),
    )
}

/// A request that is not in good form.
pub fn invalid(message: &str) -> Reply {
    api(400, "INVALID_ARGUMENT", "badRequest", message)
}
