//! What was typed, kept by the browser while its window is open.

use serde::{Deserialize, Serialize};

use crate::data::playground::{Draft, PlaygroundDoc, PlaygroundKey};

/// A draft and where it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    /// What the playground was opened with when the draft was begun.
    pub began_with: PlaygroundKey,
    /// The draft.
    pub draft: Draft,
}

/// The draft to begin with: what was typed on this very page, or else what the
/// server loaded, with the parts from the last draft that are to stay.
#[must_use]
pub fn begin(key: &PlaygroundKey, doc: &PlaygroundDoc, kept: Option<KeptDraft>) -> Draft {
    let loaded = Draft { version: doc.version.clone(), input: doc.input.clone() };
    match kept {
        None => loaded,
        Some(kept) if kept.began_with == *key => kept.draft,
        Some(kept) => Draft {
            version: if doc.keeps_version { kept.draft.version } else { loaded.version },
            input: if doc.keeps_input { kept.draft.input } else { loaded.input },
        },
    }
}

#[cfg(feature = "hydrate")]
fn name(key: &PlaygroundKey) -> String {
    format!("runs-playground:{}/{}", key.org, key.agent)
}

/// The last draft of an agent.
#[must_use]
pub fn load(key: &PlaygroundKey) -> Option<KeptDraft> {
    #[cfg(feature = "hydrate")]
    {
        let storage = leptos::prelude::window().session_storage().ok()??;
        serde_json::from_str(&storage.get_item(&name(key)).ok()??).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = key;
        None
    }
}

/// Keeps a draft; a browser without room keeps the one before.
pub fn save(key: &PlaygroundKey, draft: &Draft) {
    #[cfg(feature = "hydrate")]
    {
        let kept = KeptDraft { began_with: key.clone(), draft: draft.clone() };
        let storage = leptos::prelude::window().session_storage().ok().flatten();
        if let (Some(storage), Ok(text)) = (storage, serde_json::to_string(&kept)) {
            let _ = storage.set_item(&name(key), &text);
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, draft);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::playground::{InputDraft, VersionDraft};

    fn draft(model: &str, input: &str) -> Draft {
        Draft {
            version: VersionDraft { model: model.to_owned(), ..VersionDraft::default() },
            input: InputDraft { json: input.to_owned(), ..InputDraft::default() },
        }
    }

    fn doc(keeps_version: bool, keeps_input: bool) -> PlaygroundDoc {
        let Draft { version, input } = draft("loaded", "loaded");
        PlaygroundDoc {
            key: PlaygroundKey::default(),
            providers: Vec::new(),
            version,
            keeps_version,
            input,
            keeps_input,
            answer: None,
            missing: Vec::new(),
            can_run: true,
        }
    }

    fn key(run: &str) -> PlaygroundKey {
        PlaygroundKey { run: Some(run.to_owned()), ..PlaygroundKey::default() }
    }

    #[test]
    fn typed_text_survives_a_reload_of_the_same_page() {
        let kept = KeptDraft { began_with: key("a"), draft: draft("typed", "typed") };
        assert_eq!(begin(&key("a"), &doc(false, false), Some(kept)), draft("typed", "typed"));
    }

    #[test]
    fn an_input_alone_leaves_prompt_and_model() {
        let kept = KeptDraft { began_with: key("a"), draft: draft("typed", "typed") };
        assert_eq!(begin(&key("b"), &doc(true, false), Some(kept)), draft("typed", "loaded"));
        assert_eq!(begin(&key("b"), &doc(true, false), None), draft("loaded", "loaded"));
    }
}
