//! What a run says without saying it: the fields that follow from others.

use crate::dialect::Answer;
use crate::incoming::{CompleteContext, IncomingRun, InvalidRun, NewRun, SchemaHint, checks};
use crate::private::{self, PrivatePaths};
use crate::shape::Shape;
use crate::view::View;
use crate::{Completion, DEFAULT_PROVIDER, Run, RunStatus, RunVersion, Version, preview};

mod attempt;
mod output;
mod split;
mod steps;
mod totals;

pub use split::{Split, split_request};

/// Which fields the run did not say itself.
#[derive(Clone, Debug)]
pub(crate) struct Derived {
    pub(crate) input: bool,
    pub(crate) version: bool,
    pub(crate) tool_calls: bool,
    pub(crate) reasoning: bool,
    pub(crate) error: bool,
    /// For each completion.
    pub(crate) errors: Vec<bool>,
}

/// Checks and completes a run; see [`IncomingRun::complete`].
pub(crate) fn complete(
    mut run: IncomingRun,
    context: &CompleteContext<'_>,
) -> Result<NewRun, InvalidRun> {
    let agent = checks::agent(&run)?;
    checks::content(&run)?;
    checks::schema(&run)?;
    checks::labels(&run)?;
    let identity = checks::identity(&run, context.now, context.random)?;
    let paths = PrivatePaths::read(run.private_fields.as_deref().unwrap_or_default())?;

    let mut completions = run.completions.take().unwrap_or_default();
    let errors = completions.iter().map(|completion| completion.error.is_none()).collect();
    let tier = run.version.as_ref().and_then(attempt::tier_of_version);
    let answers: Vec<Answer> = completions
        .iter_mut()
        .map(|completion| attempt::complete(completion, identity.created_at, tier, context.price))
        .collect();
    let derived = fill(&mut run, &completions, &answers, errors);
    let totals = totals::of(&run, &completions, identity.created_at, context.price);

    let given_schema = run.schema;
    let snapshot = run.version.unwrap_or_default();
    let mut run = Run {
        id: identity.id,
        url: String::new(),
        agent,
        schema: 0,
        created_at: identity.created_at,
        status: match run.error {
            Some(_) => RunStatus::Failure,
            None => run.status.unwrap_or_default(),
        },
        input: run.input,
        output: run.output,
        error: run.error,
        version: RunVersion { id: snapshot.id(), number: None, snapshot },
        completions,
        tool_calls: run.tool_calls.unwrap_or_default(),
        reasoning: run.reasoning.unwrap_or_default(),
        latency: totals.latency,
        time_to_first_token: run.time_to_first_token,
        cost: totals.cost,
        usage: totals.usage,
        conversation_id: run.conversation_id,
        metadata: run.metadata.unwrap_or_default(),
        environment: run.environment,
        source: run.source.unwrap_or(context.default_source),
        cached_from: run.cached_from,
        trace_id: run.trace_id,
        span_id: run.span_id,
        parent_run_id: run.parent_run_id,
        input_preview: String::new(),
        output_preview: String::new(),
    };
    private::remove(&paths, &mut run, derived);

    run.input_preview = run.input.as_ref().map(preview::of_input).unwrap_or_default();
    run.output_preview = run.output.as_ref().map(preview::of_output).unwrap_or_default();
    let schema = schema_hint(given_schema, &run);
    if let SchemaHint::Number(number) = schema {
        run.schema = number;
    }
    Ok(NewRun { run, client_key: identity.client_key, schema })
}

/// Fills what the completions tell.
fn fill(
    run: &mut IncomingRun,
    completions: &[Completion],
    answers: &[Answer],
    errors: Vec<bool>,
) -> Derived {
    run.version =
        run.version.take().map(without_outgoing).filter(|version| *version != Version::default());
    run.tool_calls = run.tool_calls.take().filter(|calls| !calls.is_empty());
    run.reasoning = run.reasoning.take().filter(|steps| !steps.is_empty());
    let derived = Derived {
        input: run.input.is_none(),
        version: run.version.is_none(),
        tool_calls: run.tool_calls.is_none(),
        reasoning: run.reasoning.is_none(),
        error: run.error.is_none(),
        errors,
    };

    let first = completions.iter().find_map(|completion| completion.request.as_ref());
    if let Some(request) = first.filter(|_| derived.input || derived.version) {
        let split = split_request(request);
        run.input.get_or_insert(split.input);
        run.version.get_or_insert(split.version);
    }
    let version = run.version.get_or_insert_default();
    let named =
        |of: fn(&Completion) -> &Option<String>| completions.iter().find_map(|one| of(one).clone());
    version.model = version.model.take().or_else(|| named(|completion| &completion.model));
    version.provider = version.provider.take().or_else(|| {
        named(|completion| &completion.provider).filter(|name| name != DEFAULT_PROVIDER)
    });

    let answered = completions.iter().zip(answers).rev();
    let mut answered = answered.filter_map(|(one, answer)| Some((one.response.as_ref()?, answer)));
    let last = answered.next();
    let had_output = run.output.is_some();
    if let Some((response, answer)) = last.filter(|_| !had_output) {
        let is_structured = run.input.is_some() && !is_chat(run.input.as_ref());
        run.output = Some(output::of(response, answer, is_structured));
    }
    run.tool_calls.get_or_insert_with(|| steps::tool_calls(completions, answers));
    run.reasoning.get_or_insert_with(|| steps::reasoning(answers));

    if run.error.is_none() {
        // An error that a body says fails the run; one that was only noted
        // beside an attempt does not, when there is an output all the same.
        let said = last.and_then(|(_, answer)| answer.error.clone());
        let noted = completions.last().and_then(|completion| completion.error.clone());
        run.error = said.or_else(|| noted.filter(|_| !had_output));
    }
    derived
}

/// A version without what only goes out.
fn without_outgoing(mut version: Version) -> Version {
    version.extra.remove("id");
    version.extra.remove("number");
    version
}

fn is_chat(input: Option<&crate::Json>) -> bool {
    input.is_some_and(|input| View::of(input).get("messages").is_some())
}

fn schema_hint(given: Option<u32>, run: &Run) -> SchemaHint {
    match given {
        Some(number) => SchemaHint::Number(number),
        None if is_chat(run.input.as_ref()) => SchemaHint::Number(1),
        None => SchemaHint::Shape(Shape::of(run.input.as_ref(), run.output.as_ref())),
    }
}
