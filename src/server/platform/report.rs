//! What a platform reports about a token, for a person who looks for the cause of a trouble.

use serde_json::Value;

use super::read::{list, moment, number, text, texts};

/// A token as its platform describes it; never the token itself. What was not told is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenReport {
    /// In the platform's own word.
    pub kind: Option<String>,
    /// The name of our app.
    pub app: Option<String>,
    /// Unix milliseconds, as the ones below.
    pub issued_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub never_ends: bool,
    pub data_access_ends_at: Option<i64>,
    /// Scopes that were given for some things only, and for which.
    pub targets: Vec<(String, Vec<String>)>,
}

/// The `data` of Meta's `debug_token`.
pub fn read(data: &Value) -> TokenReport {
    TokenReport {
        kind: text(data, "/type"),
        app: text(data, "/application"),
        issued_at: moment(data, "/issued_at"),
        ends_at: moment(data, "/expires_at"),
        never_ends: number(data, "/expires_at") == Some(0),
        data_access_ends_at: moment(data, "/data_access_expires_at"),
        targets: targets(data),
    }
}

/// Scopes with a list of targets.
pub fn targets(data: &Value) -> Vec<(String, Vec<String>)> {
    let scopes = list(data, "/granular_scopes").iter();
    scopes.filter_map(|one| Some((text(one, "/scope")?, texts(one, "/target_ids")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // SPEC D-4; platforms.md 1
    #[test]
    fn what_meta_reports_is_read_and_nothing_is_made_up() {
        let report = read(&json!({
            "type": "PAGE", "application": "Pilotlight", "issued_at": 5, "expires_at": 0, "data_access_expires_at": 9,
            "granular_scopes": [{"scope": "pages_show_list", "target_ids": ["7"]}, {"scope": "business_management"}],
        }));
        let targets = vec![("pages_show_list".to_owned(), vec!["7".to_owned()])];
        assert_eq!((report.kind.as_deref(), report.app.as_deref()), (Some("PAGE"), Some("Pilotlight")));
        assert_eq!((report.issued_at, report.ends_at, report.never_ends), (Some(5_000), None, true));
        assert_eq!((report.data_access_ends_at, report.targets), (Some(9_000), targets));
        let bare = read(&json!({"is_valid": true}));
        assert_eq!((bare.kind, bare.issued_at, bare.ends_at, bare.never_ends), (None, None, None, false));
        assert!(bare.targets.is_empty());
    }
}
