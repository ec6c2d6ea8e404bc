//! Frames that cannot be read, of agents that are deleted.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use model::AgentSlug;
use store::OrgId;

use super::{Quarantine, is_frame};
use crate::frame::{Contents, PREFIX, contents};

/// More than the head of any frame has.
const HEAD_BYTES: u64 = 1024 * 1024;

impl Quarantine {
    pub(super) fn remove_damaged(&self, org: OrgId, agent: &AgentSlug) -> io::Result<()> {
        for path in self.damaged_of(org, agent)? {
            tracing::warn!(path = %path.display(), %agent, "a damaged frame goes with a deleted agent");
            fs::remove_file(&path)?;
            self.count.fetch_sub(u64::from(is_frame(&path)), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Damaged frames that say in their heads that they hold runs of an agent. Of others
    /// nobody can tell whose they are; `runs doctor` names them.
    pub(super) fn damaged_of(&self, org: OrgId, agent: &AgentSlug) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for path in damaged_in(&self.dir)? {
            let head = head_in(&path)?;
            let is_of_agent = |contents: Contents| match contents {
                Contents::Runs(runs) => runs.org == org.0 && runs.agents.contains(agent),
                Contents::Deletion(_) => false,
            };
            if heads_of(&head).any(is_of_agent) {
                found.push(path);
            }
        }
        Ok(found)
    }
}

/// Damaged pieces of the spool in this folder of which nobody can tell whose runs they hold:
/// deleting an agent leaves them as they are.
///
/// # Errors
/// When they cannot be read.
pub fn nameless_pieces(spool: &Path) -> io::Result<Vec<PathBuf>> {
    let dir = Quarantine::dir_of(spool);
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for path in damaged_in(&dir)? {
        if !heads_of(&head_in(&path)?).any(|contents| matches!(contents, Contents::Runs(_))) {
            found.push(path);
        }
    }
    Ok(found)
}

fn head_in(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

fn damaged_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if is_frame(&path) || is_torn(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

/// What the head of a frame says, which is there with or without its prefix.
fn heads_of(bytes: &[u8]) -> impl Iterator<Item = Contents> {
    let payloads = [Some(bytes), bytes.get(PREFIX..)].into_iter().flatten();
    payloads.filter_map(|payload| contents(payload).ok()).map(|(contents, _)| contents)
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
        let whole_head = |agent: &str| {
            let mut bytes = damaged(agent);
            bytes.truncate(bytes.len() - 3);
            bytes
        };
        quarantine.keep_torn(place(4), &whole_head("a")).unwrap();
        // Not of this agent, for all that can be told, although its name stands there.
        quarantine.keep_torn(place(5), &whole_head("kept-aa")).unwrap();
        quarantine.keep_torn(place(6), &damaged("a")[..30]).unwrap();
        let folder = quarantine.folder(1, &AgentSlug::new("a").unwrap());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("run.part"), "xyzzy").unwrap();
        assert_eq!(quarantine.count(), 3);

        quarantine.remove_agent(OrgId(2), &AgentSlug::new("a").unwrap()).unwrap();
        assert_eq!(quarantine.count(), 3, "of another organization");
        quarantine.remove_agent(OrgId(1), &AgentSlug::new("a").unwrap()).unwrap();
        assert_eq!(quarantine.count(), 1);
        let left = all_below(dir.path().to_owned()).unwrap();
        assert_eq!(left.len(), 3, "{left:?}");
        let nameless = nameless_pieces(dir.path()).unwrap();
        assert_eq!(nameless, [quarantine.dir.join(format!("{:020}-{:010}.torn", 1, 6))]);

        fs::write(dir.path().join("quarantine/other.part"), "xyzzy").unwrap();
        assert_eq!(Quarantine::open(dir.path()).unwrap().count(), 1);
        assert_eq!(all_below(dir.path().to_owned()).unwrap().len(), 3);
    }
}
