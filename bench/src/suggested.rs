//! Times suggestions while somebody types.

use std::time::Instant;

use embedded::EngineEndpoint;
use model::AgentSlug;

use crate::report::Report;
use crate::{Failure, corpus, fill};

const BUDGET: &str = "100";

/// What stands before the caret.
const TYPED: [(&str, &str); 7] = [
    ("nothing typed", ""),
    ("a field's first letters", "lat"),
    ("a place in the input", "input.it"),
    ("a metadata key", "metadata."),
    ("models", "model:"),
    ("values of a metadata key", "metadata.plan:p"),
    ("values at a place", "input.items[].sku:s-1"),
];

pub async fn measure(
    endpoint: &EngineEndpoint,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let org = fill::open(endpoint).await?;
    let agents =
        [("in a large agent", Some(AgentSlug::new(&corpus::agent(1))?)), ("across agents", None)];
    for (scope, agent) in agents {
        for (what, typed) in TYPED {
            let mut samples = Vec::with_capacity(repeat);
            let mut found = 0;
            for round in 0..=repeat {
                let at = Instant::now();
                let answer = org.suggest(agent.as_ref(), typed).await?;
                if round > 0 {
                    samples.push(at.elapsed());
                }
                found = answer.map_or(0, |answer| answer.items.len());
            }
            report.timings(&format!("suggestions {scope}: {what} ({found})"), BUDGET, samples);
        }
    }
    Ok(())
}
