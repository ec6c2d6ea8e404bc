//! The public addresses of runs.

use model::{AgentSlug, OrgSlug, Run, RunId, RunItem, RunList};

/// Where an organization's runs are for people.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    /// The server's origin, without a slash at its end.
    pub origin: &'a str,
    /// The organization.
    pub org: &'a OrgSlug,
}

impl Links<'_> {
    /// The page of a run.
    #[must_use]
    pub fn run(&self, agent: &AgentSlug, id: RunId) -> String {
        let Self { origin, org } = self;
        format!("{origin}/{org}/agents/{agent}/runs/{id}")
    }

    /// Fills in a run's address.
    pub fn fill(&self, run: &mut Run) {
        run.url = self.run(&run.agent, run.id);
    }

    /// Fills in the address of an item of a list.
    pub fn fill_item(&self, item: &mut RunItem) {
        item.url = self.run(&item.agent, item.id);
    }

    /// Fills in the addresses of a list.
    pub fn fill_list(&self, list: &mut RunList) {
        list.items.iter_mut().for_each(|item| self.fill_item(item));
    }
}
