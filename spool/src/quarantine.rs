//! Runs that cannot be stored: kept apart with the reason, so that they hold up
//! nothing and somebody can look at them and try again.
//!
//! Each is a file of JSON, `quarantine/<organization>/<agent>/<run>-<n>.json`.

pub(crate) mod damaged;

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::incoming::SchemaHint;
use model::{AgentSlug, NewRun, OrgSlug, Run, RunId, Shape, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Org, OrgId};
use uuid::Uuid;

use crate::segment::{Place, sync_dir};

/// A run that could not be stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Quarantined {
    /// Names the file, for trying it again.
    #[serde(default)]
    pub name: String,
    /// The organization's key.
    pub org: u64,
    /// The organization's name in URLs.
    pub org_slug: OrgSlug,
    /// The agent.
    pub agent: AgentSlug,
    /// The run's id.
    pub id: RunId,
    /// When it was put here.
    pub at: Timestamp,
    /// A word for programs: `id_taken` or `unstorable`.
    pub code: String,
    /// Why, for people.
    pub reason: String,
    /// The run itself.
    kept: KeptRun,
}

/// A run that was checked and completed, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptRun {
    /// A UUID of any kind, in the form of an id.
    client_key: Option<RunId>,
    schema: Option<u32>,
    shape: Option<String>,
    run: Run,
}

impl From<NewRun> for KeptRun {
    fn from(new: NewRun) -> Self {
        let (schema, shape) = match new.schema {
            SchemaHint::Number(number) => (Some(number), None),
            SchemaHint::Shape(shape) => (None, Some(format!("{:032x}", shape.0))),
        };
        let client_key = new.client_key.map(|key| RunId::from_u128(key.as_u128()));
        Self { client_key, schema, shape, run: new.run }
    }
}

impl KeptRun {
    pub(crate) fn into_new(self) -> NewRun {
        let shape = self.shape.and_then(|text| u128::from_str_radix(&text, 16).ok());
        let schema = match (self.schema, shape) {
            (Some(number), _) => SchemaHint::Number(number),
            (None, Some(shape)) => SchemaHint::Shape(Shape(shape)),
            (None, None) => SchemaHint::Number(1),
        };
        let client_key = self.client_key.map(|key| Uuid::from_u128(key.as_u128()));
        NewRun { run: self.run, client_key, schema }
    }
}

/// How the name of a file ends that is not whole yet.
const UNFINISHED: &str = "part";

/// The folder.
#[derive(Debug)]
pub(crate) struct Quarantine {
    dir: PathBuf,
    /// Runs and frames.
    count: AtomicU64,
    names: Mutex<Names>,
}

/// The names of the files of each run.
type Names = HashMap<(u64, RunId), BTreeSet<String>>;

impl Quarantined {
    pub(crate) fn new(org: &Org, new: &NewRun, code: &str, reason: String, at: Timestamp) -> Self {
        Self {
            name: String::new(),
            org: org.id.0,
            org_slug: org.slug.clone(),
            agent: new.run.agent.clone(),
            id: new.run.id,
            at,
            code: code.to_owned(),
            reason,
            kept: KeptRun::from(new.clone()),
        }
    }

    /// The organization's key.
    #[must_use]
    pub fn org_id(&self) -> OrgId {
        OrgId(self.org)
    }

    /// The run as it came in.
    #[must_use]
    pub fn into_new(self) -> NewRun {
        self.kept.into_new()
    }
}

impl Quarantine {
    /// Opens the folder below a spool's.
    pub(crate) fn open(spool: &Path) -> io::Result<Self> {
        let dir = Self::dir_of(spool);
        fs::create_dir_all(&dir)?;
        // What a process was writing when it was killed counts nowhere.
        for unfinished in all_below(dir.clone())?.into_iter().filter(|path| is_unfinished(path)) {
            fs::remove_file(unfinished)?;
        }
        let files = files_below(dir.clone())?;
        let count = AtomicU64::new(files.len() as u64);
        let quarantine = Self { dir, count, names: Mutex::default() };
        for path in files {
            let name = quarantine.name_of(&path);
            if let Some(key) = key_of(&name) {
                quarantine.names().entry(key).or_default().insert(name);
            }
        }
        Ok(quarantine)
    }

    fn dir_of(spool: &Path) -> PathBuf {
        spool.join("quarantine")
    }

    /// How many runs and frames are here.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Keeps a run; returns once it is on disk. The very same run for the same
    /// reason is kept once.
    pub(crate) fn keep(&self, run: &Quarantined) -> io::Result<()> {
        let folder = self.folder(run.org, &run.agent);
        fs::create_dir_all(&folder)?;
        let text = serde_json::to_vec_pretty(run).map_err(io::Error::from)?;
        let digest = crc32fast::hash(&serde_json::to_vec(&run.kept.run).map_err(io::Error::from)?);
        let path = folder.join(format!("{}-{digest:08x}.json", run.id));
        self.write(&path, &text)?;
        self.names().entry((run.org, run.id)).or_default().insert(self.name_of(&path));
        Ok(())
    }

    /// Keeps a frame that cannot be read.
    pub(crate) fn keep_frame(&self, place: Place, payload: &[u8]) -> io::Result<()> {
        let path = self.dir.join(format!("{:020}-{:010}.frame", place.segment, place.offset));
        self.write(&path, payload)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let is_new = !path.exists();
        write_whole(path, bytes)?;
        self.count.fetch_add(u64::from(is_new), Ordering::Relaxed);
        Ok(())
    }

