//! What a spool's files are made of: frames with a length and a checksum.
//!
//! A frame holds some runs of one organization, or says that an agent was
//! deleted. Its head can be read without unpacking the runs, so that a start
//! after a crash knows every id quickly.

use model::incoming::SchemaHint;
use model::{AgentSlug, NewRun, OrgSlug, Run, RunId, Shape, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Org, OrgId};
use uuid::Uuid;

/// Bytes of a frame's length and checksum.
pub(crate) const PREFIX: usize = 8;
/// Most bytes of a frame without its prefix. A run has at most 20 MB as sent;
/// what was derived from it can double that.
pub(crate) const MAX_FRAME: usize = 128 * 1024 * 1024;

/// Why a frame cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a run cannot be written as JSON: {0}")]
    Write(#[source] serde_json::Error),
    #[error("{0} bytes are more than a frame holds")]
    TooLarge(usize),
    #[error("the frame has another form: {0}")]
    Form(#[from] postcard::Error),
    #[error("the runs cannot be unpacked: {0}")]
    Unpack(#[from] lz4_flex::block::DecompressError),
    #[error("the frame holds no such run")]
    NoSuchRun,
    #[error("the run cannot be read: {0}")]
    Read(#[source] serde_json::Error),
    #[error("{0}")]
    Name(String),
}

/// The head of a frame.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Head {
    Runs(RunsHead),
    Deletion(Deletion),
}

/// An organization as frames name it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrgName {
    pub(crate) id: u64,
    slug: String,
    name: String,
    created_at: i64,
}

/// The head of a frame with runs; their texts follow, packed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunsHead {
    pub(crate) org: OrgName,
    /// UTC microseconds.
    pub(crate) accepted_at: i64,
    agents: Vec<String>,
    runs: Vec<RunHead>,
    unpacked_bytes: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct RunHead {
    id: u128,
    agent: u32,
    bytes: u32,
    hash: u128,
    client_key: Option<u128>,
    schema: Hint,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Hint {
    Number(u32),
    Shape(u128),
}

/// An agent that was deleted: what precedes this frame in the spool is unwanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deletion {
    pub(crate) org: OrgName,
    agent: String,
    /// The agent's key in the store, if it had any run there.
    pub(crate) key: Option<u64>,
}

/// A frame ready to be appended, and what the spool remembers of it.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) contents: Contents,
}

/// What the spool remembers of a frame while it is not drained.
#[derive(Debug)]
pub(crate) enum Contents {
    Runs(RunsContents),
    Deletion(Deletion),
}

/// The runs of a frame, in short.
#[derive(Debug, Default)]
pub(crate) struct RunsContents {
    pub(crate) org: u64,
    pub(crate) ids: Box<[RunId]>,
    pub(crate) agents: Box<[AgentSlug]>,
    /// For each run, which of `agents` it belongs to.
    pub(crate) agent_of: Box<[u32]>,
    pub(crate) client_keys: Box<[(Uuid, RunId)]>,
    /// Bytes of the runs as JSON, about what they take in memory.
    pub(crate) unpacked_bytes: usize,
}

/// A run with its content's hash.
#[derive(Debug)]
pub(crate) struct Hashed {
    pub(crate) new: NewRun,
    pub(crate) hash: u128,
}

/// The runs of a frame, whole.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) org: Org,
    pub(crate) runs: Vec<Hashed>,
}

impl Encoded {
    /// A frame of runs.
    pub(crate) fn runs(
        org: &Org,
        runs: &[Hashed],
        accepted_at: Timestamp,
    ) -> Result<Self, FrameError> {
        let mut texts = Vec::with_capacity(runs.len() * 4_096);
        let mut agents: Vec<AgentSlug> = Vec::new();
        let mut heads = Vec::with_capacity(runs.len());
        for Hashed { new, hash } in runs {
            let from = texts.len();
            serde_json::to_writer(&mut texts, &new.run).map_err(FrameError::Write)?;
            let agent = agents.iter().position(|agent| *agent == new.run.agent);
            let agent = agent.unwrap_or_else(|| {
                agents.push(new.run.agent.clone());
                agents.len() - 1
            });
            heads.push(RunHead {
                id: new.run.id.as_u128(),
                agent: length(agent)?,
                bytes: length(texts.len() - from)?,
                hash: *hash,
                client_key: new.client_key.map(|key| key.as_u128()),
                schema: match new.schema {
                    SchemaHint::Number(number) => Hint::Number(number),
                    SchemaHint::Shape(shape) => Hint::Shape(shape.0),
                },
            });
        }
        let head = RunsHead {
            org: OrgName::from(org),
            accepted_at: accepted_at.0,
            agents: agents.iter().map(ToString::to_string).collect(),
            runs: heads,
            unpacked_bytes: length(texts.len())?,
        };
        let contents = head.contents(agents.into());
        let mut bytes = vec![0; PREFIX];
        bytes = postcard::to_extend(&Head::Runs(head), bytes)?;
        let from = bytes.len();
        bytes.resize(from + lz4_flex::block::get_maximum_output_size(texts.len()), 0);
        let packed = lz4_flex::block::compress_into(&texts, &mut bytes[from..])
            .map_err(|_| FrameError::TooLarge(texts.len()))?;
        bytes.truncate(from + packed);
        seal(&mut bytes)?;
        Ok(Self { bytes, contents: Contents::Runs(contents) })
    }

