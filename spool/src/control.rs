//! How commands beside a running server reach its spool: a socket in the spool's
//! folder, which only the folder's owner can open. One line of JSON asks, one
//! line of JSON answers.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use model::{AgentSlug, NewRun, RunId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{DeletedAgent, IngestedRun, Org, OrgId, OrgStore, Store};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::door::DoorError;
use crate::frame::OrgName;
use crate::quarantine::{KeptRun, Quarantined};

/// Most bytes of a question or an answer. Commands hand in a few hundred runs at
/// a time; a single run has at most 20 MB as sent.
const MAX_LINE: u64 = 256 * 1024 * 1024;

/// What a command can ask.
#[derive(Serialize, Deserialize)]
enum Question {
    Accept { org: OrgName, soon: bool, runs: Vec<KeptRun> },
    DeleteAgent { org: OrgName, agent: AgentSlug },
    Settle { patience_ms: u64 },
    Quarantined { org: Option<u64>, limit: usize },
    Retry { ids: Option<Vec<RunId>>, with_new_ids: bool },
}

const SOCKET: &str = "control";

/// A spool's folder under a short name: a socket's path has at most 107 bytes,
/// however deep the folder lies.
#[derive(Debug)]
struct Folder {
    dir: PathBuf,
    open: File,
}

impl Folder {
    fn open(dir: &Path) -> io::Result<Self> {
        Ok(Self { dir: dir.to_owned(), open: File::open(dir)? })
    }

    fn bind(&self) -> io::Result<UnixListener> {
        // A killed process leaves its socket behind; the lock says that it is gone.
        let _ = std::fs::remove_file(self.dir.join(SOCKET));
        UnixListener::bind(self.socket())
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(self.socket()).await
    }

    fn socket(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", self.open.as_raw_fd()))
    }
}

/// Answers commands until told to end.
pub(crate) async fn serve(core: Arc<Core>, store: Store, closing: CancellationToken) {
    let dir = &core.shared.dir;
    let listener = match Folder::open(dir).and_then(|folder| folder.bind()) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(dir = %dir.display(), %error, "commands cannot reach this server's spool");
            return;
        }
    };
    while let Some(accepted) = closing.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                drop(tokio::spawn(answer_all(Arc::clone(&core), store.clone(), stream)))
            }
            Err(error) => {
                tracing::warn!(%error, "a command could not connect");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    let _ = std::fs::remove_file(dir.join(SOCKET));
}

async fn answer_all(core: Arc<Core>, store: Store, stream: UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let question = match read_line::<Question>(&mut reader).await {
            Ok(Some(question)) => question,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "a command asks what is not understood");
                return;
            }
        };
        let answer = answer(&core, &store, question).await.map_err(|error| error.to_string());
        if write_line(&mut writer, &answer).await.is_err() {
            return;
        }
    }
}

async fn answer(
    core: &Core,
    store: &Store,
    question: Question,
) -> Result<Box<RawValue>, DoorError> {
    let to_org = |org: &OrgName| {
        let org = org.to_org().map_err(|error| DoorError::Disk(io::Error::other(error)))?;
        Ok::<_, DoorError>(store.org(&org))
    };
    Ok(match question {
        Question::Accept { org, soon, runs } => {
            let runs = runs.into_iter().map(KeptRun::into_new).collect();
            let taken = core.take_in(&to_org(&org)?, runs, soon, None).await?;
            let ids: Vec<RunId> = taken.into_iter().map(|run| run.id).collect();
            json(&ids)?
        }
        Question::DeleteAgent { org, agent } => {
            json(&to_org(&org)?.without_turns().delete_agent(&agent).await?)?
        }
        Question::Settle { patience_ms } => {
            json(&core.settle(Duration::from_millis(patience_ms)).await)?
        }
        Question::Quarantined { org, limit } => {
            json(&core.quarantined(org.map(OrgId), limit).await?)?
        }
        Question::Retry { ids, with_new_ids } => {
            json(&core.retry(store, ids.as_deref(), with_new_ids).await?)?
        }
    })
}

fn json<T: Serialize>(value: &T) -> Result<Box<RawValue>, DoorError> {
    serde_json::value::to_raw_value(value).map_err(|error| DoorError::Disk(error.into()))
}

/// The spool of a server that runs elsewhere on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    folder: Arc<Folder>,
}

impl Remote {
    /// The spool of the server that has this folder, if there is one.
    pub(crate) async fn find(dir: &Path) -> Option<Self> {
        let folder = Folder::open(dir).ok()?;
        folder.connect().await.ok()?;
        Some(Self { folder: Arc::new(folder) })
    }

    async fn ask<T: DeserializeOwned>(&self, question: &Question) -> Result<T, DoorError> {
        let answer = self.exchange(question).await.map_err(DoorError::Disk)?;
        let value = answer.map_err(DoorError::Remote)?;
        serde_json::from_str(value.get()).map_err(|error| DoorError::Disk(error.into()))
    }

    async fn exchange(&self, question: &Question) -> io::Result<Result<Box<RawValue>, String>> {
        let (reader, mut writer) = self.folder.connect().await?.into_split();
        write_line(&mut writer, question).await?;
        let answer = read_line(&mut BufReader::new(reader)).await?;
        answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    pub(crate) async fn accept(
        &self,
        org: &Org,
        runs: Vec<NewRun>,
        soon: bool,
    ) -> Result<Vec<IngestedRun>, DoorError> {
        let agents: Vec<AgentSlug> = runs.iter().map(|new| new.run.agent.clone()).collect();
        let runs = runs.into_iter().map(KeptRun::from).collect();
        let ids: Vec<RunId> =
            self.ask(&Question::Accept { org: OrgName::from(org), soon, runs }).await?;
        Ok(ids.into_iter().zip(agents).map(|(id, agent)| IngestedRun { id, agent }).collect())
    }

    pub(crate) async fn delete_agent(
        &self,
        org: &OrgStore,
        agent: &AgentSlug,
    ) -> Result<Option<DeletedAgent>, DoorError> {
        let question = Question::DeleteAgent { org: org.org().into(), agent: agent.clone() };
        self.ask(&question).await
    }

    pub(crate) async fn settle(&self, patience: Duration) -> bool {
        let patience_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.ask(&Question::Settle { patience_ms }).await.unwrap_or(false)
    }

    pub(crate) async fn quarantined(
        &self,
        org: Option<OrgId>,
        limit: usize,
    ) -> Result<Vec<Quarantined>, DoorError> {
        self.ask(&Question::Quarantined { org: org.map(|org| org.0), limit }).await
    }

    pub(crate) async fn retry(
        &self,
        ids: Option<&[RunId]>,
        with_new_ids: bool,
    ) -> Result<u64, DoorError> {
        self.ask(&Question::Retry { ids: ids.map(<[_]>::to_vec), with_new_ids }).await
    }
}

async fn read_line<T: DeserializeOwned>(
    reader: &mut (impl AsyncBufReadExt + Unpin),
) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    let read = reader.take(MAX_LINE).read_until(b'\n', &mut line).await?;
    if read == 0 { Ok(None) } else { Ok(Some(serde_json::from_slice(&line)?)) }
}

async fn write_line(
    writer: &mut (impl AsyncWriteExt + Unpin),
    value: &impl Serialize,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    writer.write_all(&line).await?;
    writer.flush().await
}
