//! Faults on purpose: a vendor that is down, slow, or talks nonsense.

use serde::{Deserialize, Serialize};

use super::vendor::{Place, place};

/// A fault, from when it is ordered until it has happened often enough or is cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A vendor (`x`) or a host (`api.x.com`). A vendor's pictures are served by others and stay.
    pub on: String,
    /// Only requests whose path begins so: `/2/oauth2/token`.
    #[serde(default)]
    pub path: Option<String>,
    pub kind: FaultKind,
    /// How many requests it hits; `None`: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// This status, with a body that means nothing.
    Status(u16),
    /// 200 with a web page, as proxies give.
    Html,
    /// 200 without a body.
    Empty,
    /// 200 with this many bytes, sent bit by bit.
    Huge(u64),
    /// Never an answer; the request has no effect.
    Hang,
    /// The right answer, this many milliseconds late. The request has its effect before.
    Delay(u64),
    /// 200 with JSON of another meaning.
    WrongJson,
    /// The connection ends without an answer; the request has no effect.
    DropConnection,
    /// The connection ends without an answer, but the request had its effect.
    LoseAnswer,
}

impl Fault {
    /// A fault of a whole vendor or host.
    pub fn on(place: &str, kind: FaultKind, times: Option<u32>) -> Self {
        Self { on: place.into(), path: None, kind, times }
    }

    /// The same, for paths that begin so only.
    pub fn at(self, path: &str) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    fn hits(&self, host: &str, path: &str) -> bool {
        let vendor = match place(host, path) {
            Place::Vendor(vendor) => vendor.key(),
            Place::Pictures => "",
        };
        (self.on == vendor || self.on.eq_ignore_ascii_case(host))
            && self.path.as_ref().is_none_or(|start| path.starts_with(start))
    }
}

/// The fault that hits a request, if any; it is counted.
pub fn take(faults: &mut Vec<Fault>, host: &str, path: &str) -> Option<FaultKind> {
    let index = faults.iter().position(|fault| fault.times != Some(0) && fault.hits(host, path))?;
    let kind = faults[index].kind.clone();
    if let Some(left) = &mut faults[index].times {
        *left -= 1;
        if *left == 0 {
            faults.remove(index);
        }
    }
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_its_place_as_often_as_it_was_told() {
        let mut faults = vec![
            Fault::on("x", FaultKind::Html, Some(2)).at("/2/oauth2"),
            Fault::on("files.a.example", FaultKind::Empty, None),
        ];
        assert_eq!(take(&mut faults, "api.x.com", "/2/users/me"), None);
        assert_eq!(take(&mut faults, "api.x.com", "/2/oauth2/token"), Some(FaultKind::Html));
        assert_eq!(take(&mut faults, "graph.facebook.com", "/2/oauth2/token"), None);
        assert_eq!(take(&mut faults, "api.x.com", "/2/oauth2/revoke"), Some(FaultKind::Html));
        assert_eq!(take(&mut faults, "api.x.com", "/2/oauth2/token"), None);
        assert_eq!(take(&mut faults, "files.a.example", "/1.png"), Some(FaultKind::Empty));
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn a_vendors_fault_leaves_its_pictures_alone() {
        let mut faults = vec![Fault::on("facebook", FaultKind::Html, None)];
        assert_eq!(take(&mut faults, "scontent.fbcdn.example", "/1.png"), None);
        assert_eq!(take(&mut faults, "www.facebook.com", "/v25.0/dialog/oauth"), Some(FaultKind::Html));
    }
}
