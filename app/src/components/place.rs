//! Where one is, and where one can go from there.

use super::tabs::Tab;
use crate::links;

/// Where a page stands, as its path says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The organization.
    pub org: String,
    /// The agent, on pages of one.
    pub agent: Option<String>,
    /// What of it is shown: the part of the path that follows.
    pub section: String,
}

impl Place {
    /// The place of a path; `None` on pages outside of any organization.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let mut parts = path.split('/').skip(1);
        let org =
            parts.next().filter(|org| !org.is_empty() && !matches!(*org, "login" | "setup"))?;
        let (first, second, third) = (parts.next(), parts.next(), parts.next());
        let agent = second.filter(|agent| first == Some("agents") && !agent.is_empty());
        let section = if agent.is_some() { third } else { first };
        Some(Self {
            org: org.to_owned(),
            agent: agent.map(str::to_owned),
            section: section.unwrap_or_default().to_owned(),
        })
    }

    /// The pages beside this one.
    #[must_use]
    pub fn tabs(&self) -> Vec<Tab> {
        let org = &self.org;
        let tab = |label, href, sections: &[&str], shortcut| Tab {
            label,
            href,
            is_current: sections.contains(&self.section.as_str()),
            shortcut,
        };
        match &self.agent {
            Some(agent) => {
                let base = links::agent(org, agent);
                // `/{agent}/{schema}/runs` is a list of runs too.
                let is_schema = self.section.parse::<u32>().is_ok();
                let mut runs = tab("Runs", format!("{base}/runs"), &["runs"], Some("g r"));
                runs.is_current |= is_schema;
                vec![
                    runs,
                    tab("Versions", format!("{base}/versions"), &["versions"], Some("g v")),
                    tab("Stats", format!("{base}/stats"), &["stats"], Some("g t")),
                    tab("Playground", format!("{base}/playground"), &["playground"], Some("g p")),
                    tab("Settings", format!("{base}/settings"), &["settings"], Some("g s")),
                ]
            }
            None => vec![
                tab("Agents", links::agents(org), &["agents"], None),
                tab("All runs", format!("/{org}/runs"), &["runs"], Some("g r")),
                tab("Settings", format!("/{org}/settings/keys"), &["settings"], Some("g s")),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_paths() {
        let place = |path| Place::of(path).map(|p| (p.org, p.agent, p.section));
        let own = |org: &str, agent: Option<&str>, section: &str| {
            Some((org.to_owned(), agent.map(str::to_owned), section.to_owned()))
        };
        assert_eq!(place("/"), None);
        assert_eq!(place("/login"), None);
        assert_eq!(place("/acme/agents"), own("acme", None, "agents"));
        assert_eq!(place("/acme/agents/a/1/runs"), own("acme", Some("a"), "1"));
        assert_eq!(place("/acme/agents/a/runs/x"), own("acme", Some("a"), "runs"));
        assert_eq!(place("/acme/settings/keys"), own("acme", None, "settings"));
    }
}