    /// Keeps what was cut off the end of a segment: nothing that was acknowledged,
    /// unless the disk is at fault.
    pub(crate) fn keep_torn(&self, place: Place, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join(format!("{:020}-{:010}.torn", place.segment, place.offset));
        write_whole(&path, bytes)
    }

    /// The runs here, of one organization or of all, the newest first, at most so many.
    pub(crate) fn list(&self, org: Option<OrgId>, limit: usize) -> io::Result<Vec<Quarantined>> {
        let folder = org.map_or_else(|| self.dir.clone(), |org| self.dir.join(org.0.to_string()));
        let mut files = Vec::new();
        let is_here = |path: &PathBuf| is_run(path) && self.has(&self.name_of(path));
        for path in files_below(folder)?.into_iter().filter(is_here) {
            // Somebody may take one away meanwhile.
            if let Ok(written) = fs::metadata(&path).and_then(|file| file.modified()) {
                files.push((written, path));
            }
        }
        files.sort_unstable_by(|a, b| b.cmp(a));
        let runs = files.into_iter().filter_map(|(_, path)| self.read(&path));
        Ok(runs.filter(|run| org.is_none_or(|org| org.0 == run.org)).take(limit).collect())
    }

    /// A run here by its id. Of several with one id, which one is not said.
    pub(crate) fn find(&self, org: OrgId, id: RunId) -> Option<Run> {
        let name = {
            let names = self.names();
            names.get(&(org.0, id))?.iter().next()?.clone()
        };
        self.read(&self.dir.join(name)).map(|run| run.kept.run)
    }

    fn read(&self, path: &Path) -> Option<Quarantined> {
        let bytes = fs::read(path).ok()?;
        let run = serde_json::from_slice::<Quarantined>(&bytes)
            .inspect_err(|error| tracing::error!(path = %path.display(), %error, "a quarantined run cannot be read"));
        Some(Quarantined { name: self.name_of(path), ..run.ok()? })
    }

    /// Takes a run out, for good.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.dir.join(name);
        if name.split('/').any(|part| part == "..") || !is_run(&path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        fs::remove_file(&path)?;
        self.count.fetch_sub(1, Ordering::Relaxed);
        self.forget(name);
        // Folders that still hold others stay.
        path.ancestors().skip(1).take(2).take_while(|it| fs::remove_dir(it).is_ok()).count();
        Ok(())
    }

    /// Drops the runs of an agent, damaged frames with runs of it included, and gives the
    /// ids of those that can be read.
    pub(crate) fn remove_agent(&self, org: OrgId, agent: &AgentSlug) -> io::Result<Vec<RunId>> {
        self.remove_damaged(org, agent)?;
        let folder = self.folder(org.0, agent);
        let mut ids = Vec::new();
        for name in files_below(folder.clone())?.iter().map(|path| self.name_of(path)) {
            if let Some((_, id)) = key_of(&name) {
                ids.push(id);
                self.forget(&name);
            }
        }
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.count.fetch_sub(ids.len() as u64, Ordering::Relaxed);
        Ok(ids)
    }

    /// Lets nobody find the runs of an agent whose deletion is on disk; their files go when
    /// it is carried out.
    pub(crate) fn hide_agent(&self, org: OrgId, agent: &AgentSlug) {
        let folder = self.name_of(&self.folder(org.0, agent)) + "/";
        self.names().retain(|(of, _), names| {
            if *of == org.0 {
                names.retain(|name| !name.starts_with(&folder));
            }
            !names.is_empty()
        });
    }

    /// Whether there is anything of an agent.
    pub(crate) fn holds_agent(&self, org: OrgId, agent: &AgentSlug) -> io::Result<bool> {
        Ok(self.folder(org.0, agent).exists() || !self.damaged_of(org, agent)?.is_empty())
    }

    /// Whether the run in a file is here and not deleted.
    pub(crate) fn has(&self, name: &str) -> bool {
        key_of(name)
            .is_some_and(|key| self.names().get(&key).is_some_and(|names| names.contains(name)))
    }

    fn folder(&self, org: u64, agent: &AgentSlug) -> PathBuf {
        self.dir.join(org.to_string()).join(agent.as_str())
    }

    fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.dir).unwrap_or(path).display().to_string()
    }

    fn forget(&self, name: &str) {
        let Some(key) = key_of(name) else { return };
        let mut names = self.names();
        if let Some(of_run) = names.get_mut(&key) {
            of_run.remove(name);
            if of_run.is_empty() {
                names.remove(&key);
            }
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The organization and the run that a file's name says.
fn key_of(name: &str) -> Option<(u64, RunId)> {
    let path = Path::new(name);
    let org = path.iter().next()?.to_str()?.parse().ok()?;
    let id = path.file_stem()?.to_str()?.get(..36)?.parse().ok()?;
    Some((org, id))
}

/// The runs and frames in a folder and those below it.
fn files_below(folder: PathBuf) -> io::Result<Vec<PathBuf>> {
    let files = all_below(folder)?.into_iter();
    Ok(files.filter(|path| is_run(path) || is_frame(path)).collect())
}

/// All files in a folder and those below it.
fn all_below(folder: PathBuf) -> io::Result<Vec<PathBuf>> {
    let mut folders = vec![folder];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

/// Writes a file so that it is whole or not there, and outlives a crash.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(UNFINISHED);
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == UNFINISHED)
}

fn is_run(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json")
}

fn is_frame(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "frame")
}
