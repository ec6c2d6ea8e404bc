//! One attempt at a provider: what its request and response tell about it.

use crate::dialect::{self, Answer};
use crate::incoming::{Charge, Price};
use crate::{Completion, Timestamp};

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
    if let Some(usage) = answer.usage.take() {
        completion.usage.get_or_insert(usage);
    }
    if completion.cost.is_none()
        && let (Some(model), Some(usage)) = (&completion.model, &completion.usage)
    {
        let response = completion.response.as_ref();
        completion.cost = price(&Charge {
            provider: completion.provider.as_deref(),
            model,
            usage: *usage,
            billed: response.map(dialect::billed_of_response).unwrap_or_default(),
            at: completion.started_at.unwrap_or(began),
        });
    }
    answer
}

fn fill<T: Clone>(field: &mut Option<T>, found: &Option<T>) {
    if field.is_none() {
        field.clone_from(found);
    }
}
