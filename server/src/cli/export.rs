//! `runs export`: the runs of an organization as lines of JSON.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};
use std::pin::pin;

use clap::Args;
use futures::TryStreamExt;
use model::search::SearchQuery;
use model::{AgentSlug, OrgSlug, Sort, SortKey};
use serde_json::json;
use store::{ListRequest, OrgStore, Window};

use super::{CliError, chosen_org, find_org, output, parse_org, with_store};
use crate::config::Config;
use crate::rest::links::Links;

#[derive(Args)]
pub(super) struct Export {
    /// The file to write; - or nothing is standard output
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The organization; unset, that of RUNS_ORG, else the only one
    #[arg(long, value_parser = parse_org)]
    org: Option<OrgSlug>,
    /// Only the runs of this agent
    #[arg(long, value_parser = parse_agent)]
    agent: Option<AgentSlug>,
    /// Only the runs that this search finds, like 'status:failure time:24h'
    #[arg(long, value_parser = parse_query, default_value = "")]
    query: SearchQuery,
    /// Print the outcome as JSON, on standard error when the runs go to standard output
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        with_store(config, async |store| {
            let org = chosen_org(store, self.org.as_ref(), config).await?;
            let org = find_org(store, &org).await?;
            let origin = match &config.public_url {
                Some(url) => url.as_str().trim_end_matches('/').to_owned(),
                None => format!("http://{}", config.listen),
            };
            let links = Links { origin: &origin, org: &org.slug };
            let is_piped = self.file == Path::new("-");
            let count = if is_piped {
                let out = &mut BufWriter::new(stdout().lock());
                self.write(&store.org(&org), links, out).await.map_err(|error| match error {
                    CliError::Io(error) => output::unwritten(error),
                    other => other,
                })?
            } else {
                let mut out = BufWriter::new(File::create(&self.file)?);
                let count = self.write(&store.org(&org), links, &mut out).await?;
                out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
                count
            };
            if !self.json {
                output::tell(format_args!("Exported {count} runs"));
                return Ok(());
            }
            let outcome = json!({ "org": org.slug, "exported": count });
            // Standard output may hold the runs themselves.
            if is_piped {
                output::tell(outcome)
            } else {
                output::print(outcome)?
            }
            Ok(())
        })
        .await
    }

    async fn write(
        &self,
        store: &OrgStore,
        links: Links<'_>,
        out: &mut impl Write,
    ) -> Result<u64, CliError> {
        let request = ListRequest {
            agent: self.agent.clone(),
            schema: None,
            query: self.query.clone(),
            // The oldest first, so that an import gives versions the same numbers.
            sort: Sort { key: SortKey::Time, descending: false },
            window: Window::Page(0),
            limit: 1,
            exact_count: true,
        };
        let missing = || CliError::Failed(format!("{} has no such agent", links.org));
        let export = store.export(&request).await?.ok_or_else(missing)?;
        let mut progress = output::Progress::new(export.count().await?, "runs");
        let mut runs = pin!(export.runs());
        let mut count = 0;
        while let Some(mut run) = runs.try_next().await? {
            links.fill(&mut run);
            out.write_all(run.to_line().map_err(std::io::Error::from)?.as_bytes())?;
            out.write_all(b"\n")?;
            progress.advance(1);
            count += 1;
        }
        out.flush()?;
        progress.finish();
        Ok(count)
    }
}

fn parse_agent(text: &str) -> Result<AgentSlug, String> {
    AgentSlug::new(text).map_err(|error| error.to_string())
}

fn parse_query(text: &str) -> Result<SearchQuery, String> {
    SearchQuery::parse(text).map_err(|error| error.to_string())
}
