//! One attempt at a provider: what its request and response tell about it.

use crate::dialect::{self, Answer, Billed};
use crate::incoming::{Charge, Price};
use crate::{Completion, CostSource, NanoUsd, Timestamp, Usage};

/// Fills what is missing, and gives what the response says.
pub(super) fn complete(completion: &mut Completion, began: Timestamp, price: &Price<'_>) -> Answer {
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
        let listed =
            listed_cost(completion, given, began, price).map(|it| (it, CostSource::Prices));
        let found = listed.or_else(|| answer.cost.map(|it| (it, CostSource::Provider)));
        (completion.cost, completion.cost_source) = found.unzip();
    }
    answer
}

/// What a list of prices says that it cost.
fn listed_cost(
    completion: &Completion,
    given: Option<Billed>,
    began: Timestamp,
    price: &Price<'_>,
) -> Option<NanoUsd> {
    let (request, response) = (completion.request.as_ref(), completion.response.as_ref());
    price(&Charge {
        provider: completion.provider.as_deref(),
        model: completion.model.as_deref()?,
        usage: completion.usage?,
        billed: given.unwrap_or_default().or(dialect::billed_of_exchange(request, response)),
        at: completion.started_at.unwrap_or(began),
    })
}

fn fill<T: Clone>(field: &mut Option<T>, found: &Option<T>) {
    if field.is_none() {
        field.clone_from(found);
    }
}