    /// A frame that says that an agent was deleted.
    pub(crate) fn deletion(
        org: &Org,
        agent: &AgentSlug,
        key: Option<u64>,
    ) -> Result<Self, FrameError> {
        let deletion = Deletion { org: OrgName::from(org), agent: agent.to_string(), key };
        let head = Head::Deletion(deletion.clone());
        let mut bytes = postcard::to_extend(&head, vec![0; PREFIX])?;
        seal(&mut bytes)?;
        Ok(Self { bytes, contents: Contents::Deletion(deletion) })
    }
}

/// Fills in a frame's length and checksum.
fn seal(bytes: &mut [u8]) -> Result<(), FrameError> {
    let (prefix, payload) = bytes.split_at_mut(PREFIX);
    if payload.len() > MAX_FRAME {
        return Err(FrameError::TooLarge(payload.len()));
    }
    prefix[..4].copy_from_slice(&length(payload.len())?.to_le_bytes());
    prefix[4..].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
    Ok(())
}

fn length(bytes: usize) -> Result<u32, FrameError> {
    u32::try_from(bytes).map_err(|_| FrameError::TooLarge(bytes))
}

/// The head of a frame's payload, in short.
pub(crate) fn contents(payload: &[u8]) -> Result<(Contents, Option<Timestamp>), FrameError> {
    match postcard::take_from_bytes::<Head>(payload)?.0 {
        Head::Runs(head) => {
            let agents = head.agents()?;
            let at = Timestamp(head.accepted_at);
            Ok((Contents::Runs(head.contents(agents)), Some(at)))
        }
        Head::Deletion(deletion) => Ok((Contents::Deletion(deletion), None)),
    }
}

/// All runs of a frame's payload.
pub(crate) fn unpack(payload: &[u8]) -> Result<Unpacked, FrameError> {
    let (head, texts) = open(payload)?;
    let mut runs = Vec::with_capacity(head.runs.len());
    let mut rest = texts.as_slice();
    for run in &head.runs {
        let (text, after) =
            rest.split_at_checked(run.bytes as usize).ok_or(FrameError::NoSuchRun)?;
        rest = after;
        let new = NewRun {
            run: serde_json::from_slice(text).map_err(FrameError::Read)?,
            client_key: run.client_key.map(Uuid::from_u128),
            schema: run.schema.into(),
        };
        runs.push(Hashed { new, hash: run.hash });
    }
    Ok(Unpacked { org: head.org.to_org()?, runs })
}

/// One run of a frame's payload. Its schema is 0 where the store decides it.
pub(crate) fn unpack_one(payload: &[u8], nth: usize) -> Result<Run, FrameError> {
    let (head, texts) = open(payload)?;
    let run = head.runs.get(nth).ok_or(FrameError::NoSuchRun)?;
    let from: usize = head.runs.iter().take(nth).map(|run| run.bytes as usize).sum();
    let text = texts.get(from..from + run.bytes as usize).ok_or(FrameError::NoSuchRun)?;
    let mut found: Run = serde_json::from_slice(text).map_err(FrameError::Read)?;
    if let Hint::Number(number) = run.schema {
        found.schema = number;
    }
    Ok(found)
}

fn open(payload: &[u8]) -> Result<(RunsHead, Vec<u8>), FrameError> {
    let (head, packed) = postcard::take_from_bytes::<Head>(payload)?;
    let Head::Runs(head) = head else { return Err(FrameError::NoSuchRun) };
    let bytes = head.unpacked_bytes as usize;
    if bytes > MAX_FRAME * 2 {
        return Err(FrameError::TooLarge(bytes));
    }
    let texts = lz4_flex::block::decompress(packed, bytes)?;
    Ok((head, texts))
}

impl RunsHead {
    fn agents(&self) -> Result<Box<[AgentSlug]>, FrameError> {
        let slug =
            |name: &String| AgentSlug::new(name).map_err(|e| FrameError::Name(e.to_string()));
        self.agents.iter().map(slug).collect()
    }

    fn contents(&self, agents: Box<[AgentSlug]>) -> RunsContents {
        let keyed =
            |run: &RunHead| Some((Uuid::from_u128(run.client_key?), RunId::from_u128(run.id)));
        RunsContents {
            org: self.org.id,
            ids: self.runs.iter().map(|run| RunId::from_u128(run.id)).collect(),
            agents,
            agent_of: self.runs.iter().map(|run| run.agent).collect(),
            client_keys: self.runs.iter().filter_map(keyed).collect(),
            unpacked_bytes: self.unpacked_bytes as usize,
        }
    }
}

impl Deletion {
    /// The agent's name as it stands there.
    pub(crate) fn agent_name(&self) -> &str {
        &self.agent
    }

    /// The agent's name.
    pub(crate) fn agent(&self) -> Result<AgentSlug, FrameError> {
        AgentSlug::new(&self.agent).map_err(|error| FrameError::Name(error.to_string()))
    }
}

impl From<&Org> for OrgName {
    fn from(org: &Org) -> Self {
        Self {
            id: org.id.0,
            slug: org.slug.to_string(),
            name: org.name.clone(),
            created_at: org.created_at.0,
        }
    }
}

impl OrgName {
    pub(crate) fn to_org(&self) -> Result<Org, FrameError> {
        Ok(Org {
            id: OrgId(self.id),
            slug: OrgSlug::of_existing(&self.slug)
                .map_err(|error| FrameError::Name(error.to_string()))?,
            name: self.name.clone(),
            created_at: Timestamp(self.created_at),
        })
    }
}

impl From<Hint> for SchemaHint {
    fn from(hint: Hint) -> Self {
        match hint {
            Hint::Number(number) => Self::Number(number),
            Hint::Shape(shape) => Self::Shape(Shape(shape)),
        }
    }
}
