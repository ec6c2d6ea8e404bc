//! The agents whose runs are made up.

use crate::models::{
    GPT_4O_MINI, GPT_5_MINI, GPT_41, GPT_41_MINI, HAIKU_35, HAIKU_45, LLAMA_8B, LLAMA_70B,
    MISTRAL_MEDIUM, MISTRAL_SMALL, Model, O4_MINI, SONNET_4, SONNET_45,
};
use crate::rng::Rng;
use crate::scene::{Moment, Scene};

mod code;
mod invoices;
mod meetings;
mod reviews;
mod sql;
mod support;
mod support_texts;
mod tickets;
mod trips;

/// What an agent is like.
pub(crate) struct Kind {
    pub(crate) slug: &'static str,
    /// Its share of all runs, in any unit.
    weight: u32,
    instructions: &'static str,
    rules: &'static [&'static str],
    pub(crate) scene: fn(&mut Rng, Moment, &mut Scene),
    /// In the order in which they came into use.
    models: &'static [&'static Model],
    /// What is asked if a model fails for good.
    pub(crate) fallback: &'static Model,
    /// As they are written; `None` is not given.
    temperatures: [Option<&'static str>; 2],
    pub(crate) max_tokens: Option<u32>,
    pub(crate) output_schema: Option<&'static str>,
    /// As OpenAI's chat has them.
    pub(crate) tools: Option<&'static str>,
    /// As Anthropic's messages have them.
    pub(crate) anthropic_tools: Option<&'static str>,
    /// Share of its answers that are streamed, in percent.
    pub(crate) streams: u32,
    /// Days between two prompts.
    prompt_days: u32,
    /// Days between two models or settings.
    model_days: u32,
    pub(crate) source: &'static str,
}

static KINDS: [Kind; 8] = [
    Kind {
        slug: "ticket-router",
        weight: 27,
        instructions: tickets::INSTRUCTIONS,
        rules: &tickets::RULES,
        scene: tickets::scene,
        models: &[&LLAMA_8B, &LLAMA_70B, &GPT_4O_MINI],
        fallback: &GPT_4O_MINI,
        temperatures: [Some("0"), Some("0")],
        max_tokens: Some(60),
        output_schema: Some(tickets::OUTPUT_SCHEMA),
        tools: None,
        anthropic_tools: None,
        streams: 0,
        prompt_days: 17,
        model_days: 9,
        source: "api",
    },
    Kind {
        slug: "support-assistant",
        weight: 11,
        instructions: support::INSTRUCTIONS,
        rules: &support::RULES,
        scene: support::scene,
        models: &[&HAIKU_35, &HAIKU_45, &SONNET_4],
        fallback: &GPT_41_MINI,
        temperatures: [Some("0.7"), Some("0.5")],
        max_tokens: Some(800),
        output_schema: None,
        tools: None,
        anthropic_tools: None,
        streams: 70,
        prompt_days: 8,
        model_days: 11,
        source: "proxy",
    },
    Kind {
        slug: "review-summary-generator",
        weight: 15,
        instructions: reviews::INSTRUCTIONS,
        rules: &reviews::RULES,
        scene: reviews::scene,
        models: &[&GPT_4O_MINI, &GPT_41_MINI, &MISTRAL_SMALL],
        fallback: &MISTRAL_SMALL,
        temperatures: [Some("0.2"), Some("0.4")],
        max_tokens: Some(500),
        output_schema: Some(reviews::OUTPUT_SCHEMA),
        tools: None,
        anthropic_tools: None,
        streams: 0,
        prompt_days: 12,
        model_days: 7,
        source: "sdk",
    },
    Kind {
        slug: "invoice-extraction",
        weight: 10,
        instructions: invoices::INSTRUCTIONS,
        rules: &invoices::RULES,
        scene: invoices::scene,
        models: &[&MISTRAL_MEDIUM, &GPT_41],
        fallback: &GPT_41,
        temperatures: [Some("0"), Some("0.1")],
        max_tokens: Some(1_200),
        output_schema: Some(invoices::OUTPUT_SCHEMA),
        tools: None,
        anthropic_tools: None,
        streams: 0,
        prompt_days: 14,
        model_days: 10,
        source: "api",
    },
    Kind {
        slug: "trip-planner",
        weight: 9,
        instructions: trips::INSTRUCTIONS,
        rules: &trips::RULES,
        scene: trips::scene,
        models: &[&GPT_41, &SONNET_45, &GPT_41_MINI],
        fallback: &GPT_41_MINI,
        temperatures: [Some("0.5"), Some("0.3")],
        max_tokens: Some(700),
        output_schema: None,
        tools: Some(trips::TOOLS),
        anthropic_tools: Some(trips::ANTHROPIC_TOOLS),
        streams: 50,
        prompt_days: 10,
        model_days: 8,
        source: "sdk",
    },
    Kind {
        slug: "sql-writer",
        weight: 7,
        instructions: sql::INSTRUCTIONS,
        rules: &sql::RULES,
        scene: sql::scene,
        models: &[&O4_MINI, &GPT_5_MINI],
        fallback: &GPT_41,
        temperatures: [None, None],
        max_tokens: None,
        output_schema: Some(sql::OUTPUT_SCHEMA),
        tools: None,
        anthropic_tools: None,
        streams: 0,
        prompt_days: 15,
        model_days: 13,
        source: "sdk",
    },
    Kind {
        slug: "code-reviewer",
        weight: 4,
        instructions: code::INSTRUCTIONS,
        rules: &code::RULES,
        scene: code::scene,
        models: &[&SONNET_4, &SONNET_45],
        fallback: &GPT_41,
        temperatures: [None, None],
        max_tokens: Some(4_000),
        output_schema: None,
        tools: None,
        anthropic_tools: None,
        streams: 40,
        prompt_days: 11,
        model_days: 12,
        source: "proxy",
    },
    Kind {
        slug: "meeting-notes",
        weight: 3,
        instructions: meetings::INSTRUCTIONS,
        rules: &meetings::RULES,
        scene: meetings::scene,
        models: &[&MISTRAL_SMALL, &MISTRAL_MEDIUM],
        fallback: &GPT_4O_MINI,
        temperatures: [Some("0.3"), Some("0.3")],
        max_tokens: Some(600),
        output_schema: None,
        tools: None,
        anthropic_tools: None,
        streams: 0,
        prompt_days: 16,
        model_days: 9,
        source: "proxy",
    },
];

