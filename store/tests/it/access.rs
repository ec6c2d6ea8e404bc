use model::{OrgSlug, Role, Scope, Timestamp};
use store::{NewKey, StoreError};

use crate::support::{NOW, store};

#[tokio::test]
async fn names_are_unique() {
    let test = store().await;
    let taken = test.store.create_org(&OrgSlug::new("acme").unwrap()).await;
    assert!(matches!(taken, Err(StoreError::AlreadyExists { what: "organization", .. })));
    test.store.create_account("Ann@Example.com", "hash").await.unwrap();
    let taken = test.store.create_account("ann@example.com", "hash").await;
    assert!(matches!(taken, Err(StoreError::AlreadyExists { what: "account", .. })));
    assert!(test.store.account_by_email(" ANN@example.com").await.unwrap().is_some());
}

#[tokio::test]
async fn members_have_one_role_each() {
    let test = store().await;
    let org = test.org.org().clone();
    let ann = test.store.create_account("ann@example.com", "hash").await.unwrap();
    assert!(test.store.memberships(ann.id).await.unwrap().is_empty());
    test.store.set_member(org.id, ann.id, Role::Viewer).await.unwrap();
    test.store.set_member(org.id, ann.id, Role::Admin).await.unwrap();
    assert_eq!(test.store.memberships(ann.id).await.unwrap(), [(org.clone(), Role::Admin)]);
    let members = test.store.members(org.id).await.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!((members[0].email.as_str(), members[0].role), ("ann@example.com", Role::Admin));
}

#[tokio::test]
async fn sessions_end_by_time_and_by_sign_out() {
    let test = store().await;
    let ann = test.store.create_account("ann@example.com", "hash").await.unwrap();
    // In 2100: the table's TTL goes by the real clock, whatever `NOW` says.
    let later = Timestamp(4_102_444_800_000_000);
    test.store.create_session([1; 32], ann.id, later).await.unwrap();
    assert_eq!(test.store.session_account([1; 32], NOW).await.unwrap(), Some(ann));
    assert_eq!(test.store.session_account([1; 32], later).await.unwrap(), None);
    assert_eq!(test.store.session_account([2; 32], NOW).await.unwrap(), None);
    test.store.delete_session([1; 32]).await.unwrap();
    assert_eq!(test.store.session_account([1; 32], NOW).await.unwrap(), None);
}

#[tokio::test]
async fn keys_are_found_by_hash_until_revoked() {
    let test = store().await;
    let org = test.org.org().clone();
    let new = NewKey {
        org: org.id,
        name: "ci".to_owned(),
        hash: [7; 32],
        prefix: "rk_abc".to_owned(),
        scopes: vec![Scope::Ingest, Scope::Read],
    };
    let id = test.store.create_key(new).await.unwrap();
    let key = test.store.key_by_hash([7; 32]).await.unwrap().unwrap();
    assert_eq!((key.id, key.org, key.scopes), (id, org.clone(), vec![Scope::Ingest, Scope::Read]));
    assert_eq!(test.store.keys(org.id).await.unwrap().len(), 1);
    test.store.revoke_key(org.id, id).await.unwrap();
    assert_eq!(test.store.key_by_hash([7; 32]).await.unwrap(), None);
    assert!(test.store.keys(org.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn migrations_are_applied_once_and_checked() {
    let test = store().await;
    assert!(test.store.is_migrated().await.unwrap());
    assert!(test.store.migrate().await.unwrap().applied.is_empty());
}
