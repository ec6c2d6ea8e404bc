//! The engine is stopped, as a debugger or a frozen container does: it neither
//! answers nor goes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::journal::Journal;
use crate::load::Load;
use crate::process::{KEY, Server, Start, signal};
use crate::verify::verify;
use crate::{Failure, Outcome, Stage};

const CALM: Duration = Duration::from_millis(250);
/// The longest that any page or call may take while the engine hangs.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long the server may take to put another engine in its place.
const REPLACED: Duration = Duration::from_secs(90);

const PAGES: [&str; 10] = [
    "/chaos/agents",
    "/chaos/agents/agent-1/runs",
    "/chaos/runs",
    "/chaos/agents/agent-1/stats",
    "/chaos/agents/agent-1/versions",
    "/chaos/agents/agent-1/playground",
    "/chaos/settings/status",
    "/chaos/settings/keys",
    "/v1/_/agents",
    "/v1/_/runs?q=text",
];

/// Stops the engine for good; everything must answer, runs must be taken in and found
/// by their ids, and another engine must come.
///
/// # Errors
/// When a page hangs, a run is lost, or no other engine comes.
pub async fn hung_engine(stage: &Stage) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let mut server = Server::start(stage, data.path(), &Start::on_free_port()?).await?;
    let journal = Arc::new(Journal::default());
    let load = Load::start(stage, &server.base, Arc::clone(&journal), CALM)?;
    // Keys and names must have been seen once to be known while the engine hangs.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for page in PAGES {
        server.get(page).await?.bytes().await?;
    }

    let hung = server.engine().ok_or("there is no engine to hang")?;
    let before = journal.acknowledged();
    signal("-STOP", hung).await?;
    let began = Instant::now();
    for round in ["first", "again"] {
        for page in PAGES {
            let asked = Instant::now();
            let answer = tokio::time::timeout(PATIENCE, server.get(page)).await;
            let answer = answer.map_err(|_| format!("{page} hangs with the engine"))??;
            let (status, waits) = (answer.status(), answer.headers().contains_key("retry-after"));
            answer.bytes().await?;
            eprintln!("  {round}: {page} {status} after {:.2?}", asked.elapsed());
            if status.as_u16() == 503 && !waits {
                return Err(format!("{page} is refused without Retry-After").into());
            }
            if status.is_server_error() && status.as_u16() != 503 {
                return Err(format!("{page} answers {status}").into());
            }
        }
    }
    let status = server.get("/chaos/settings/status").await?.text().await?;
    if server.engine() == Some(hung) && !status.contains("not responding") {
        return Err("the status page does not say that the database does not answer".into());
    }
    read_back(&server, &journal).await?;
    while server.engine().is_none_or(|engine| engine == hung) {
        if began.elapsed() > REPLACED {
            return Err("the engine that hangs is not replaced".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    server.wait_until_ready().await?;
    eprintln!(
        "  another engine answers {:.1?} after the first stopped; {} runs acknowledged meanwhile",
        began.elapsed(),
        journal.acknowledged() - before
    );
    if journal.acknowledged() == before {
        return Err("nothing was accepted while the engine hung".into());
    }
    load.stop().await;
    let verdict = verify(&server, &journal).await?;
    server.stop().await?;
    Ok(Outcome::Held(verdict))
}

/// A run that comes in while the engine hangs is there at once.
async fn read_back(server: &Server, journal: &Journal) -> Result<(), Failure> {
    let number = journal.numbers(1)[0];
    let run = json!({
        "agent": "agent-1",
        "input": { "number": number },
        "output": { "number": number },
        "metadata": { "number": number },
    });
    let url = format!("{}/v1/runs", server.base);
    let sent = server.client.post(url).bearer_auth(KEY).json(&run).send().await?;
    let receipt: Value = serde_json::from_str(&sent.text().await?)?;
    let id = receipt["runs"][0]["id"].as_str().ok_or("the run was not taken in")?;
    journal.acknowledge(number, id);
    let found = tokio::time::timeout(PATIENCE, server.get(&format!("/v1/_/runs/{id}"))).await??;
    let status = found.status();
    if !status.is_success() {
        return Err(format!("a run of the spool is not found: {status}").into());
    }
    Ok(())
}
