//! One attempt at a provider: what its request and response tell about it.

use crate::dialect::{self, Answer, Billed, Tier};
use crate::incoming::{Charge, Price};
use crate::{Completion, CostSource, NanoUsd, Timestamp, Usage, Version};

/// Fills what is missing, and gives what the response says.
///
/// Where nothing else says in which class of service it was served, `tier` does.
pub(super) fn complete(
    completion: &mut Completion,
    began: Timestamp,
    tier: Option<Tier>,
    price: &Price<'_>,
) -> Answer {
    // A null body is no body.
    completion.request = completion.request.take().filter(|body| body.as_str() != "null");
    completion.response = completion.response.take().filter(|body| body.as_str() != "null");

    let request = completion.request.as_ref();
    let mut answer = match &completion.response {
        Some(response) => dialect::answer_of_response(request, response),
        None => Answer { model: request.and_then(dialect::model_of_request), ..Answer::default() },
    };
    fill(&mut completion.model, &answer.model);
    fill(&mut completion.finish_reason, &answer.finish_reason);
    fill(&mut completion.error, &answer.error);
    if completion.error.is_none() {
        completion.error = completion.finish_reason.as_deref().and_then(dialect::error_of_reason);
    }
    let usage = completion.usage.take().map(Usage::with_parts_inside);
    completion.usage = usage.or(answer.usage.take());
    let given = completion.billed.take();
    if completion.cost.is_none() {
        let mut billed = given.unwrap_or_default().or(billed_of_bodies(completion));
        billed.tier = billed.tier.or(tier);
        let listed = listed_cost(completion, billed, began, price);
        let listed = listed.map(|it| (it, CostSource::Prices));
        let found = listed.or_else(|| answer.cost.map(|it| (it, CostSource::Provider)));
        (completion.cost, completion.cost_source) = found.unzip();
    }
    answer
}

/// What a list of prices says that it cost.
fn listed_cost(
    completion: &Completion,
    billed: Billed,
    began: Timestamp,
    price: &Price<'_>,
) -> Option<NanoUsd> {
    price(&Charge {
        provider: completion.provider.as_deref(),
        model: completion.model.as_deref()?,
        usage: completion.usage?,
        billed,
        at: completion.started_at.unwrap_or(began),
    })
}

fn billed_of_bodies(completion: &Completion) -> Billed {
    dialect::billed_of_exchange(completion.request.as_ref(), completion.response.as_ref())
}

/// The class of service that a version asks for.
pub(super) fn tier_of_version(version: &Version) -> Option<Tier> {
    version.extra.get("service_tier")?.as_str().map(Tier::from_word)
}

fn fill<T: Clone>(field: &mut Option<T>, found: &Option<T>) {
    if field.is_none() {
        field.clone_from(found);
    }
}