/// The number of the agent that the documentation shows.
pub(crate) const REVIEW_SUMMARIES: u32 = 2;

/// Copies of the agents, for organizations with more than there are kinds.
const BRANCHES: [&str; 8] =
    ["emea", "apac", "latam", "wholesale", "outlet", "mobile", "partners", "lab"];

/// What the agent of this number is like.
pub(crate) fn kind(agent: u32) -> &'static Kind {
    &KINDS[agent as usize % KINDS.len()]
}

/// The name of an agent in URLs.
pub(crate) fn slug(agent: u32) -> String {
    let slug = kind(agent).slug;
    let copy = agent as usize / KINDS.len();
    match copy.checked_sub(1) {
        None => slug.to_owned(),
        Some(branch) => match BRANCHES.get(branch) {
            Some(name) => format!("{slug}-{name}"),
            None => format!("{slug}-{copy}"),
        },
    }
}

/// The agents with their shares of all runs; copies have fewer.
pub(crate) fn shares(agents: u32) -> Vec<(u32, u32)> {
    (0..agents.max(1))
        .map(|agent| (kind(agent).weight * 60 / (agent / KINDS.len() as u32 + 1), agent))
        .collect()
}

/// How many runs begin with one: the turns of a conversation, or a question asked twice.
pub(crate) fn episode_length(agent: u32, rng: &mut Rng) -> u32 {
    match kind(agent).slug {
        "support-assistant" => rng.weighted(&[(30, 1), (34, 2), (24, 3), (12, 4)]),
        "ticket-router" if rng.percent(4) => 2,
        _ => 1,
    }
}

impl Kind {
    /// Whether its runs are the turns of conversations.
    pub(crate) fn is_conversation(&self) -> bool {
        self.slug == "support-assistant"
    }

    /// Whether a question asked again is answered from the cache.
    pub(crate) fn is_cached(&self) -> bool {
        self.slug == "ticket-router"
    }

    /// Writes the instructions in force on a day. Every so often some of the rules change.
    pub(crate) fn write_instructions(&self, agent: u32, day: u32, out: &mut String) {
        let revision = (day + agent * 5) / self.prompt_days;
        let mut rng = Rng::new(u64::from(agent), u64::from(revision));
        let count = rng.between(3, self.rules.len() as u32 - 1);
        out.push_str(self.instructions);
        out.push_str("\n\nRules:");
        for rule in rng.some(self.rules, count) {
            out.push_str("\n- ");
            out.push_str(rule);
        }
    }

    /// The model and the temperature in use on a day; `is_early` is the next one, tried out.
    pub(crate) fn settings(
        &self,
        agent: u32,
        day: u32,
        is_early: bool,
    ) -> (&'static Model, Option<&'static str>) {
        let era = (day + agent * 3) / self.model_days + u32::from(is_early);
        let model = self.models[era as usize % self.models.len()];
        (model, self.temperatures[(era / 2) as usize % 2])
    }
}
