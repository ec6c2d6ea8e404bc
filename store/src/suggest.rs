//! What can come next in a search, from the grammar and from the data.
//!
//! Values and places are those of the newest runs in scope, of which a bounded
//! number is read, so that the answer does not wait on the total; the answer
//! says when older ones were left out. Every row read is one of this
//! organization's live agents.

mod catalog;
mod grammar;
mod places;
mod sample;
mod values;

use model::search::{Caret, Field, Slot};
use model::{AgentSlug, SuggestionBasis, Suggestions};

pub(crate) use sample::Samples;

use crate::agents::LiveAgent;
use crate::{OrgStore, StoreError};

/// Most suggestions of one answer.
pub(super) const MAX_ITEMS: usize = 50;

/// The agents whose runs are looked at.
struct Scope {
    agents: Vec<LiveAgent>,
    is_one_agent: bool,
}

impl OrgStore {
    /// What can stand at the end of `text`, which is a search up to the caret.
    /// `None` when the agent asked for does not exist.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn suggest(
        &self,
        agent: Option<&AgentSlug>,
        text: &str,
    ) -> Result<Option<Suggestions>, StoreError> {
        let Some(scope) = self.suggest_scope(agent).await? else {
            return Ok(None);
        };
        let Some(Caret { from, slot }) = Caret::at_end(text) else {
            return Ok(Some(Suggestions { from: text.len(), ..Suggestions::default() }));
        };
        let (mut items, basis) = match &slot {
            Slot::Name { typed } => {
                let (places, basis) = self.places(&scope, typed).await?;
                (grammar::names(typed, scope.is_one_agent, &places), basis)
            }
            Slot::Condition { field, operator, head, typed } => {
                let (values, basis) = self.field_values(&scope, field, typed).await?;
                let mut items = grammar::operators(field, head, typed);
                items.extend(grammar::values(field, *operator, head, typed, values));
                (items, basis)
            }
        };
        items.truncate(MAX_ITEMS);
        Ok(Some(Suggestions { from, items, basis }))
    }

    async fn suggest_scope(&self, agent: Option<&AgentSlug>) -> Result<Option<Scope>, StoreError> {
        let Some(slug) = agent else {
            let agents = self.known_agents().await?.iter().cloned().collect();
            return Ok(Some(Scope { agents, is_one_agent: false }));
        };
        let found = self.known_agent(slug).await?;
        Ok(found.map(|agent| Scope { agents: vec![agent], is_one_agent: true }))
    }

    /// The values of a field that fit what is typed, the most frequent first.
    async fn field_values(
        &self,
        scope: &Scope,
        field: &Field,
        typed: &str,
    ) -> Result<(Vec<values::Seen>, SuggestionBasis), StoreError> {
        match values::place_of(field) {
            Some(place) => self.values_at(scope, &place, typed).await,
            None => self.values_of(scope, field, typed).await,
        }
    }
}
