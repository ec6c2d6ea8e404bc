//! What the attempts of a run add up to.

use super::attempt;
use crate::dialect::Billed;
use crate::incoming::{Charge, IncomingRun, Price};
use crate::{Completion, Micros, NanoUsd, Timestamp, Usage};

pub(super) struct Totals {
    pub(super) usage: Usage,
    pub(super) cost: Option<NanoUsd>,
    pub(super) latency: Option<Micros>,
}

pub(super) fn of(
    run: &IncomingRun,
    completions: &[Completion],
    began: Timestamp,
    price: &Price<'_>,
) -> Totals {
    let usage = usage(run, completions);
    Totals {
        usage,
        cost: cost(run, completions, &usage, began, price),
        latency: latency(run, completions),
    }
}

/// What the run says, field by field, and the sum of its completions elsewhere.
fn usage(run: &IncomingRun, completions: &[Completion]) -> Usage {
    let given = run.usage.unwrap_or_default().with_parts_inside();
    let counted = completions.iter().filter_map(|completion| completion.usage);
    let sum = counted.fold(Usage::default(), |sum, usage| sum.plus(&usage));
    Usage {
        input_tokens: given.input_tokens.or(sum.input_tokens),
        cached_input_tokens: given.cached_input_tokens.or(sum.cached_input_tokens),
        output_tokens: given.output_tokens.or(sum.output_tokens),
        reasoning_tokens: given.reasoning_tokens.or(sum.reasoning_tokens),
    }
}

fn cost(
    run: &IncomingRun,
    completions: &[Completion],
    usage: &Usage,
    began: Timestamp,
    price: &Price<'_>,
) -> Option<NanoUsd> {
    if run.cost.is_some() {
        return run.cost;
    }
    // Nobody was asked, so nothing was charged.
    if run.cached_from.is_some() {
        return Some(NanoUsd(0));
    }
    if completions.is_empty() {
        let version = run.version.as_ref()?;
        usage.total_tokens()?;
        return price(&Charge {
            provider: version.provider.as_deref(),
            model: version.model.as_deref()?,
            usage: *usage,
            billed: Billed { tier: attempt::tier_of_version(version), ..Billed::default() },
            at: began,
        });
    }
    // A sum without a part of it would look like the whole. An attempt that
    // failed and counted no tokens is no such part.
    let charged = completions
        .iter()
        .filter(|one| one.cost.is_some() || one.usage.is_some() || one.error.is_none());
    let costs: Option<Vec<u64>> = charged.map(|one| one.cost.map(|cost| cost.0)).collect();
    costs?.into_iter().reduce(u64::saturating_add).map(NanoUsd)
}

fn latency(run: &IncomingRun, completions: &[Completion]) -> Option<Micros> {
    let measured = completions.iter().filter_map(|completion| completion.latency);
    run.latency
        .or_else(|| measured.map(|latency| latency.0).reduce(u64::saturating_add).map(Micros))
}
