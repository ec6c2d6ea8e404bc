//! Times the store's own queries beside the old table's, and what the data takes
//! on disk.

use embedded::EngineEndpoint;
use model::search::SearchQuery;
use model::{AgentSlug, RunId};
use store::{ListRequest, OrgStore, Window};

use crate::old::Old;
use crate::report::{Beside, Report};
use crate::sample::sample;
use crate::searches::{EVERYTHING, SEARCHES, Search};
use crate::{Failure, corpus, fill};

const IN_AGENT: &str = "30 / 100";
const ACROSS: &str = "100 / 300";

/// Both stores, and where figures go.
pub struct Stage<'a> {
    pub org: OrgStore,
    pub old: Old,
    pub repeat: usize,
    pub report: &'a mut Report,
}

/// What is listed.
struct Part<'a> {
    /// `None` is all agents of the organization, which the old table could not search.
    agent: Option<&'a str>,
    exact_count: bool,
}

pub async fn measure(
    endpoint: &EngineEndpoint,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let (org, old) = (fill::open(endpoint).await?, Old::open(endpoint).await?);
    let mut stage = Stage { org, old, repeat, report };
    let (largest, smallest) = (corpus::agent(0), corpus::agent(corpus::AGENTS - 1));

    for (name, budget, agent) in [
        ("newest 50, largest agent", "10 / 25", Some(largest.as_str())),
        ("newest 50, smallest agent", "10 / 25", Some(smallest.as_str())),
        ("newest 50, all agents", "", None),
    ] {
        let part = Part { agent, exact_count: false };
        stage.lists(name, budget, &part, &EVERYTHING).await?;
    }
    for search in &SEARCHES {
        let name = format!("search in a large agent: {}", search.name);
        let part = Part { agent: Some(&search.agent()), exact_count: false };
        stage.lists(&name, IN_AGENT, &part, search).await?;
    }
    for search in &SEARCHES {
        let name = format!("search across agents: {}", search.name);
        stage.lists(&name, ACROSS, &Part { agent: None, exact_count: false }, search).await?;
    }
    for (scope, agent) in [("in a large agent", Some(largest.as_str())), ("across agents", None)] {
        let counted = [Some(&EVERYTHING), Search::named("word, common"), Search::named("status")];
        for search in counted.into_iter().flatten() {
            let name = format!("page with exact count {scope}: {}", search.name);
            stage.lists(&name, "", &Part { agent, exact_count: true }, search).await?;
        }
    }
    stage.deep_pages(&largest).await?;
    stage.by_id(&largest).await?;
    let agents = async |_| Ok(stage.org.agents().await?.len() as u64);
    let agents = sample(repeat, agents).await?;
    stage.report.timings("agents with totals", "", agents.times);
    Ok(())
}

/// The newest 50 that match a text.
pub fn request(agent: Option<&str>, typed: &str, window: Window) -> Result<ListRequest, Failure> {
    Ok(ListRequest {
        agent: agent.map(AgentSlug::new).transpose()?,
        schema: None,
        query: SearchQuery::parse(typed)?,
        sort: model::Sort::NEWEST,
        window,
        limit: 50,
        exact_count: false,
    })
}

impl Stage<'_> {
    async fn lists(
        &mut self,
        name: &str,
        budget: &str,
        part: &Part<'_>,
        search: &Search,
    ) -> Result<(), Failure> {
        let list = async |round| {
            let mut request = request(part.agent, &search.typed(round), Window::Page(0))?;
            request.exact_count = part.exact_count;
            Ok(self.org.list_runs(&request).await?.map_or(0, |found| found.count))
        };
        let new = sample(self.repeat, list).await?;
        let beside = match part.agent {
            None => Beside::Inexpressible,
            Some(agent) => {
                let list = async |round| self.old.list(agent, &search.old(round), 0).await;
                Beside::Samples(sample(self.repeat, list).await?)
            }
        };
        self.report.compare(name, budget, new, beside);
        Ok(())
    }

    async fn deep_pages(&mut self, agent: &str) -> Result<(), Failure> {
        let page = |round: usize| 100 * (round as u32 % 10);
        let list = async |round| {
            let request = request(Some(agent), "", Window::Page(page(round)))?;
            Ok(self.org.list_runs(&request).await?.map_or(0, |found| found.count))
        };
        let new = sample(self.repeat, list).await?;
        let everything = EVERYTHING.old(0);
        let list =
            async |round| self.old.list(agent, &everything, 50 * u64::from(page(round))).await;
        let old = sample(self.repeat, list).await?;
        self.report.compare("deep pages, up to page 900", "", new, Beside::Samples(old));
        Ok(())
    }

    async fn by_id(&mut self, agent: &str) -> Result<(), Failure> {
        let mut ids: Vec<RunId> = Vec::new();
        for page in 0..=self.repeat as u32 {
            let request = request(Some(agent), "", Window::Page(page * 20))?;
            let list = self.org.list_runs(&request).await?;
            ids.extend(list.iter().flat_map(|list| list.items.first()).map(|item| item.id));
        }
        let id =
            |round: usize| ids.get(round % ids.len().max(1)).copied().ok_or("no run is listed");
        let one = async |round| {
            self.org.run(id(round)?).await?.ok_or("a listed run is not there")?;
            Ok(1)
        };
        let new = sample(self.repeat, one).await?;
        let one = async |round| self.old.one(agent, id(round)?).await.map(|()| 1);
        let old = sample(self.repeat, one).await?;
        self.report.compare("one run by id, whole", "", new, Beside::Samples(old));
        Ok(())
    }
}

/// What the data takes on disk, beside the JSON that came in.
pub async fn sizes(endpoint: &EngineEndpoint, report: &mut Report) -> Result<(), Failure> {
    let client = clickhouse::Client::default()
        .with_url(&endpoint.url)
        .with_user(&endpoint.user)
        .with_password(&endpoint.password);
    let mut per_run = [0.0; 2];
    let mut rows = 0;
    for (place, database) in ["workflowai", "runs"].into_iter().enumerate() {
        let (bytes, found): (u64, u64) = client
            .query(
                "SELECT sum(bytes_on_disk), sumIf(rows, table = 'runs') FROM system.parts
                 WHERE active AND database = {database:String}",
            )
            .param("database", database)
            .fetch_one()
            .await?;
        per_run[place] = bytes as f64 / found.max(1) as f64;
        rows = found;
    }
    let sample = 1_000;
    let json: usize =
        (0..sample).map(|n| corpus::run(n * (rows / sample).max(1), rows).len()).sum();
    let json = json as f64 / sample as f64;
    let figure =
        |bytes: f64| format!("{bytes:.0} of {json:.0} bytes, {:.0} %", 100.0 * bytes / json);
    let [old, new] = per_run.map(figure);
    report.figure_beside("disk per run against its JSON", "25 %", new, old);
    Ok(())
}
