//! How often somebody may try to sign in.
//!
//! Every try takes a place at once, so that a thousand tries at the same moment do not slip through together; one that
//! turns out right gives its place back. That giving back is why this is not one of the usual limiters.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Tries of one address: 20 at once, then one every ten seconds.
const BY_ADDRESS: Rule = Rule { burst: 20, every_ms: 10_000 };
/// Tries for one e-mail: 10 at once, then one every 30 seconds.
const BY_EMAIL: Rule = Rule { burst: 10, every_ms: 30_000 };
/// Passwords that are hashed at the same time; each takes 19 MiB.
const AT_ONCE: usize = 4;
/// From how many names on the finished ones are cleared away.
const CROWDED: usize = 10_000;

struct Rule {
    burst: i64,
    every_ms: i64,
}

/// The tries of late, by address and by e-mail.
pub struct SignInLimits {
    addresses: Mutex<HashMap<String, i64>>,
    emails: Mutex<HashMap<String, i64>>,
    hashing: Semaphore,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { addresses: Mutex::default(), emails: Mutex::default(), hashing: Semaphore::new(AT_ONCE) }
    }
}

impl SignInLimits {
    /// Takes a place for one try. `now` in Unix milliseconds.
    ///
    /// # Errors
    /// The seconds until the next try is allowed.
    pub fn admit(&self, address: IpAddr, email: &str, now: i64) -> Result<(), u32> {
        let address = network(address);
        BY_ADDRESS.take(&self.addresses, &address, now)?;
        BY_EMAIL.take(&self.emails, email, now).inspect_err(|_| BY_ADDRESS.give_back(&self.addresses, &address))
    }

    /// Gives the place of a try back that was right.
    pub fn forgive(&self, address: IpAddr, email: &str) {
        BY_ADDRESS.give_back(&self.addresses, &network(address));
        BY_EMAIL.give_back(&self.emails, email);
    }

    /// Waits for a place to hash a password; held until it is dropped.
    pub async fn hashing(&self) -> Option<SemaphorePermit<'_>> {
        self.hashing.acquire().await.ok()
    }
}

impl Rule {
    /// The stored instant is when the last of the tries so far would have been due at one every `every_ms`.
    fn take(&self, tries: &Mutex<HashMap<String, i64>>, name: &str, now: i64) -> Result<(), u32> {
        let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() > CROWDED {
            tries.retain(|_, due| *due > now);
        }
        let due = tries.get(name).copied().unwrap_or(now).max(now) + self.every_ms;
        let wait = due - now - self.burst * self.every_ms;
        if wait > 0 {
            return Err(u32::try_from(wait / 1_000 + 1).unwrap_or(u32::MAX));
        }
        tries.insert(name.to_owned(), due);
        Ok(())
    }

    fn give_back(&self, tries: &Mutex<HashMap<String, i64>>, name: &str) {
        if let Some(due) = tries.lock().unwrap_or_else(PoisonError::into_inner).get_mut(name) {
            *due -= self.every_ms;
        }
    }
}

/// Who an address stands for: with IPv6 anybody has a whole /64.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    // SPEC W-1: rule 16
    #[test]
    fn tries_for_one_person_run_out_and_come_back() {
        let limits = SignInLimits::default();
        for _ in 0..10 {
            assert_eq!(limits.admit(HERE, "a@example.org", 0), Ok(()));
        }
        assert_eq!(limits.admit(HERE, "a@example.org", 0), Err(31));
        assert_eq!(limits.admit(HERE, "b@example.org", 0), Ok(()));
        assert_eq!(limits.admit(HERE, "a@example.org", 30_000), Ok(()));
        assert_eq!(limits.admit(HERE, "a@example.org", 30_000), Err(31));
    }

    #[test]
    fn tries_of_one_address_run_out_whoever_they_are_for() {
        let limits = SignInLimits::default();
        for i in 0..20 {
            assert_eq!(limits.admit(HERE, &format!("{i}@example.org"), 0), Ok(()));
        }
        assert!(limits.admit(HERE, "another@example.org", 0).is_err());
        assert_eq!(limits.admit("::1".parse().unwrap(), "another@example.org", 0), Ok(()));
        assert_eq!(network("2001:db8::1".parse().unwrap()), network("2001:db8::ffff:2".parse().unwrap()));
        assert_eq!(network("::ffff:127.0.0.1".parse().unwrap()), network(HERE));
    }

    #[test]
    fn a_right_try_costs_nothing() {
        let limits = SignInLimits::default();
        for _ in 0..100 {
            assert_eq!(limits.admit(HERE, "a@example.org", 0), Ok(()));
            limits.forgive(HERE, "a@example.org");
        }
    }
}
