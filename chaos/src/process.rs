//! A server to torment.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::{Client, Response};
use tokio::process::{Child, Command};

use crate::{Failure, Stage};

/// The key that every scene's server is started with.
pub const KEY: &str = "rk_chaos_0123456789abcdef";
const READY_PATIENCE: Duration = Duration::from_secs(60);

/// A running `runs serve`. Dropping it kills it.
pub struct Server {
    child: Child,
    pub base: String,
    pub client: Client,
    /// From the start of the process until it was ready.
    pub ready_after: Duration,
}

/// Which process to kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    Server,
    Engine,
}

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Start {
    pub port: u16,
    /// More variables of the environment.
    pub variables: Vec<(String, String)>,
    /// A program that starts the server, with its arguments.
    pub wrapper: Vec<String>,
}

impl Start {
    /// On a port that is free now.
    pub fn on_free_port() -> Result<Self, Failure> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { port, ..Self::default() })
    }
}

/// A client that gives up on a server that hangs.
pub fn client() -> Result<Client, Failure> {
    Ok(Client::builder().timeout(Duration::from_secs(20)).no_proxy().build()?)
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub async fn start(stage: &Stage, data: &Path, start: &Start) -> Result<Self, Failure> {
        let mut command = match start.wrapper.split_first() {
            Some((wrapper, arguments)) => {
                let mut command = Command::new(wrapper);
                command.args(arguments).arg(&stage.program);
                command
            }
            None => Command::new(&stage.program),
        };
        let log = fs::File::options().create(true).append(true).open(data.join("server.log"))?;
        command
            .arg("serve")
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| !name.starts_with("RUNS_")))
            .env("RUNS_ADDR", format!("127.0.0.1:{}", start.port))
            .env("RUNS_DATA_DIR", data)
            .env("RUNS_ORG", "chaos")
            .env("RUNS_API_KEY", KEY)
            .env("RUST_LOG", "info")
            .envs(start.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if let Some(libchdb) = &stage.libchdb {
            command.env("RUNS_LIBCHDB", libchdb);
        }
        let began = Instant::now();
        let base = format!("http://127.0.0.1:{}", start.port);
        let mut server =
            Self { child: command.spawn()?, base, client: client()?, ready_after: Duration::ZERO };
        server.wait_until_ready().await?;
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Waits until the server says that it is ready.
    pub async fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + READY_PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("the server ended at its start: {status}").into());
            }
            if self.is_ready().await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("the server was not ready in time".into())
    }

    /// Whether the engine answers.
    pub async fn is_ready(&self) -> bool {
        let answer = self.client.get(format!("{}/readyz", self.base)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// A GET with the key.
    pub async fn get(&self, path: &str) -> Result<Response, Failure> {
        let url = format!("{}{path}", self.base);
        Ok(self.client.get(url).bearer_auth(KEY).send().await?)
    }

    /// A figure of `/metrics`.
    pub async fn metric(&self, name: &str) -> Result<f64, Failure> {
        let text = self.get("/metrics").await?.text().await?;
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
            .ok_or_else(|| format!("/metrics has no {name}").into())
    }

    /// Kills the server or its engine, as the kernel would.
    pub async fn kill(&mut self, victim: Victim) -> Result<(), Failure> {
        match victim {
            Victim::Server => {
                if let Some(pid) = self.server_pid() {
                    signal("-KILL", pid).await?;
                }
                // A wrapper ends with what it started.
                self.child.wait().await?;
            }
            Victim::Engine => {
                if let Some(pid) = self.engine() {
                    signal("-KILL", pid).await?;
                }
            }
        }
        Ok(())
    }

    /// The process id of the engine, if there is one now.
    pub fn engine(&self) -> Option<u32> {
        let server = self.server_pid()?;
        children(server).into_iter().find(|pid| {
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            arguments.split(|byte| *byte == 0).any(|argument| argument == b"clickhouse")
        })
    }

    /// The server itself, which a wrapper may have started.
    fn server_pid(&self) -> Option<u32> {
        let first = self.child.id()?;
        let serves = |pid: &u32| {
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            arguments.split(|byte| *byte == 0).any(|argument| argument == b"serve")
        };
        children(first).into_iter().find(serves).or(Some(first))
    }

    /// Asks the server to stop and waits for it.
    pub async fn stop(mut self) -> Result<(), Failure> {
        if let Some(pid) = self.server_pid() {
            signal("-TERM", pid).await?;
        }
        let status = tokio::time::timeout(Duration::from_secs(60), self.child.wait()).await??;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status}").into())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A wrapper would leave the server that it started behind.
        if let Some(pid) = self.server_pid() {
            let _ = std::process::Command::new("kill").arg("-KILL").arg(pid.to_string()).status();
        }
    }
}

/// Runs a command of the program beside the server on this folder; gives what it prints.
pub async fn command(stage: &Stage, data: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new(&stage.program);
    command
        .args(arguments)
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| !name.starts_with("RUNS_")))
        .env("RUNS_DATA_DIR", data);
    if let Some(libchdb) = &stage.libchdb {
        command.env("RUNS_LIBCHDB", libchdb);
    }
    let output = command.output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Sends a signal to one process.
pub async fn signal(name: &str, pid: u32) -> Result<(), Failure> {
    // A process that is gone already is as wanted.
    Command::new("kill").arg(name).arg(pid.to_string()).stderr(Stdio::null()).status().await?;
    Ok(())
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    tasks
        .filter_map(Result::ok)
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|text| text.parse().ok())
        .collect()
}
