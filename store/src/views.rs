//! Views that members keep.

use clickhouse::Row;
use model::saved_view::{MAX_VIEWS, NewView, SavedView, ViewId};
use model::{AgentSlug, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::{now, random_id};
use crate::{AccountId, OrgStore, StoreError};

/// Who keeps views: a person, or a key, which only has shared ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewKeeper {
    /// The person.
    pub account: Option<AccountId>,
    /// Whether they may share views and change shared ones.
    pub may_share: bool,
}

#[derive(Row, Clone, Serialize, Deserialize)]
struct ViewRow {
    org: u64,
    agent: u64,
    id: u64,
    owner: u64,
    is_shared: u8,
    is_default: u8,
    is_live: u8,
    name: String,
    query: String,
    sort: String,
    columns: String,
    deleted: u8,
    updated_at: i64,
}

const VISIBLE: &str = "SELECT org, agent, id, owner, is_shared, is_default, is_live, name, query,
    sort, columns, deleted, updated_at
FROM views FINAL
WHERE org = {org:UInt64} AND deleted = 0 AND (is_shared = 1 OR owner = {owner:UInt64})
ORDER BY is_default DESC, lowerUTF8(name), id LIMIT 1000";

impl ViewKeeper {
    fn owner(self) -> u64 {
        self.account.map_or(0, |account| account.0)
    }

    /// Whether a view may be changed: one's own, and a shared one by who may share.
    fn may_change(self, row: &ViewRow) -> bool {
        if row.is_shared == 1 { self.may_share } else { row.owner == self.owner() }
    }
}

impl OrgStore {
    /// The views that somebody sees: their own and those that are shared,
    /// defaults first, then by name.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn views(&self, keeper: ViewKeeper) -> Result<Vec<SavedView>, StoreError> {
        let agents = self.live_agents().await?;
        let rows = self.visible(keeper).await?;
        let view = |row: ViewRow| {
            // A deleted agent takes its views out of sight.
            let agent = match row.agent {
                0 => None,
                id => Some(agents.iter().find(|agent| agent.id == id)?.slug.clone()),
            };
            Some(saved(row, agent, keeper))
        };
        Ok(rows.into_iter().filter_map(view).collect())
    }

    /// Keeps a view; with an id it takes that view's place. `None` when the
    /// agent does not exist, or when there is no such view that the keeper may change.
    ///
    /// # Errors
    /// When the name is taken, there are too many, or the engine fails.
    pub async fn save_view(
        &self,
        keeper: ViewKeeper,
        id: Option<ViewId>,
        view: NewView,
    ) -> Result<Option<SavedView>, StoreError> {
        let agent = match &view.agent {
            None => 0,
            Some(slug) => match self.live_agent(slug).await? {
                Some(agent) => agent.id,
                None => return Ok(None),
            },
        };
        let _one_at_a_time = self.store.registry.control.lock().await;
        let rows = self.visible(keeper).await?;
        let old = match id {
            None => None,
            Some(id) => match rows.iter().find(|row| row.id == id.0) {
                Some(old) if keeper.may_change(old) => Some(old.clone()),
                _ => return Ok(None),
            },
        };
        let is_beside = |row: &&ViewRow| {
            (row.is_shared == 1) == view.shared && old.as_ref().is_none_or(|old| old.id != row.id)
        };
        let beside: Vec<&ViewRow> = rows.iter().filter(is_beside).collect();
        if beside.iter().any(|row| row.agent == agent && row.name == view.name) {
            return Err(StoreError::AlreadyExists { what: "view", name: view.name });
        }
        if beside.len() >= MAX_VIEWS {
            return Err(StoreError::TooMany { what: "views", limit: MAX_VIEWS });
        }
        let at = now().0;
        let mut changed: Vec<ViewRow> = beside
            .into_iter()
            .filter(|row| view.default && row.agent == agent && row.is_default == 1)
            .map(|row| ViewRow { is_default: 0, updated_at: at, ..row.clone() })
            .collect();
        // The agent is part of the key, so a view that moves leaves its old place.
        let moved = old.as_ref().filter(|old| old.agent != agent);
        changed.extend(moved.map(|old| ViewRow { deleted: 1, updated_at: at, ..old.clone() }));
        let row = ViewRow {
            org: self.org().id.0,
            agent,
            id: old.as_ref().map_or_else(random_id, |old| old.id),
            owner: old
                .as_ref()
                .map(|old| old.owner)
                .filter(|owner| *owner != 0)
                .unwrap_or(keeper.owner()),
            is_shared: view.shared.into(),
            is_default: view.default.into(),
            is_live: view.live.into(),
            name: view.name,
            query: view.q,
            sort: view.sort,
            columns: view.columns,
            deleted: 0,
            updated_at: at,
        };
        changed.push(row.clone());
        self.write_views(&changed).await?;
        Ok(Some(saved(row, view.agent, keeper)))
    }

    /// Removes a view; whether there was one that the keeper may change.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn delete_view(&self, keeper: ViewKeeper, id: ViewId) -> Result<bool, StoreError> {
        let _one_at_a_time = self.store.registry.control.lock().await;
        let rows = self.visible(keeper).await?;
        let Some(row) = rows.into_iter().find(|row| row.id == id.0 && keeper.may_change(row))
        else {
            return Ok(false);
        };
        self.write_views(&[ViewRow { deleted: 1, updated_at: now().0, ..row }]).await?;
        Ok(true)
    }

    async fn visible(&self, keeper: ViewKeeper) -> Result<Vec<ViewRow>, StoreError> {
        // A key made only shared views; without a person there are no own ones.
        self.without_turns()
            .query(VISIBLE)
            .param("owner", keeper.owner())
            .fetch_all::<ViewRow>()
            .await
    }

    async fn write_views(&self, rows: &[ViewRow]) -> Result<(), StoreError> {
        let mut insert = self.client().insert::<ViewRow>("views").await?;
        for row in rows {
            insert.write(row).await?;
        }
        insert.end().await?;
        Ok(())
    }
}

fn saved(row: ViewRow, agent: Option<AgentSlug>, keeper: ViewKeeper) -> SavedView {
    SavedView {
        id: ViewId(row.id),
        own: keeper.account.is_some_and(|account| account.0 == row.owner),
        view: NewView {
            name: row.name,
            agent,
            q: row.query,
            sort: row.sort,
            columns: row.columns,
            live: row.is_live == 1,
            shared: row.is_shared == 1,
            default: row.is_default == 1,
        },
        updated_at: Timestamp(row.updated_at),
    }
}
