//! The command line.

mod agent;
mod clickhouse;
mod demo;
mod doctor;
mod export;
mod import;
mod key;
mod member;
mod org;
mod output;
mod serve;
mod spool_command;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use model::OrgSlug;
use spool::Door;
use store::{Org, Store, StoreError};

use crate::auth::bootstrap::BootstrapError;
use crate::auth::password::PasswordError;
use crate::auth::setup::SetupError;
use crate::auth::token::NoRandomness;
use crate::config::bootstrap::DEFAULT_ORG;
use crate::config::{Config, ConfigError, variables};
use crate::engine::{ConnectError, Connected};
use crate::error::Chain;
use crate::private;
use crate::telemetry::{self, Verbosity};

/// Store, search, read and replay every run of your LLM agents.
#[derive(Parser)]
#[command(name = "runs", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the web app and the API
    #[command(after_help = variables::help())]
    Serve,
    /// Run the embedded ClickHouse engine alone
    Clickhouse,
    /// Render message templates for the server that started this
    #[command(name = RENDER, hide = true)]
    RenderTemplates,
    /// Put sample runs into an organization
    Demo(demo::Demo),
    /// Read runs out of a file: our own lines, WorkflowAI, Langfuse, OpenAI
    Import(import::Import),
    /// Write runs as lines of JSON
    Export(export::Export),
    /// Manage organizations
    #[command(subcommand)]
    Org(org::OrgCommand),
    /// Manage members
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// Manage API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Manage agents
    #[command(subcommand)]
    Agent(agent::AgentCommand),
    /// Look after runs that could not be stored
    #[command(subcommand)]
    Spool(spool_command::SpoolCommand),
    /// Check everything that can be checked, and say what to do
    Doctor(doctor::Doctor),
}

/// The command by which a server starts processes that render templates.
const RENDER: &str = "render-templates";

/// How long a command waits until the runs that it brought can be found.
const DRAIN: Duration = Duration::from_secs(60);

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Engine(#[from] embedded::EngineError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Door(#[from] spool::DoorError),
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error(transparent)]
    Prices(#[from] crate::prices::PricesError),
    #[error(transparent)]
    Secret(#[from] crate::secrets::SecretError),
    #[error(transparent)]
    Upstream(#[from] upstream::UpstreamSetupError),
    #[error(transparent)]
    Templates(#[from] upstream::WorkerError),
    #[error(transparent)]
    Journal(#[from] crate::otlp::JournalError),
    #[error("cannot listen on {address}: {cause}; set RUNS_ADDR to another address")]
    Listen { address: std::net::SocketAddr, cause: std::io::Error },
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Failed(String),
    /// As `head` does that has seen enough.
    #[error("nobody reads the output any more")]
    OutputClosed,
}

impl CliError {
    fn no_org(slug: &OrgSlug) -> Self {
        Self::Failed(format!(
            "there is no organization {slug}; make it with: runs org create {slug}"
        ))
    }

    /// 2 for what was asked for wrongly, as for unknown arguments; else 1.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            // What a shell says of a program that was ended by SIGPIPE.
            Self::OutputClosed => 128 + 13,
            _ => 1,
        }
    }
}

/// Runs the command that the arguments of this process name.
#[must_use]
pub fn run() -> ExitCode {
    private::restrict_new_files();
    let arguments = Arguments::parse();
    match execute(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ CliError::OutputClosed) => ExitCode::from(error.exit_code()),
        Err(error) => {
            output::complain(&Chain(&error).to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

fn execute(command: Command) -> Result<(), CliError> {
    if matches!(command, Command::RenderTemplates) {
        // Before anything else has threads, files or settings.
        return Ok(upstream::serve_templates()?);
    }
    let config = Config::from_env()?;
    let verbosity = match command {
        Command::Serve | Command::Clickhouse => Verbosity::Server,
        _ => Verbosity::Command,
    };
    telemetry::init(verbosity, config.log_json);
    if let Some(path) = &config.prices {
        crate::prices::use_own(path)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::RenderTemplates => Ok(()),
            Command::Serve => serve::serve(config).await,
            Command::Clickhouse => clickhouse::serve(config).await,
            Command::Demo(demo) => demo.run(&config).await,
            Command::Import(import) => import.run(&config).await,
            Command::Export(export) => export.run(&config).await,
            Command::Org(command) => command.run(&config).await,
            Command::Member(command) => command.run(&config).await,
            Command::Key(command) => command.run(&config).await,
            Command::Agent(command) => command.run(&config).await,
            Command::Spool(command) => command.run(&config).await,
            Command::Doctor(doctor) => doctor.run(&config).await,
        }
    })
}

/// Does something with the store and lets go of the engine in any case.
async fn with_store<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Store) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let connected = Connected::attach(config).await?;
    let outcome = work(&connected.store).await;
    connected.stop().await;
    outcome
}

/// As [`with_store`], with the door for runs: that of the server on this data
/// directory, so that there is one spool, else one that is emptied at the end.
async fn with_door<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Store, &Door) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let connected = Connected::attach(config).await?;
    let outcome = match connected.attach_door(config).await {
        Ok(door) => {
            let outcome = work(&connected.store, &door).await;
            door.close(DRAIN).await;
            outcome
        }
        Err(error) => Err(error.into()),
    };
    connected.stop().await;
    outcome
}

async fn find_org(store: &Store, slug: &OrgSlug) -> Result<Org, CliError> {
    store.org_by_slug(slug).await?.ok_or_else(|| CliError::no_org(slug))
}

/// The organization that a command works in: the one that it names, else that of
/// `RUNS_ORG`, else the only one that there is.
async fn chosen_org(
    store: &Store,
    named: Option<&OrgSlug>,
    config: &Config,
) -> Result<OrgSlug, CliError> {
    if let Some(slug) = named.or(config.org.as_ref()) {
        return Ok(slug.clone());
    }
    match store.orgs().await?.as_slice() {
        [] => OrgSlug::new(DEFAULT_ORG).map_err(|error| CliError::Failed(error.to_string())),
        [only] => Ok(only.slug.clone()),
        several => {
            let names: Vec<&str> = several.iter().map(|org| org.slug.as_str()).collect();
            Err(CliError::Failed(format!(
                "there are several organizations ({}); name one with --org or RUNS_ORG",
                names.join(", ")
            )))
        }
    }
}

/// For clap: the name of an organization that may be there.
fn parse_org(text: &str) -> Result<OrgSlug, String> {
    OrgSlug::of_existing(text).map_err(|error| error.to_string())
}

/// For clap: the name of an organization that is to be made.
fn parse_new_org(text: &str) -> Result<OrgSlug, String> {
    OrgSlug::new(text).map_err(|error| error.to_string())
}
