//! Hashing passwords: Argon2id with 19 MiB, two passes, one lane.

use std::sync::OnceLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use crate::server::service::ServiceError;
use crate::server::state::AppState;

/// The fewest characters of a password.
const LEAST: usize = 12;
/// The most bytes: beyond it somebody wants to keep us busy.
const MOST: usize = 1_000;

/// Compared with when nobody has the e-mail, so that the answer takes as long.
static NOBODY: OnceLock<String> = OnceLock::new();

/// Whether a new password is too easy to guess, given what an attacker knows anyway.
pub fn is_weak(password: &SecretString, email: &str, name: &str) -> bool {
    let text = password.expose_secret();
    let lower = text.to_lowercase();
    let mut characters: Vec<char> = lower.chars().collect();
    let length = characters.len();
    characters.sort_unstable();
    characters.dedup();
    let local = email.split('@').next().unwrap_or(email);
    length < LEAST || text.len() > MOST || characters.len() < 4 || [email, local, name].contains(&lower.as_str())
}

/// The text to store for a password.
///
/// # Errors
/// Only when the process is at its end.
pub async fn hash(state: &AppState, password: SecretString) -> Result<String, ServiceError> {
    let salt = salt(state)?;
    let _place = state.limits.hashing().await;
    run(move || hash_now(&password, &salt)).await?
}

/// Whether `password` is the one that `stored` was made of. `None` takes as long and is never right.
///
/// # Errors
/// When the stored text is none of ours.
pub async fn verify(state: &AppState, password: SecretString, stored: Option<String>) -> Result<bool, ServiceError> {
    if password.expose_secret().len() > MOST {
        return Ok(false);
    }
    let salt = salt(state)?;
    let _place = state.limits.hashing().await;
    run(move || {
        let known = stored.is_some();
        let text = match &stored {
            Some(stored) => stored,
            None => nobody(&salt)?,
        };
        let parsed = PasswordHash::new(text).map_err(|_| broken("a stored password hash can't be read"))?;
        let right = argon2()?.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
        Ok(right && known)
    })
    .await?
}

fn nobody(salt: &SaltString) -> Result<&'static String, ServiceError> {
    if let Some(text) = NOBODY.get() {
        return Ok(text);
    }
    let made = hash_now(&SecretString::from("nobody has this password"), salt)?;
    Ok(NOBODY.get_or_init(|| made))
}

fn hash_now(password: &SecretString, salt: &SaltString) -> Result<String, ServiceError> {
    let hash = argon2()?.hash_password(password.expose_secret().as_bytes(), salt);
    Ok(hash.map_err(|_| broken("a password could not be hashed"))?.to_string())
}

fn argon2() -> Result<Argon2<'static>, ServiceError> {
    let params = Params::new(19 * 1_024, 2, 1, None).map_err(|_| broken("Argon2 refused its parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn salt(state: &AppState) -> Result<SaltString, ServiceError> {
    SaltString::encode_b64(&state.random.bytes::<16>()).map_err(|_| broken("a salt could not be made"))
}

/// Off the threads that serve requests.
async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| broken("a password could not be hashed"))
}

fn broken(what: &str) -> ServiceError {
    ServiceError::Broken(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC W-1
    #[test]
    fn what_everybody_would_guess_is_weak() {
        let weak = |text: &str| is_weak(&SecretString::from(text), "ann.onymous@example.org", "ann onymous the first");
        assert!(weak("short"));
        assert!(weak("elevenchars"));
        assert!(weak("aaaaaaaaaaaaaaa"));
        assert!(weak("ababababababab"));
        assert!(weak("Ann.Onymous@example.org"));
        assert!(weak("Ann Onymous The First"));
        assert!(weak(&"long".repeat(300)));
        assert!(!weak("pilotlight-demo"));
        assert!(!weak("blue harbour bakery"));
    }
}
