//! How a mail looks: one pair of templates, text and HTML, filled by whoever knows what is to be said.

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

/// What a mail says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    pub heading: String,
    pub intro: Option<String>,
    pub accounts: Vec<AccountWords>,
    /// That there are more accounts than the mail names.
    pub more: Option<String>,
    pub steps: Vec<String>,
    pub button: Option<Button>,
    /// Why this person gets it.
    pub why: String,
    /// Address of the page on which they choose.
    pub settings: Option<String>,
    /// Address that ends this kind of mail.
    pub unsubscribe: Option<String>,
}

/// What a mail says of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountWords {
    pub name: String,
    pub noun: String,
    pub lines: Vec<String>,
    pub link: String,
    /// A colour as CSS writes it.
    pub tint: &'static str,
}

/// The one thing to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    pub label: String,
    pub link: String,
}

/// A template that can't be filled.
#[derive(Debug, thiserror::Error)]
#[error("a mail can't be written: {0}")]
pub struct TemplateError(#[from] minijinja::Error);

/// Text and HTML.
///
/// # Errors
/// When a template is broken.
pub fn write(words: &Words) -> Result<(String, String), TemplateError> {
    let mut engine = Environment::new();
    // What is called .html is escaped.
    engine.add_template("alert.html", include_str!("templates/alert.html"))?;
    engine.add_template("alert.txt", include_str!("templates/alert.txt"))?;
    let fill = |name: &str| engine.get_template(name)?.render(Serde(words));
    Ok((fill("alert.txt")?, fill("alert.html")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC A-3: what people call their accounts is text, in both forms
    #[test]
    fn names_are_escaped_where_they_must_be() {
        let account = AccountWords {
            name: "<b>Tom & \"Jerry\"</b>".into(),
            noun: "Facebook page".into(),
            lines: vec!["Expired.".into()],
            link: "https://pilot.example/connections?account=1&x=2".into(),
            tint: "#b45309",
        };
        let words =
            Words { heading: "Tom & co".into(), accounts: vec![account], why: "why".into(), ..Words::default() };
        let (text, html) = write(&words).expect("both");
        assert!(text.contains("* <b>Tom & \"Jerry\"</b> (Facebook page)\n  Expired.\n  https://"), "{text}");
        assert!(html.contains("&lt;b&gt;Tom &amp; &quot;Jerry&quot;&lt;") && !html.contains("<b>Tom"), "{html}");
    }
}
