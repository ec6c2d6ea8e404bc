//! Times the program itself: its start, its pages, its memory, its files.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::process::{Child, Command};

use crate::report::Report;
use crate::{Failure, corpus};

/// Opens the benchmark's organization.
pub const KEY: &str = "rk_bench_0123456789abcdef0123456789";
const READY_PATIENCE: Duration = Duration::from_secs(60);

pub async fn measure(
    program: &Path,
    data: &Path,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let started = Instant::now();
    let (mut server, base) = start(program, data, &[]).await?;
    let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
    report.figure(
        "runs serve to ready",
        "2 s",
        format!("{:.2} s", started.elapsed().as_secs_f64()),
    );

    let agent = corpus::agent(0);
    let list = format!("{base}/bench/agents/{agent}/runs");
    let newest = client
        .get(format!("{base}/v1/bench/agents/{agent}/runs?limit=1"))
        .bearer_auth(KEY)
        .send()
        .await?
        .json::<serde_json::Value>()
        .await?;
    let id = newest["items"][0]["id"].as_str().ok_or("no run is listed")?.to_owned();
    for (what, url) in [
        ("first byte: runs list page", list.clone()),
        ("first byte: runs list page, searched", format!("{list}?q=zyzzyva")),
        ("first byte: run page", format!("{list}/{id}")),
        ("first byte: prompt page", format!("{list}/{id}/prompt")),
        ("first byte: agents page", format!("{base}/bench/agents")),
        ("REST: newest 50", format!("{base}/v1/bench/agents/{agent}/runs?limit=50")),
        ("REST: one run", format!("{base}/v1/bench/runs/{id}")),
    ] {
        let samples = first_bytes(&client, &url, repeat).await?;
        report.timings(what, "30", samples);
    }
    report.figure("resident memory, server + engine", "1.5 GB", resident(&server)?);
    stop(&mut server).await?;
    Ok(())
}

/// Starts the program, waits until it is ready, and gives its address.
pub async fn start(
    program: &Path,
    data: &Path,
    extra: &[(&str, &str)],
) -> Result<(Child, String), Failure> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let base = format!("http://127.0.0.1:{port}");
    let server = Command::new(program)
        .arg("serve")
        .env("RUNS_ADDR", format!("127.0.0.1:{port}"))
        .env("RUNS_DATA_DIR", data)
        .env("RUNS_ORG", "bench")
        .env("RUNS_API_KEY", KEY)
        .env("RUST_LOG", "warn")
        .envs(extra.iter().copied())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
    wait_until_ready(&client, &base).await?;
    Ok((server, base))
}

async fn wait_until_ready(client: &Client, base: &str) -> Result<(), Failure> {
    let deadline = Instant::now() + READY_PATIENCE;
    while Instant::now() < deadline {
        let answer = client.get(format!("{base}/readyz")).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("the server was not ready after 60 s".into())
}

async fn first_bytes(client: &Client, url: &str, repeat: usize) -> Result<Vec<Duration>, Failure> {
    let mut samples = Vec::with_capacity(repeat);
    for i in 0..=repeat {
        let at = Instant::now();
        let mut answer =
            client.get(url).bearer_auth(KEY).header("accept", "text/html,*/*").send().await?;
        if !answer.status().is_success() {
            return Err(format!("{url} answered {}", answer.status()).into());
        }
        answer.chunk().await?;
        if i > 0 {
            samples.push(at.elapsed());
        }
        while answer.chunk().await?.is_some() {}
    }
    Ok(samples)
}

/// Resident bytes of the server and the processes it started, from `/proc`.
fn resident(server: &Child) -> Result<String, Failure> {
    let server = server.id().ok_or("the server has ended")?;
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"))?;
    let mut processes = vec![server.to_string()];
    processes.extend(children.split_whitespace().map(str::to_owned));
    for task in fs::read_dir(format!("/proc/{server}/task"))? {
        let children = fs::read_to_string(task?.path().join("children")).unwrap_or_default();
        processes.extend(children.split_whitespace().map(str::to_owned));
    }
    processes.sort_unstable();
    processes.dedup();
    let mut kilobytes = 0;
    for process in processes {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        kilobytes += status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
            .unwrap_or(0);
    }
    Ok(format!("{:.0} MB", kilobytes as f64 / 1024.0))
}

/// Stops the program as an operator would.
pub async fn stop(server: &mut Child) -> Result<(), Failure> {
    let id = server.id().ok_or("the server has ended")?;
    Command::new("kill").arg(id.to_string()).status().await?;
    tokio::time::timeout(Duration::from_secs(20), server.wait()).await??;
    Ok(())
}

/// What the browser loads, as brotli.
pub fn assets(folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".wasm.br") || name.ends_with(".js.br") {
            bytes += file.metadata()?.len();
        }
    }
    report.figure("WebAssembly + JS, brotli", "400 KB", format!("{:.0} KB", bytes as f64 / 1e3));
    Ok(())
}
