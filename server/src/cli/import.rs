//! `runs import`: runs out of a file, its own or another tool's.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use model::{AgentSlug, CompleteContext, IncomingRun, Json, NewRun, OrgSlug, Source};
use serde::Serialize;
use spool::Door;
use store::OrgStore;
use tokio::sync::mpsc;

use super::{CliError, DRAIN, chosen_org, output, parse_new_org, with_door};
use crate::auth::setup::find_or_create_org;
use crate::clock::now;
use crate::config::Config;
use crate::import::{Converted, FileKind, Hints, Record, RecordError, for_each_record};
use crate::prices;

/// Runs that are stored at once.
const BATCH_RUNS: usize = 500;
/// Bytes of records that are stored at once.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// Batches after which the import waits until they are drained, so that it does not
/// fill the spool.
const BATCHES_AHEAD: u32 = 20;
/// Problems that are told one by one.
const MAX_PROBLEMS: usize = 100;
/// Names of fields without a place that are told.
const MAX_UNMAPPED: usize = 50;

#[derive(Args)]
pub(super) struct Import {
    /// The file; - is standard input
    file: PathBuf,
    /// The organization, made when it is missing; unset, that of RUNS_ORG, else the only one
    #[arg(long, value_parser = parse_new_org)]
    org: Option<OrgSlug>,
    /// What wrote the file; unset, its first record tells
    #[arg(long, value_enum)]
    format: Option<FileKind>,
    /// The agent of runs that name none
    #[arg(long, value_parser = parse_agent, default_value = "default")]
    agent: AgentSlug,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// What came of an import.
#[derive(Default, Serialize)]
struct Outcome {
    org: String,
    format: Option<&'static str>,
    records: u64,
    /// Runs that are stored now, those included that were before.
    accepted: u64,
    rejected: u64,
    /// Records without a run in them, by the reason.
    skipped: BTreeMap<String, u64>,
    /// Fields without a place in a run, and how often they came.
    unmapped: BTreeMap<String, u64>,
    /// The first problems.
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    record: u64,
    error: String,
}

/// Takes records, gathers their runs and stores them.
struct Importer<'a> {
    door: &'a Door,
    store: &'a OrgStore,
    ahead: u32,
    hints: Hints,
    format: Option<FileKind>,
    outcome: Outcome,
    batch: Vec<(u64, NewRun)>,
    batch_bytes: usize,
    /// How often runs without an id came, by their text.
    nameless: HashMap<u128, u32>,
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let (file, size) = open(&self.file)?;
        let (outcome, ended) = with_door(config, async |store, door| {
            let org = chosen_org(store, self.org.as_ref(), config).await?;
            let org = find_or_create_org(store, &org).await?;
            let store = store.org(&org);
            let mut importer = Importer {
                door,
                store: &store,
                ahead: 0,
                hints: Hints { agent: self.agent.to_string() },
                format: self.format,
                outcome: Outcome { org: org.slug.to_string(), ..Outcome::default() },
                batch: Vec::new(),
                batch_bytes: 0,
                nameless: HashMap::new(),
            };
            let ended = importer.read(file, size).await?;
            if !door.settle(DRAIN).await {
                output::tell("accepted; they will be stored once the database is available");
            }
            Ok((importer.outcome, ended))
        })
        .await?;
        report(&outcome, self.json)?;
        ended.map_err(|error| CliError::Failed(error.to_string()))?;
        match outcome.rejected {
            0 => Ok(()),
            rejected => Err(CliError::Failed(format!(
                "{rejected} of {} records could not be imported",
                outcome.accepted + rejected
            ))),
        }
    }
}

type Reader = Box<dyn BufRead + Send>;

fn open(path: &Path) -> Result<(Reader, u64), CliError> {
    if path == Path::new("-") {
        return Ok((Box::new(BufReader::new(stdin())), 0));
    }
    let cannot = |cause| CliError::Failed(format!("cannot open {}: {cause}", path.display()));
    let file = File::open(path).map_err(cannot)?;
    let size = file.metadata().map_err(cannot)?.len();
    Ok((Box::new(BufReader::with_capacity(1 << 20, file)), size))
}

