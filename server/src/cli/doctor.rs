//! `runs doctor`: checks what can be checked and says what to do.

use std::path::Path;

use clap::Args;
use embedded::{EngineEndpoint, find_libchdb};
use serde::Serialize;

use super::{CliError, output};
use crate::config::{Config, Engine};
use crate::engine::Connected;
use crate::engine::spool_dir;
use crate::error::Chain;
use crate::private::open_places;
use crate::web::connections::Bounds;
use crate::web::files::OpenFiles;

/// The engine needs room to merge what it has.
const LEAST_FREE_BYTES: u64 = 1_000_000_000;

#[derive(Args)]
pub(super) struct Doctor {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Problem,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    message: String,
}

impl Doctor {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let mut findings = vec![
            finding("configuration", Ok("every variable is well-formed".to_owned())),
            data_dir(config),
            open_files(OpenFiles::read().most),
        ];
        let has_data_dir = config.data_dir.is_dir();
        if has_data_dir {
            findings.push(finding("privacy", privacy(&config.data_dir)));
            findings.push(disk(&config.data_dir));
            findings.extend(damaged(&spool_dir(config)));
        }
        findings.push(site(config));
        if let Engine::Embedded { library } = &config.engine {
            let found = find_libchdb(library.as_deref());
            findings.push(finding(
                "engine library",
                found.map(|path| path.display().to_string()).map_err(|e| e.to_string()),
            ));
            findings.push(finding("running server", Ok(running(&config.data_dir))));
        }
        // A check makes no data directory.
        if has_data_dir || matches!(config.engine, Engine::External { .. }) {
            findings.push(finding("engine and migrations", engine(config).await));
        }
        self.report(&findings)
    }

    fn report(&self, findings: &[Finding]) -> Result<(), CliError> {
        if self.json {
            output::print_json(&findings)?;
        } else {
            for Finding { check, verdict, message } in findings {
                let mark = match verdict {
                    Verdict::Ok => "ok",
                    Verdict::Warning => "warning",
                    Verdict::Problem => "PROBLEM",
                };
                output::print(format_args!("{mark:<8} {check}: {message}"))?;
            }
        }
        match findings.iter().filter(|finding| finding.verdict == Verdict::Problem).count() {
            0 => Ok(()),
            count => Err(CliError::Failed(format!("{count} of {} checks failed", findings.len()))),
        }
    }
}

fn finding(check: &'static str, outcome: Result<String, String>) -> Finding {
    match outcome {
        Ok(message) => Finding { check, verdict: Verdict::Ok, message },
        Err(message) => Finding { check, verdict: Verdict::Problem, message },
    }
}

fn data_dir(config: &Config) -> Finding {
    let check = "data directory";
    let dir = std::path::absolute(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    let shown = dir.display();
    if !dir.exists() {
        let message = format!(
            "{shown} does not exist; `runs serve` creates it. If a server is running, set RUNS_DATA_DIR to its data directory"
        );
        return Finding { check, verdict: Verdict::Warning, message };
    }
    let probed = probe(&dir).map(|()| format!("{shown} can be written to"));
    finding(
        check,
        probed.map_err(|error| {
            format!("{shown} cannot be written to: {error}; change its owner, or set RUNS_DATA_DIR")
        }),
    )
}

/// How many clients can be connected, as far as files that may be open go.
fn open_files(most: u64) -> Finding {
    let check = "open files";
    let (connections, wanted) = (Bounds::within(most).connections, Bounds::default().connections);
    if connections >= wanted {
        let message = format!("{connections} clients can be connected at once");
        return Finding { check, verdict: Verdict::Ok, message };
    }
    let message = format!(
        "this process may have {most} files open, so that only {connections} clients can be connected at once; raise the hard limit (LimitNOFILE= of a systemd service, --ulimit nofile= of a container, ulimit -Hn)"
    );
    Finding { check, verdict: Verdict::Warning, message }
}

/// Whether other users of the machine are kept out.
fn privacy(dir: &Path) -> Result<String, String> {
    let open = open_places(dir);
    if open.is_empty() {
        return Ok("other users of this machine cannot read the data directory".to_owned());
    }
    let modes = open.iter().map(|(place, mode)| format!("{} has mode {mode:o}", place.display()));
    let places = open.iter().map(|(place, _)| place.display().to_string());
    Err(format!(
        "other users of this machine can read runs: {}; restart the server to fix it, or run: chmod go= {}",
        modes.collect::<Vec<_>>().join(", "),
        places.collect::<Vec<_>>().join(" ")
    ))
}

/// Pieces of the spool that may hold what runs say, and that no deletion of an agent finds.
fn damaged(spool: &Path) -> Option<Finding> {
    let check = "damaged pieces of the spool";
    let found = match spool::nameless_pieces(spool) {
        Ok(found) => found,
        Err(error) => return Some(finding(check, Err(error.to_string()))),
    };
    let first = found.first()?;
    let message = format!(
        "{} cannot be read, so deleting an agent leaves them as they are; remove them once nobody needs them: {}{}",
        found.len(),
        first.display(),
        if found.len() > 1 { " and others beside it" } else { "" }
    );
    Some(Finding { check, verdict: Verdict::Warning, message })
}

fn disk(dir: &Path) -> Finding {
    let check = "disk";
    match rustix::fs::statvfs(dir) {
        Ok(disk) => {
            let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
            let gigabytes = free_bytes as f64 / 1e9;
            let (verdict, advice) = match free_bytes {
                0..LEAST_FREE_BYTES => {
                    (Verdict::Problem, "; free some space before runs are refused")
                }
                _ => (Verdict::Ok, ""),
            };
            Finding { check, verdict, message: format!("{gigabytes:.1} GB free{advice}") }
        }
        Err(error) => finding(check, Err(format!("cannot read free space: {error}"))),
    }
}

fn probe(dir: &Path) -> std::io::Result<()> {
    let file = dir.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&file, b"probe")?;
    std::fs::remove_file(file)
}

fn site(config: &Config) -> Finding {
    match &config.site.root {
        Some(root) => finding("web app", Ok(root.display().to_string())),
        None => Finding {
            check: "web app",
            verdict: Verdict::Warning,
            message: "not built; run `make build`, or set LEPTOS_SITE_ROOT to its folder"
                .to_owned(),
        },
    }
}

fn running(data_dir: &Path) -> String {
    match EngineEndpoint::read(data_dir) {
        Ok(endpoint) => format!("engine at {}", endpoint.url),
        Err(_) => "none for this data directory".to_owned(),
    }
}

async fn engine(config: &Config) -> Result<String, String> {
    let connected = Connected::attach(config).await.map_err(|error| Chain(&error).to_string())?;
    let orgs = connected.store.orgs().await;
    connected.stop().await;
    let count = orgs.map_err(|error| Chain(&error).to_string())?.len();
    Ok(format!("the engine responds, migrations are applied, {count} organizations"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_files_are_told_with_what_they_are_enough_for() {
        let told = open_files(1_024);
        assert!(told.verdict == Verdict::Warning && told.message.contains("only 384 clients"));
        assert!(open_files(1 << 20).verdict == Verdict::Ok);
    }
}
