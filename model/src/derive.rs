//! What a run says without saying it: the fields that follow from others.

use crate::incoming::{CompleteContext, IncomingRun, InvalidRun, NewRun, SchemaHint, checks};
use crate::shape::Shape;
use crate::view::View;
use crate::{Json, Run, RunStatus, RunVersion, preview};

/// Checks and completes a run; see [`IncomingRun::complete`].
pub(crate) fn complete(
    run: IncomingRun,
    context: &CompleteContext<'_>,
) -> Result<NewRun, InvalidRun> {
    let agent = checks::agent(&run)?;
    checks::content(&run)?;
    checks::schema(&run)?;
    checks::labels(&run)?;
    let identity = checks::identity(&run, context.now, context.random)?;

    let is_chat = run.input.as_ref().is_some_and(|input| View::of(input).get("messages").is_some());
    let schema = match run.schema {
        Some(number) => SchemaHint::Number(number),
        None if is_chat => SchemaHint::Number(1),
        None => SchemaHint::Shape(Shape::of(run.input.as_ref(), run.output.as_ref())),
    };
    let snapshot = run.version.unwrap_or_default();
    let preview = |json: &Option<Json>| json.as_ref().map(preview::preview).unwrap_or_default();
    let complete = Run {
        id: identity.id,
        url: String::new(),
        agent,
        schema: match schema {
            SchemaHint::Number(number) => number,
            SchemaHint::Shape(_) => 0,
        },
        created_at: identity.created_at,
        status: if run.error.is_some() {
            RunStatus::Failure
        } else {
            run.status.unwrap_or_default()
        },
        input_preview: preview(&run.input),
        output_preview: preview(&run.output),
        input: run.input,
        output: run.output,
        error: run.error,
        version: RunVersion { id: snapshot.id(), number: None, snapshot },
        completions: run.completions.unwrap_or_default(),
        tool_calls: run.tool_calls.unwrap_or_default(),
        reasoning: run.reasoning.unwrap_or_default(),
        latency: run.latency,
        time_to_first_token: run.time_to_first_token,
        cost: run.cost,
        usage: run.usage.unwrap_or_default(),
        conversation_id: run.conversation_id,
        metadata: run.metadata.unwrap_or_default(),
        environment: run.environment,
        source: run.source.unwrap_or(context.default_source),
        cached_from: run.cached_from,
        trace_id: run.trace_id,
        span_id: run.span_id,
        parent_run_id: run.parent_run_id,
    };
    Ok(NewRun { run: complete, client_key: identity.client_key, schema })
}
