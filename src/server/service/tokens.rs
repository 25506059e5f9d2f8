//! Between sealed rows and tokens in memory.

use secrecy::{ExposeSecret, SecretString};

use super::ServiceError;
use crate::domain::id::{AccountId, GrantId, WorkspaceId};
use crate::server::platform::{Destination, Tokens};
use crate::server::store::accounts::Account;
use crate::server::store::grants::{Grant, SealedTokens, TokenRow};
use crate::server::vault::{Place, Vault, VaultError};

fn grant_place<'a>(column: &'static str, grant: &'a GrantId, workspace: &'a WorkspaceId) -> Place<'a> {
    Place { table: "grants", column, row: grant.as_str(), workspace: workspace.as_str() }
}

fn account_place<'a>(account: &'a AccountId, workspace: &'a WorkspaceId) -> Place<'a> {
    Place { table: "accounts", column: "token", row: account.as_str(), workspace: workspace.as_str() }
}

/// Seals a pair for its grant's row. An empty value counts as none, so that it never takes the place of a stored one.
pub fn seal(
    vault: &Vault,
    grant: &GrantId,
    workspace: &WorkspaceId,
    tokens: &Tokens,
    issued_at: i64,
) -> Result<TokenRow, VaultError> {
    let seal = |column, secret: &SecretString| -> Result<Option<Vec<u8>>, VaultError> {
        if secret.expose_secret().is_empty() {
            return Ok(None);
        }
        vault.seal(grant_place(column, grant, workspace), secret).map(Some)
    };
    Ok(TokenRow {
        sealed: SealedTokens {
            access: seal("access_token", &tokens.access)?,
            refresh: tokens.refresh.as_ref().map_or(Ok(None), |refresh| seal("refresh_token", refresh))?,
            binding: tokens.binding.as_ref().map_or(Ok(None), |binding| seal("binding", binding))?,
        },
        issued_at,
        access_ends_at: tokens.access_ends_at,
        refresh_ends_at: tokens.refresh_ends_at,
        scopes: tokens.scopes.clone(),
    })
}

/// Opens the pair of a grant. `None` if it has no access token (it was given up).
pub fn open(vault: &Vault, grant: &Grant) -> Result<Option<Tokens>, VaultError> {
    let Some(access) = &grant.sealed.access else { return Ok(None) };
    let access = vault.open(grant_place("access_token", &grant.id, &grant.workspace), access)?;
    let open = |column, sealed: &Option<Vec<u8>>| {
        sealed.as_ref().map(|sealed| vault.open(grant_place(column, &grant.id, &grant.workspace), sealed)).transpose()
    };
    Ok(Some(Tokens {
        access,
        refresh: open("refresh_token", &grant.sealed.refresh)?,
        access_ends_at: grant.access_ends_at,
        refresh_ends_at: grant.refresh_ends_at,
        scopes: grant.scopes.clone(),
        binding: open("binding", &grant.sealed.binding)?,
    }))
}

/// Seals the list of destinations (with their own tokens) that a consent offers.
pub fn seal_offer(
    vault: &Vault,
    grant: &GrantId,
    workspace: &WorkspaceId,
    offer: &[Destination],
) -> Result<Vec<u8>, ServiceError> {
    let json =
        zeroize::Zeroizing::new(serde_json::to_vec(offer).map_err(|error| ServiceError::Broken(error.to_string()))?);
    Ok(vault.seal_bytes(grant_place("offered", grant, workspace), &json)?)
}

/// Opens the list of destinations of a consent; empty if there is none.
pub fn open_offer(vault: &Vault, grant: &Grant) -> Result<Vec<Destination>, ServiceError> {
    let Some(sealed) = &grant.offered else { return Ok(Vec::new()) };
    let json = vault.open(grant_place("offered", &grant.id, &grant.workspace), sealed)?;
    serde_json::from_str(json.expose_secret())
        .map_err(|error| ServiceError::Broken(format!("offer of grant {}: {error}", grant.id)))
}

/// Seals a destination's own token for its account's row.
pub fn seal_account(
    vault: &Vault,
    account: &AccountId,
    workspace: &WorkspaceId,
    token: Option<&SecretString>,
) -> Result<Option<Vec<u8>>, VaultError> {
    token.map(|token| vault.seal(account_place(account, workspace), token)).transpose()
}

/// Opens an account's own token, if it has one.
pub fn open_account(vault: &Vault, account: &Account) -> Result<Option<SecretString>, VaultError> {
    account.token.as_ref().map(|sealed| vault.open(account_place(&account.id, &account.workspace), sealed)).transpose()
}