impl Importer<'_> {
    /// Reads the file to its end, or to where it cannot be read any more.
    async fn read(&mut self, file: Reader, size: u64) -> Result<Result<(), RecordError>, CliError> {
        let (send, mut records) = mpsc::channel::<Record>(8);
        let reading = tokio::task::spawn_blocking(move || {
            for_each_record(file, &mut |record| send.blocking_send(record).is_ok())
        });
        let mut progress = output::Progress::new(size, "bytes");
        let mut position = 0;
        while let Some(record) = records.recv().await {
            progress.advance(record.position.saturating_sub(position));
            position = record.position;
            self.take(record)?;
            if self.batch.len() >= BATCH_RUNS || self.batch_bytes >= BATCH_BYTES {
                self.flush().await?;
            }
        }
        self.flush().await?;
        progress.finish();
        reading.await.map_err(|error| CliError::Failed(error.to_string()))
    }

    fn take(&mut self, record: Record) -> Result<(), CliError> {
        self.outcome.records += 1;
        let number = record.number;
        let text = match record.text {
            Ok(text) => text,
            Err(error) => {
                self.refuse(number, error);
                return Ok(());
            }
        };
        let Some(format) = self.format_of(number, &text)? else { return Ok(()) };
        match format.convert(&text, &self.hints) {
            Ok(Converted { runs, unmapped, skipped }) => {
                if let Some(reason) = skipped {
                    *self.outcome.skipped.entry(reason).or_default() += 1;
                }
                for field in unmapped {
                    let count = self.outcome.unmapped.len();
                    match self.outcome.unmapped.get_mut(&field) {
                        Some(times) => *times += 1,
                        None if count < MAX_UNMAPPED => {
                            self.outcome.unmapped.insert(field, 1);
                        }
                        None => {}
                    }
                }
                self.batch_bytes += text.len();
                for run in runs {
                    self.complete(number, run, &text);
                }
            }
            Err(error) => self.refuse(number, error),
        }
        Ok(())
    }

    /// The kind of the file, told by the first record that can be read.
    fn format_of(&mut self, number: u64, text: &str) -> Result<Option<FileKind>, CliError> {
        if self.format.is_none() {
            // The values stay as they are: a number may be beyond every double.
            let value: HashMap<String, Json> = match serde_json::from_str(text) {
                Ok(value) => value,
                Err(error) => {
                    self.refuse(number, format!("no JSON object: {error}"));
                    return Ok(None);
                }
            };
            self.format = Some(FileKind::detect(&value).ok_or_else(|| {
                CliError::Failed("unrecognized format; pass --format".to_owned())
            })?);
        }
        self.outcome.format = self.format.map(FileKind::as_str);
        Ok(self.format)
    }

    fn complete(&mut self, number: u64, mut run: IncomingRun, text: &str) {
        if run.id.is_none() {
            run.id = Some(self.name_of(text));
        }
        let context = CompleteContext {
            now: now(),
            random: rand::random(),
            default_source: Source::Import,
            price: &prices::cost,
        };
        match run.complete(&context) {
            Ok(run) => self.batch.push((number, run)),
            Err(error) => self.refuse(number, error.to_string()),
        }
    }

    /// A name for a run that has none: the same when the file is read again,
    /// another for a line that stands in it twice.
    fn name_of(&mut self, text: &str) -> String {
        let hash = |text: &[u8]| {
            let mut half = [0; 16];
            half.copy_from_slice(&blake3::hash(text).as_bytes()[..16]);
            half
        };
        let content = hash(text.as_bytes());
        let times = self.nameless.entry(u128::from_be_bytes(content)).or_default();
        *times += 1;
        let named = [content.as_slice(), times.to_be_bytes().as_slice()].concat();
        uuid::Builder::from_custom_bytes(hash(&named)).into_uuid().to_string()
    }

    async fn flush(&mut self) -> Result<(), CliError> {
        self.batch_bytes = 0;
        let (numbers, runs): (Vec<u64>, Vec<NewRun>) = self.batch.drain(..).unzip();
        let outcomes = self.door.accept(self.store, runs).await?;
        for (number, outcome) in numbers.into_iter().zip(outcomes) {
            match outcome {
                Ok(_) => self.outcome.accepted += 1,
                Err(error) => self.refuse(number, error.to_string()),
            }
        }
        self.ahead += 1;
        if self.ahead >= BATCHES_AHEAD {
            self.ahead = 0;
            self.door.settle(DRAIN).await;
        }
        Ok(())
    }

    fn refuse(&mut self, record: u64, error: String) {
        self.outcome.rejected += 1;
        if self.outcome.problems.len() < MAX_PROBLEMS {
            output::tell(format_args!("record {record}: {error}"));
            self.outcome.problems.push(Problem { record, error });
        } else if self.outcome.rejected == MAX_PROBLEMS as u64 + 1 {
            output::tell("more problems follow; only their number is reported");
        }
    }
}

fn report(outcome: &Outcome, json: bool) -> Result<(), CliError> {
    if json {
        return output::print_json(outcome);
    }
    for (reason, count) in &outcome.skipped {
        output::tell(format_args!("skipped {count} records: {reason}"));
    }
    for (field, count) in &outcome.unmapped {
        output::tell(format_args!("ignored field {field} ({count} records)"));
    }
    output::print(format_args!(
        "Imported {} runs to {}, {} rejected",
        outcome.accepted, outcome.org, outcome.rejected
    ))
}

fn parse_agent(text: &str) -> Result<AgentSlug, String> {
    AgentSlug::new(text).map_err(|error| error.to_string())
}
