//! One worker, seen from the server.

use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::frame;
use super::renderer::RendererOptions;

/// A process that renders templates. Dropping it kills it.
pub(super) struct Process {
    input: ChildStdin,
    output: ChildStdout,
    /// Held because its end is the process's.
    _child: Child,
}

/// Why a worker has no answer.
pub(super) enum Failed {
    /// It was gone before it had the request.
    Gone(io::Error),
    /// It had the request and ended over it.
    Died,
}

impl Process {
    /// Starts one; it knows nothing of the environment and holds no folder.
    pub(super) fn start(options: &RendererOptions) -> io::Result<Self> {
        let mut child = Command::new(&options.executable)
            .args(&options.args)
            .env_clear()
            .current_dir(Path::new("/"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An overflow of its stack is told there, and by its status.
            .stderr(Stdio::null())
            // Ctrl-C at the terminal is for the server, whose end ends this one too.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        match child.stdin.take().zip(child.stdout.take()) {
            Some((input, output)) => Ok(Self { input, output, _child: child }),
            None => Err(io::Error::other("the process has no pipes")),
        }
    }

    /// Sends a request and waits for its answer. One that is not waited for to its
    /// end leaves the process of no use.
    pub(super) async fn ask(&mut self, variables: &[u8], texts: &[u8]) -> Result<Vec<u8>, Failed> {
        self.send(variables, texts).await.map_err(Failed::Gone)?;
        frame::receive(&mut self.output).await.map_err(|_| Failed::Died)
    }

    async fn send(&mut self, variables: &[u8], texts: &[u8]) -> io::Result<()> {
        for bytes in [variables, texts] {
            self.input.write_all(&frame::head(bytes)?).await?;
            self.input.write_all(bytes).await?;
        }
        self.input.flush().await?;
        match self.output.read_u8().await? {
            frame::TAKEN => Ok(()),
            _ => Err(io::Error::other("the program renders no templates")),
        }
    }
}
