//! Starts one child and sees it to its end.

use super::SupervisorOptions;
use crate::child::{Report, SUPERVISED};
use crate::error::EngineError;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long a child gets to stop cleanly.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The variables that a child is given: where its libraries and temporary files are, and
/// how it logs.
const PASSED_ON: [&str; 5] =
    ["LD_LIBRARY_PATH", "TMPDIR", "RUST_BACKTRACE", "RUST_LOG", "RUNS_LOG_FORMAT"];

/// A child that answers.
pub(super) struct Launched {
    child: Child,
    /// Its end tells the child to stop.
    stdin: ChildStdin,
    /// Held so that nothing the child prints can break it.
    _stdout: Lines<BufReader<ChildStdout>>,
    pub(super) address: SocketAddr,
}

/// Starts a child and waits until it answers. A child that does not is killed.
pub(super) async fn launch(options: &SupervisorOptions) -> Result<Launched, EngineError> {
    let mut command = Command::new(&options.executable);
    command
        .args(&options.args)
        // Secrets of the server stay out of a process that has no use for them.
        .env_clear()
        .envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .env(SUPERVISED, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Out of our process group: neither Ctrl-C at the terminal nor the
        // engine's SYSTEM SHUTDOWN, which signals its group, may cross over.
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(EngineError::io("start", &options.executable))?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let Some((mut stdin, stdout)) = pipes else {
        return Err(EngineError::Child("the engine process has no pipes".to_owned()));
    };
    let mut lines = BufReader::new(stdout).lines();
    let mut orders = serde_json::to_vec(&options.engine)
        .map_err(|error| EngineError::Options(error.to_string()))?;
    orders.push(b'\n');
    let dialogue = async {
        // A child that ended already says why by its report or its status.
        let _ = stdin.write_all(&orders).await;
        lines.next_line().await
    };
    let line = timeout(options.ready_timeout, dialogue)
        .await
        .map_err(|_| EngineError::NotReady(options.ready_timeout))?
        .map_err(EngineError::doing("read from the engine process"))?;
    let Some(line) = line else {
        let status = child.wait().await.map_err(EngineError::doing("wait for the engine"))?;
        return Err(EngineError::ChildExited { status: status.to_string() });
    };
    match serde_json::from_str(&line) {
        Ok(Report::Ready(url)) => {
            let address = url.strip_prefix("http://").and_then(|it| it.parse().ok());
            let address = address.ok_or_else(|| {
                EngineError::Child(format!("the engine reports no address: {url}"))
            })?;
            Ok(Launched { child, stdin, _stdout: lines, address })
        }
        Ok(Report::Failed(reason)) => Err(EngineError::Child(reason)),
        Err(_) => Err(EngineError::Child(format!(
            "{} is no engine process: it said {line:?}",
            options.executable.display()
        ))),
    }
}

impl Launched {
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end and says how it ended.
    pub(super) async fn wait(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Ends it at once, and waits until it has ended.
    pub(super) async fn kill(&mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::error!("cannot kill the engine: {error}");
        }
    }

    /// Asks it to stop, and kills it if it does not.
    pub(super) async fn stop(self) {
        let Self { mut child, stdin, .. } = self;
        drop(stdin);
        if timeout(STOP_PATIENCE, child.wait()).await.is_err() {
            tracing::error!("the engine does not stop; killing it");
            if let Err(error) = child.kill().await {
                tracing::error!("cannot kill the engine: {error}");
            }
        }
    }
}
