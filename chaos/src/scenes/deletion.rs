//! Agents are deleted while others work, once in peace and once with a kill in the middle.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::StatusCode;

use crate::engine::Engine;
use crate::journal::Journal;
use crate::load::Load;
use crate::marked::Marked;
use crate::process::{KEY, Server, Start, Victim};
use crate::verify::verify;
use crate::{Failure, Outcome, Stage};

/// How long after its deletion an agent may still be on the disk.
const BUDGET: Duration = Duration::from_secs(300);
/// Every run is read back in the end, so there should not be millions.
const CALM: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_secs(1);
/// How often a deletion is begun anew whose kill came before it was taken in.
const MAX_ATTEMPTS: u32 = 20;
/// What a span without content waits for records, and a little more.
const SPANS_WAIT: Duration = Duration::from_secs(8);

/// Deletes an agent with a mark in every field, kills the server while it deletes
/// another, and looks for the marks in every file.
///
/// # Errors
/// When a mark is found five minutes after a deletion, when an agent comes back, when a
/// run of another agent is lost, or a server cannot be started.
pub async fn deletion(stage: &Stage) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let start = Start::on_free_port()?;
    let mut rng = ChaCha8Rng::seed_from_u64(stage.seed);
    let journal = Arc::new(Journal::default());
    let mut server = Server::start(stage, data.path(), &start).await?;
    let load = Load::start(stage, &server.base, Arc::clone(&journal), CALM)?;

    let first = Marked::new("in-peace", &mut rng);
    first.fill(&server).await?;
    eprintln!("  {} files hold a mark before the deletion", first.files(data.path())?.len());
    first.let_spans_wait(&server).await?;
    let talk = first.talk(&server).await?;
    let status = first.delete(&server).await?;
    if !status.is_success() {
        return Err(format!("the deletion answers {status}").into());
    }
    let began = Instant::now();
    // It has been under way since before the deletion.
    talk.text().await?;
    tokio::time::sleep(SPANS_WAIT).await;
    first.must_be_gone(&server).await?;
    let gone_after = wait_until_erased(data.path(), &first, began).await?;
    eprintln!("  deleted in peace: no file holds a mark after {gone_after:.0?}");

    let second = Marked::new("in-strife", &mut rng);
    second.fill(&server).await?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let (client, url) = (server.client.clone(), second.url(&server));
        let deleting = tokio::spawn(client.delete(url).bearer_auth(KEY).send());
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..200))).await;
        server.kill(Victim::Server).await?;
        let _ = deleting.await;
        server = Server::start(stage, data.path(), &start).await?;
        // Taken in, it is gone through with and not asked for again.
        if second.is_gone(&server).await? {
            break;
        }
        if attempts == MAX_ATTEMPTS {
            return Err("no deletion was taken in before its kill".into());
        }
    }
    let gone_after = wait_until_erased(data.path(), &second, Instant::now()).await?;
    second.must_be_gone(&server).await?;
    eprintln!(
        "  killed in the middle of deletion {attempts}: no file holds a mark {gone_after:.0?} \
         after the start"
    );
    load.stop().await;
    let verdict = verify(&server, &journal).await?;
    server.stop().await?;
    Ok(Outcome::Held(verdict))
}

/// Waits until no file holds a mark, and the engine neither a row of a deleted agent nor
/// a part from before: most of what it writes is packed, where no mark can be seen.
async fn wait_until_erased(
    data: &Path,
    marked: &Marked,
    began: Instant,
) -> Result<Duration, Failure> {
    let engine = Engine::of(data)?;
    loop {
        let held = marked.files(data)?;
        let rows = engine.rows_of_deleted_agents().await?;
        let parts = engine.parts_replaced_before(began.elapsed()).await?;
        if held.is_empty() && rows == 0 && parts == 0 {
            return Ok(began.elapsed());
        }
        if began.elapsed() > BUDGET {
            let first = held.first().map(String::as_str).unwrap_or("none");
            return Err(format!(
                "{} files hold a mark, the first: {first}; {rows} rows and {parts} parts are left",
                held.len()
            )
            .into());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Marked {
    fn url(&self, server: &Server) -> String {
        format!("{}/v1/_/agents/{}", server.base, self.agent)
    }

    async fn delete(&self, server: &Server) -> Result<StatusCode, Failure> {
        let request = server.client.delete(self.url(server)).bearer_auth(KEY);
        Ok(request.timeout(BUDGET).send().await?.status())
    }

    async fn is_gone(&self, server: &Server) -> Result<bool, Failure> {
        let path = format!("/v1/_/agents/{}", self.agent);
        match server.get(&path).await?.status() {
            StatusCode::NOT_FOUND => Ok(true),
            StatusCode::OK => Ok(false),
            other => Err(format!("an agent answers {other}").into()),
        }
    }

    async fn must_be_gone(&self, server: &Server) -> Result<(), Failure> {
        match self.is_gone(server).await? {
            true => Ok(()),
            false => Err(format!("agent {} is back", self.agent).into()),
        }
    }
}
