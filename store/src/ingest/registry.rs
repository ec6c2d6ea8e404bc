//! What this process knows of agents, versions and schemas, so that a run of a
//! known version costs no query.

use std::collections::{HashMap, HashSet};
use std::sync::RwLock;
use std::sync::atomic::{AtomicU8, AtomicU64};

use model::incoming::SchemaHint;
use model::{Shape, VersionNumber};
use tokio::sync::{Mutex, Notify};

use super::stamps::Stamps;
use super::stored_metadata::ReachedCard;
use crate::suggest::Samples;
use crate::underway::AllUnderway;

/// Locks and memory shared by all clones of a store.
#[derive(Default)]
pub(crate) struct Registry {
    /// Held while making what must be unique: organizations and accounts.
    pub(crate) control: Mutex<()>,
    /// Held while runs are numbered and written.
    pub(crate) ingest: Mutex<Known>,
    /// Agents deleted by this process.
    pub(crate) deletions: AtomicU64,
    /// Tells of another one.
    pub(crate) deleted: Notify,
    /// Held while rows of deleted agents are erased; how many of the deletions are.
    pub(crate) erasing: Mutex<u64>,
    /// Work whose runs are to come.
    pub(crate) underway: AllUnderway,
    /// Keys that were revoked here, so that nobody here goes on trusting them.
    pub(crate) revoked: RwLock<HashSet<u64>>,
    /// The order in which runs become visible; moved on under `ingest` alone.
    pub(crate) stamps: Stamps,
    /// Where the runs begin that suggestions look at.
    pub(crate) samples: Samples,
    /// Whether runs are in the table of nested metadata, as far as that is known.
    pub(crate) has_stored_metadata: AtomicU8,
    /// How far the cards of each organization's agents were read for it.
    pub(crate) reached_metadata: std::sync::Mutex<HashMap<(u64, u64), ReachedCard>>,
}

/// Versions and schemas by agent.
#[derive(Default)]
pub(crate) struct Known {
    agents: HashMap<u64, KnownAgent>,
}

/// The versions and schemas of one agent.
#[derive(Default)]
pub(crate) struct KnownAgent {
    pub(crate) versions: HashMap<u128, VersionNumber>,
    /// The major number of each prompt, and the highest minor number given in it.
    pub(crate) majors: HashMap<u128, (u32, u32)>,
    pub(crate) schemas: HashMap<u128, u32>,
}

impl Known {
    pub(crate) fn get(&self, agent: u64) -> Option<&KnownAgent> {
        self.agents.get(&agent)
    }

    pub(crate) fn get_mut(&mut self, agent: u64) -> &mut KnownAgent {
        self.agents.entry(agent).or_default()
    }

    pub(crate) fn insert(&mut self, agent: u64, known: KnownAgent) {
        self.agents.insert(agent, known);
    }

    pub(crate) fn forget(&mut self, agent: u64) {
        self.agents.remove(&agent);
    }
}

impl KnownAgent {
    /// Whether nothing of a run needs a number yet.
    pub(crate) fn knows(&self, version: u128, schema: SchemaHint) -> bool {
        let knows_schema = match schema {
            SchemaHint::Number(_) => true,
            SchemaHint::Shape(shape) => self.schema_of(shape).is_some(),
        };
        knows_schema && self.versions.contains_key(&version)
    }

    /// The number of a version, and whether it was given just now.
    pub(crate) fn number_version(&mut self, id: u128, major_hash: u128) -> (VersionNumber, bool) {
        if let Some(number) = self.versions.get(&id) {
            return (*number, false);
        }
        let next_major = self.majors.values().map(|(major, _)| *major).max().unwrap_or(0) + 1;
        let (major, minor) = self.majors.entry(major_hash).or_insert((next_major, 0));
        *minor += 1;
        let number = VersionNumber { major: *major, minor: *minor };
        self.versions.insert(id, number);
        (number, true)
    }

    /// Remembers a version that has its number already.
    pub(crate) fn remember_version(&mut self, id: u128, major_hash: u128, number: VersionNumber) {
        self.versions.insert(id, number);
        let (_, minor) = self.majors.entry(major_hash).or_insert((number.major, number.minor));
        *minor = (*minor).max(number.minor);
    }

    /// The number of a shape, and whether it was given just now.
    pub(crate) fn number_schema(&mut self, shape: Shape) -> (u32, bool) {
        if let Some(number) = self.schema_of(shape) {
            return (number, false);
        }
        let number = self.schemas.values().max().copied().unwrap_or(0) + 1;
        self.schemas.insert(shape.0, number);
        (number, true)
    }

    /// A run that failed has no output to tell its shape by: the input decides.
    fn schema_of(&self, shape: Shape) -> Option<u32> {
        if let Some(number) = self.schemas.get(&shape.0) {
            return Some(*number);
        }
        let same_input = |known: &&u128| shape.same_input(Shape(**known));
        if shape.has_output() {
            return None;
        }
        self.schemas
            .keys()
            .filter(same_input)
            .filter_map(|known| self.schemas.get(known))
            .min()
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_prompts_raise_the_major_number_and_new_settings_the_minor() {
        let mut agent = KnownAgent::default();
        let number =
            |agent: &mut KnownAgent, id, prompt| agent.number_version(id, prompt).0.to_string();
        assert_eq!(number(&mut agent, 1, 10), "1.1");
        assert_eq!(number(&mut agent, 2, 10), "1.2");
        assert_eq!(number(&mut agent, 3, 20), "2.1");
        assert_eq!(number(&mut agent, 1, 10), "1.1");
        assert_eq!(number(&mut agent, 4, 10), "1.3");
    }

    #[test]
    fn remembered_versions_are_not_numbered_again() {
        let mut agent = KnownAgent::default();
        agent.remember_version(7, 10, VersionNumber { major: 3, minor: 2 });
        assert_eq!(agent.number_version(8, 10).0.to_string(), "3.3");
        assert_eq!(agent.number_version(9, 11).0.to_string(), "4.1");
    }
}
