//! Faults on purpose: a vendor that is down, slow, or talks nonsense.

use serde::{Deserialize, Serialize};

use super::reshape::Reshape;
use super::tokens::Dice;
use super::vendor::{Place, place};

/// A fault, from when it is ordered until it has happened often enough or is cleared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// Which part of these requests it hits, from 0 to 1, as the dice fall; `None`: all of them.
    #[serde(default)]
    pub share: Option<f64>,
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
    /// The request waits for this many milliseconds before it has its effect. It has it also if the client goes away
    /// meanwhile: what a vendor has received is not taken back by hanging up.
    Late(u64),
    /// The vendor's own words for too many requests, with the wait in seconds as it tells it, or without.
    RateLimited { seconds: Option<u32> },
    /// The vendor's own words for an app with wrong credentials; no fault where the vendor does not look at them.
    AppRefused,
    /// 200 with JSON of another meaning.
    WrongJson,
    /// The right answer in another shape. The request has its effect.
    Reshaped(Reshape),
    /// The connection ends without an answer; the request has no effect.
    DropConnection,
    /// The connection ends without an answer, but the request had its effect.
    LoseAnswer,
}

impl Fault {
    /// A fault of a whole vendor or host.
    pub fn on(place: &str, kind: FaultKind, times: Option<u32>) -> Self {
        Self { on: place.into(), path: None, kind, times, share: None }
    }

    /// The same, for paths that begin so only.
    pub fn at(self, path: &str) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// The same, for a part of the requests only: from 0 to 1.
    pub fn for_share(self, share: f64) -> Self {
        Self { share: Some(share), ..self }
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

/// The faults that were ordered, and the dice of those that hit now and then.
pub struct Faults {
    pub ordered: Vec<Fault>,
    pub dice: Dice,
}

impl Faults {
    /// The fault that hits a request, if any; it is counted.
    pub fn take(&mut self, host: &str, path: &str) -> Option<FaultKind> {
        let dice = &mut self.dice;
        take(&mut self.ordered, || dice.chance(), host, path)
    }
}

fn take(faults: &mut Vec<Fault>, mut roll: impl FnMut() -> f64, host: &str, path: &str) -> Option<FaultKind> {
    let mut strikes = |fault: &Fault| fault.share.is_none_or(|share| roll() < share);
    let index = faults.iter().position(|fault| fault.times != Some(0) && fault.hits(host, path) && strikes(fault))?;
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
        assert_eq!(take(&mut faults, || 0.5, "api.x.com", "/2/users/me"), None);
        assert_eq!(take(&mut faults, || 0.5, "api.x.com", "/2/oauth2/token"), Some(FaultKind::Html));
        assert_eq!(take(&mut faults, || 0.5, "graph.facebook.com", "/2/oauth2/token"), None);
        assert_eq!(take(&mut faults, || 0.5, "api.x.com", "/2/oauth2/revoke"), Some(FaultKind::Html));
        assert_eq!(take(&mut faults, || 0.5, "api.x.com", "/2/oauth2/token"), None);
        assert_eq!(take(&mut faults, || 0.5, "files.a.example", "/1.png"), Some(FaultKind::Empty));
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn a_fault_for_a_share_leaves_the_others_alone() {
        let half = || Fault::on("x", FaultKind::Html, Some(9)).for_share(0.5);
        let mut faults = vec![half(), Fault::on("x", FaultKind::Empty, None)];
        assert_eq!(take(&mut faults, || 0.49, "api.x.com", "/2"), Some(FaultKind::Html));
        assert_eq!(take(&mut faults, || 0.5, "api.x.com", "/2"), Some(FaultKind::Empty));
        assert_eq!(faults[0].times, Some(8), "only hits are counted");
        let mut some = Faults { ordered: vec![Fault { times: None, ..half() }], dice: Dice::new(3, 0) };
        let hits = (0..1_000).filter(|_| some.take("api.x.com", "/2").is_some()).count();
        assert!((400..600).contains(&hits), "{hits}");
    }

    #[test]
    fn a_vendors_fault_leaves_its_pictures_alone() {
        let mut faults = vec![Fault::on("facebook", FaultKind::Html, None)];
        assert_eq!(take(&mut faults, || 0.5, "scontent.fbcdn.example", "/1.png"), None);
        assert_eq!(take(&mut faults, || 0.5, "www.facebook.com", "/v25.0/dialog/oauth"), Some(FaultKind::Html));
    }
}
