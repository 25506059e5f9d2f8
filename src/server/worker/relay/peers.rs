//! The other instances. One that falls silent without a goodbye may have committed what it never told.

use std::collections::HashMap;

/// So many pulses in a row without a word, and an instance counts as dead.
const SILENT: u32 = 3;

/// For each instance that was heard: the pulses since.
#[derive(Default)]
pub struct Peers(HashMap<String, u32>);

impl Peers {
    /// It said something. A message that could not be read names nobody.
    pub fn heard(&mut self, instance: String) {
        if !instance.is_empty() {
            self.0.insert(instance, 0);
        }
    }

    /// It stopped in good order.
    pub fn gone(&mut self, instance: &str) {
        self.0.remove(instance);
    }

    /// A pulse has passed. Tells whether somebody fell silent with it; each is reported once.
    pub fn pulse(&mut self) -> bool {
        let before = self.0.len();
        self.0.retain(|_, silent| {
            *silent += 1;
            *silent <= SILENT
        });
        self.0.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulses(peers: &mut Peers, count: u32) -> u32 {
        (0..count).map(|_| u32::from(peers.pulse())).sum()
    }

    #[test]
    fn who_falls_silent_is_reported_once() {
        let mut peers = Peers::default();
        peers.heard("one".into());
        peers.heard("two".into());
        assert_eq!(pulses(&mut peers, SILENT), 0);
        peers.heard("two".into());
        assert_eq!(pulses(&mut peers, 1), 1);
        assert_eq!(pulses(&mut peers, SILENT - 1), 0);
        assert_eq!(pulses(&mut peers, 10), 1);
    }

    #[test]
    fn who_says_goodbye_is_not_missed() {
        let mut peers = Peers::default();
        peers.heard("one".into());
        peers.heard(String::new());
        peers.gone("one");
        assert_eq!(pulses(&mut peers, 10), 0);
    }
}
