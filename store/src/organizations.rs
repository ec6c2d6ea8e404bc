//! Organizations and who belongs to them.

use clickhouse::Row;
use model::{OrgSlug, Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::{now, random_id};
use crate::{AccountId, Store, StoreError};

/// An organization's key in every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrgId(pub u64);

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Org {
    /// Its key.
    pub id: OrgId,
    /// Its name in URLs.
    pub slug: OrgSlug,
    /// Its name for people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A person's place in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person's account.
    pub account: AccountId,
    /// The person's address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

#[derive(Row, Serialize, Deserialize)]
struct OrgRow {
    id: u64,
    slug: String,
    name: String,
    created_at: i64,
}

#[derive(Row, Serialize, Deserialize)]
struct MemberRow {
    org: u64,
    account: u64,
    role: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(Row, Deserialize)]
struct MembershipRow {
    id: u64,
    slug: String,
    name: String,
    created_at: i64,
    role: String,
}

#[derive(Row, Deserialize)]
struct MemberListRow {
    account: u64,
    email: String,
    role: String,
    created_at: i64,
}

impl TryFrom<OrgRow> for Org {
    type Error = StoreError;

    fn try_from(row: OrgRow) -> Result<Self, StoreError> {
        let slug = OrgSlug::of_existing(&row.slug)
            .map_err(|error| StoreError::Corrupt(format!("organization {:?} {error}", row.slug)))?;
        Ok(Self { id: OrgId(row.id), slug, name: row.name, created_at: Timestamp(row.created_at) })
    }
}

impl Store {
    /// Makes an organization.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the name is taken.
    pub async fn create_org(&self, slug: &OrgSlug) -> Result<Org, StoreError> {
        let _one_at_a_time = self.registry.control.lock().await;
        if self.org_by_slug(slug).await?.is_some() {
            return Err(StoreError::AlreadyExists { what: "organization", name: slug.to_string() });
        }
        let row = OrgRow {
            id: random_id(),
            slug: slug.to_string(),
            name: slug.to_string(),
            created_at: now().0,
        };
        let mut insert = self.client.insert::<OrgRow>("organizations").await?;
        insert.write(&row).await?;
        insert.end().await?;
        row.try_into()
    }

    /// Looks an organization up by its name in URLs.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn org_by_slug(&self, slug: &OrgSlug) -> Result<Option<Org>, StoreError> {
        self.client
            .query(
                "SELECT id, slug, name, created_at FROM organizations FINAL
                 WHERE slug = {slug:String} LIMIT 1",
            )
            .param("slug", slug.as_str())
            .fetch_optional::<OrgRow>()
            .await?
            .map(Org::try_from)
            .transpose()
    }

    /// Looks an organization up by its number, which tokens carry.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn org_by_id(&self, id: OrgId) -> Result<Option<Org>, StoreError> {
        self.client
            .query(
                "SELECT id, slug, name, created_at FROM organizations FINAL
                 WHERE id = {id:UInt64} LIMIT 1",
            )
            .param("id", id.0)
            .fetch_optional::<OrgRow>()
            .await?
            .map(Org::try_from)
            .transpose()
    }

    /// Every organization, oldest first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn orgs(&self) -> Result<Vec<Org>, StoreError> {
        self.client
            .query(
                "SELECT id, slug, name, created_at FROM organizations FINAL
                 ORDER BY created_at LIMIT 10000",
            )
            .fetch_all::<OrgRow>()
            .await?
            .into_iter()
            .map(Org::try_from)
            .collect()
    }

    /// Makes an account a member, or changes its role.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn set_member(
        &self,
        org: OrgId,
        account: AccountId,
        role: Role,
    ) -> Result<(), StoreError> {
        let at = now().0;
        let mut insert = self.client.insert::<MemberRow>("members").await?;
        insert
            .write(&MemberRow {
                org: org.0,
                account: account.0,
                role: role.to_string(),
                created_at: at,
                updated_at: at,
            })
            .await?;
        insert.end().await?;
        Ok(())
    }

    /// The organizations of an account with its roles, oldest first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn memberships(&self, account: AccountId) -> Result<Vec<(Org, Role)>, StoreError> {
        let rows = self
            .client
            .query(
                "SELECT o.id AS id, o.slug AS slug, o.name AS name, o.created_at AS created_at,
                        m.role AS role
                 FROM (SELECT org, role FROM members FINAL WHERE account = {account:UInt64}) AS m
                 INNER JOIN (SELECT * FROM organizations FINAL) AS o ON o.id = m.org
                 ORDER BY created_at LIMIT 1000",
            )
            .param("account", account.0)
            .fetch_all::<MembershipRow>()
            .await?;
        rows.into_iter()
            .filter(|row| !row.role.is_empty())
            .map(|row| {
                let role = parse_role(&row.role)?;
                let org = OrgRow {
                    id: row.id,
                    slug: row.slug,
                    name: row.name,
                    created_at: row.created_at,
                };
                Ok((org.try_into()?, role))
            })
            .collect()
    }

    /// The members of an organization, by address.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn members(&self, org: OrgId) -> Result<Vec<Member>, StoreError> {
        let rows = self
            .client
            .query(
                "SELECT m.account AS account, a.email AS email, m.role AS role,
                        m.created_at AS created_at
                 FROM (SELECT * FROM members FINAL WHERE org = {org:UInt64} AND role != '') AS m
                 INNER JOIN (SELECT id, email FROM accounts FINAL) AS a ON a.id = m.account
                 ORDER BY email LIMIT 10000",
            )
            .param("org", org.0)
            .fetch_all::<MemberListRow>()
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Member {
                    account: AccountId(row.account),
                    email: row.email,
                    role: parse_role(&row.role)?,
                    created_at: Timestamp(row.created_at),
                })
            })
            .collect()
    }
}

fn parse_role(word: &str) -> Result<Role, StoreError> {
    word.parse().map_err(|error| StoreError::Corrupt(format!("role: {error}")))
}
