//! Private fields: key paths that are removed before anything is stored.

use crate::derive::Derived;
use crate::run::Metadata;
use crate::view::{Kind, Span, View};
use crate::{Json, Run, RunError};

mod path;

pub(crate) use path::PrivatePaths;
use path::{Segment, Tree};

/// Removes the private fields of a run, and with them everything that could
/// repeat them: bodies of completions, and what was derived from those.
pub(crate) fn remove(paths: &PrivatePaths, run: &mut Run, derived: Derived) {
    let input = redact(&mut run.input, &paths.input);
    let output = redact(&mut run.output, &paths.output);
    let metadata = redact_metadata(&mut run.metadata, paths);
    for completion in &mut run.completions {
        let repeats = |body: &Json| input || (metadata && View::of(body).get("metadata").is_some());
        completion.request = completion.request.take().filter(|body| !repeats(body));
        completion.response = completion.response.take().filter(|_| !output);
    }
    if input && derived.version {
        // Instructions that came with a separate input may quote it, and so may
        // whatever else stood in the request.
        if !derived.input {
            run.version.snapshot.messages = None;
        }
        run.version.snapshot.extra.clear();
        run.version.id = run.version.snapshot.id();
    }
    if output {
        let derived_errors = run.completions.iter_mut().zip(&derived.errors);
        for (completion, _) in derived_errors.filter(|(_, derived)| **derived) {
            completion.error = completion.error.take().map(unsaid);
        }
        if derived.error {
            run.error = run.error.take().map(unsaid);
        }
    }
    if output && derived.reasoning {
        run.reasoning.clear();
    }
    if output && derived.tool_calls {
        run.tool_calls.clear();
    } else if input && derived.tool_calls {
        run.tool_calls.iter_mut().for_each(|call| call.output = None);
    }
}

/// An error that was read from a private answer: that there was one remains.
fn unsaid(_: RunError) -> RunError {
    RunError {
        code: "private".to_owned(),
        message: "the answer says why it failed, and is private".to_owned(),
        details: None,
    }
}

/// Says whether anything was removed.
fn redact(place: &mut Option<Json>, tree: &Tree) -> bool {
    let Some(json) = place.as_ref().filter(|_| !tree.is_empty()) else { return false };
    if tree.is_leaf() {
        *place = None;
        return true;
    }
    let Some(text) = without(View::of(json), tree) else { return false };
    // The text stays JSON whatever is taken out; were it not, nothing may stay.
    *place = Json::from_text(&text).ok();
    true
}

fn redact_metadata(metadata: &mut Metadata, paths: &PrivatePaths) -> bool {
    let before = metadata.len();
    metadata.retain(|key, _| !paths.metadata_keys.contains(key));
    let mut changed = metadata.len() != before;
    if paths.metadata.is_leaf() {
        changed |= !metadata.is_empty();
        metadata.clear();
    }
    metadata.retain(|key, value| {
        let Some(tree) = paths.metadata.child(&Segment::Key(key.clone())) else { return true };
        if tree.is_leaf() {
            changed = true;
            return false;
        }
        match without(View::of(value), tree) {
            Some(text) => {
                changed = true;
                Json::from_text(&text).map(|json| *value = json).is_ok()
            }
            None => true,
        }
    });
    changed
}

/// The text without what the tree names; `None` when it names nothing in it.
fn without(view: View<'_>, tree: &Tree) -> Option<String> {
    let raw = view.raw();
    let is_list = view.kind() == Kind::List;
    let spans: Vec<Span<'_>> = view.spans().collect();
    let mut changed = false;
    // The text of each entry that stays, and where the next entry begins.
    let mut kept: Vec<(String, &str)> = Vec::with_capacity(spans.len());
    for (at, span) in spans.iter().enumerate() {
        let next = spans.get(at + 1).map_or(span.all.end, |next| next.all.start);
        let separator = raw.get(span.all.end..next).unwrap_or_default();
        let value = View::part(raw.get(span.value.clone()).unwrap_or_default());
        let branches = branches(tree, span, at, is_list, value);
        if branches.iter().any(|branch| branch.is_leaf()) {
            changed = true;
            continue;
        }
        let mut text = value.raw().to_owned();
        for branch in branches {
            if let Some(rest) = without(View::part(&text), branch) {
                changed = true;
                text = rest;
            }
        }
        let key = raw.get(span.all.start..span.value.start).unwrap_or_default();
        kept.push((format!("{key}{text}"), separator));
    }
    if !changed {
        return None;
    }
    let head = spans.first().map_or(raw.len(), |span| span.all.start);
    let tail = spans.last().map_or(raw.len(), |span| span.all.end);
    let mut text = raw.get(..head).unwrap_or_default().to_owned();
    let last = kept.len().saturating_sub(1);
    for (at, (entry, separator)) in kept.iter().enumerate() {
        text.push_str(entry);
        if at < last {
            text.push_str(separator);
        }
    }
    text.push_str(raw.get(tail..).unwrap_or_default());
    Some(text)
}

/// What the tree says about one entry.
fn branches<'t>(
    tree: &'t Tree,
    span: &Span<'_>,
    at: usize,
    is_list: bool,
    value: View<'_>,
) -> Vec<&'t Tree> {
    if let Some(key) = &span.key {
        return tree.child(&Segment::Key(key.to_string())).into_iter().collect();
    }
    if !is_list {
        return Vec::new();
    }
    let every = tree.child(&Segment::Every);
    let numbered = tree.child(&Segment::Key(at.to_string()));
    // A key met at a list means that key of each element.
    let through = (value.kind() == Kind::Object && tree.has_keys()).then_some(tree);
    every.into_iter().chain(numbered).chain(through).collect()
}
