//! Frames that cannot be read, of agents that are deleted.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;

use model::AgentSlug;
use store::OrgId;

use super::{Quarantine, is_frame};
use crate::frame::{Contents, PREFIX, contents};

impl Quarantine {
    /// Of a frame that a crash cut off, the head may be damaged too, and nobody was told
    /// that it is kept; so the agent's name anywhere in it is enough.
    pub(super) fn remove_damaged(&self, org: OrgId, agent: &AgentSlug) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let (is_frame, is_torn) = (is_frame(&path), is_torn(&path));
            if !is_frame && !is_torn {
                continue;
            }
            let bytes = fs::read(&path)?;
            let name = agent.as_str().as_bytes();
            let is_named = || bytes.windows(name.len()).any(|part| part == name);
            if holds_runs_of(&bytes, org, agent) || (is_torn && is_named()) {
                tracing::warn!(path = %path.display(), %agent, "a damaged frame goes with a deleted agent");
                fs::remove_file(&path)?;
                self.count.fetch_sub(u64::from(is_frame), Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

/// Whether a frame, with or without its prefix, says in its head that it holds runs of
/// an agent.
fn holds_runs_of(bytes: &[u8], org: OrgId, agent: &AgentSlug) -> bool {
    let payloads = [Some(bytes), bytes.get(PREFIX..)];
    payloads.into_iter().flatten().filter_map(|payload| contents(payload).ok()).any(
        |(contents, _)| match contents {
            Contents::Runs(runs) => runs.org == org.0 && runs.agents.contains(agent),
            Contents::Deletion(_) => false,
        },
    )
}

fn is_torn(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "torn")
}

#[cfg(test)]
mod tests {
    use model::{OrgSlug, Timestamp};
    use store::Org;

    use super::super::all_below;
    use super::*;
    use crate::segment::Place;

    fn org() -> Org {
        Org {
            id: OrgId(1),
            slug: OrgSlug::new("acme").unwrap(),
            name: String::new(),
            created_at: Timestamp(0),
        }
    }

    /// A frame of runs without its last byte, as the disk left it.
    fn damaged(agent: &str) -> Vec<u8> {
        let run = serde_json::json!({"agent": agent, "input": {"q": "xyzzy"}}).to_string();
        let context = model::incoming::CompleteContext {
            now: Timestamp(1_795_341_600_000_000),
            random: 1,
            default_source: model::Source::Api,
            price: &|_| None,
        };
        let new = model::IncomingRun::parse(&run).unwrap().complete(&context).unwrap();
        let runs = [crate::frame::Hashed { new, hash: 1 }];
        let mut bytes = crate::frame::Encoded::runs(&org(), &runs, Timestamp(1)).unwrap().bytes;
        bytes.pop();
        bytes
    }

    #[test]
    fn what_is_damaged_and_unfinished_goes_with_its_agent() {
        let dir = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::open(dir.path()).unwrap();
        let place = |offset| Place { segment: 1, offset };
        quarantine.keep_frame(place(1), &damaged("a")).unwrap();
        quarantine.keep_frame(place(2), &damaged("a")[PREFIX..]).unwrap();
        quarantine.keep_frame(place(3), &damaged("kept")).unwrap();
        quarantine.keep_torn(place(4), &damaged("a")[..60]).unwrap();
        let folder = quarantine.folder(1, &AgentSlug::new("a").unwrap());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("run.part"), "xyzzy").unwrap();
        assert_eq!(quarantine.count(), 3);

        quarantine.remove_agent(OrgId(2), &AgentSlug::new("a").unwrap()).unwrap();
        assert_eq!(quarantine.count(), 3, "of another organization");
        quarantine.remove_agent(OrgId(1), &AgentSlug::new("a").unwrap()).unwrap();
        assert_eq!(quarantine.count(), 1);
        let left = all_below(dir.path().to_owned()).unwrap();
        assert_eq!(left.len(), 1, "{left:?}");

        fs::write(dir.path().join("quarantine/other.part"), "xyzzy").unwrap();
        assert_eq!(Quarantine::open(dir.path()).unwrap().count(), 1);
        assert_eq!(all_below(dir.path().to_owned()).unwrap().len(), 1);
    }
}
