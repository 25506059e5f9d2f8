//! Grants with an account each, put into the store without a browser: for tests and figures that need thousands.

use pilotlight::domain::id::{AccountId, GrantId, UserId, WorkspaceId};
use pilotlight::domain::plan::Plan;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::Sandbox;
use pilotlight::server::platform::Tokens;
use pilotlight::server::service::tokens;
use pilotlight::server::state::AppState;
use pilotlight::server::store::Tx;
use pilotlight::server::store::accounts::{self, Described};
use pilotlight::server::store::grants::{self, Key};
use pilotlight::server::store::people::{self, UserRow, Workspace};
use secrecy::SecretString;

/// Who owns the crowd.
pub struct Owner {
    pub workspace: WorkspaceId,
    pub user: UserId,
}

/// One consent and the destination that was chosen, made by the stand-in platforms.
pub struct Seed {
    pub platform: Platform,
    /// Empty where a platform has only one server.
    pub host: String,
    pub identity: String,
    /// The account's id on the platform.
    pub destination: String,
    pub destination_token: Option<SecretString>,
    pub tokens: Tokens,
    /// Unix milliseconds.
    pub issued_at: i64,
    pub due_at: i64,
}

impl Seed {
    /// What a person's consent at the sandbox's present time gives.
    pub fn mint(twin: &Sandbox, platform: Platform, person: &str, now: i64) -> Self {
        let minted = twin.mint(platform.key(), person, None).expect("the sandbox knows everybody");
        // Bluesky has no permissions; none told is not the same as none given.
        let scopes = Some(minted.scopes).filter(|scopes| !scopes.is_empty());
        Self {
            platform,
            host: minted.host,
            identity: minted.identity_id,
            destination: minted.destination.id,
            destination_token: minted.destination.token.map(Into::into),
            tokens: Tokens {
                access: minted.access.into(),
                refresh: minted.refresh.map(Into::into),
                access_ends_at: minted.access_ends_at,
                refresh_ends_at: None,
                scopes,
                binding: None,
            },
            issued_at: now,
            due_at: now,
        }
    }
}

/// A workspace with nobody but its owner.
pub async fn owner(state: &AppState) -> Owner {
    let now = state.clock.now();
    let user = UserRow {
        id: state.random.uuid(now),
        email: "crowd@agency.example".into(),
        name: "Crowd".into(),
        password_hash: "none".into(),
    };
    let workspace =
        Workspace { id: WorkspaceId::new(state.random.uuid(now)), name: "Crowd".into(), plan: Plan::Enterprise };
    let id = UserId::new(user.id.clone());
    let mut tx = state.db.begin().await.expect("a transaction");
    assert!(people::insert_user(&mut tx, &user, now).await.expect("a user"));
    people::insert_workspace(&mut tx, &workspace, now).await.expect("a workspace");
    people::insert_membership(&mut tx, &workspace.id, &id, Role::Owner, now).await.expect("a membership");
    tx.commit().await.expect("a commit");
    Owner { workspace: workspace.id, user: id }
}

/// Puts one consent with its account into the store.
pub async fn plant(tx: &mut Tx, state: &AppState, owner: &Owner, seed: &Seed) -> (GrantId, AccountId) {
    let fresh = GrantId::new(state.random.uuid(seed.issued_at));
    let key =
        Key { workspace: &owner.workspace, platform: seed.platform, host: &seed.host, identity_id: &seed.identity };
    let (id, new) = grants::find_or_create(tx, key, &fresh, &owner.user, seed.issued_at).await.expect("a grant");
    assert!(new, "{} is there already", seed.identity);
    let row = tokens::seal(&state.vault, &id, &owner.workspace, &seed.tokens, seed.issued_at).expect("sealed tokens");
    grants::consented(tx, &id, &seed.identity, &row, None, &owner.user, seed.due_at).await.expect("a consent");
    grants::set_up_done(tx, &id, seed.due_at).await.expect("a choice");
    let grant = grants::get_in(tx, &id).await.expect("the store answers").expect("the grant");
    let account = AccountId::new(state.random.uuid(seed.issued_at));
    let what =
        Described { external_id: &seed.destination, name: &seed.identity, handle: None, link: None, unusable: None };
    accounts::insert(tx, &account, &grant, &what, &owner.user, seed.issued_at).await.expect("an account");
    let own = tokens::seal_account(&state.vault, &account, &owner.workspace, seed.destination_token.as_ref());
    if let Some(sealed) = own.expect("a sealed token") {
        accounts::set_token(tx, &account, Some(&sealed)).await.expect("a token");
    }
    (id, account)
}
