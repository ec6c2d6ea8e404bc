//! The templates of a request and what they become, as the bytes that go to a worker
//! and come from it: what waits takes no more memory than these.

use super::{TemplateError, is_template};

/// The templates of a request with their variables.
#[derive(Clone, Debug)]
pub struct WrittenTemplates {
    pub(super) variables: Vec<u8>,
    pub(super) texts: Vec<u8>,
}

/// What the texts of a request became.
#[derive(Debug)]
pub struct RenderedTexts(pub(super) Vec<u8>);

impl WrittenTemplates {
    /// Those of these texts; `None` when none of them is a template. `variables` is the
    /// JSON of an object.
    ///
    /// # Errors
    /// When the texts cannot be written.
    pub fn new(variables: &str, texts: &[String]) -> Result<Option<Self>, TemplateError> {
        if !texts.iter().any(|text| is_template(text)) {
            return Ok(None);
        }
        let texts = serde_json::to_vec(texts).map_err(unavailable)?;
        Ok(Some(Self { variables: variables.as_bytes().to_vec(), texts }))
    }
}

impl RenderedTexts {
    /// The texts in their order; `None` where one is no template.
    ///
    /// # Errors
    /// What is wrong with the templates.
    pub fn read(&self) -> Result<Vec<Option<String>>, TemplateError> {
        serde_json::from_slice(&self.0).map_err(unavailable)?
    }

    /// How many bytes they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is not a byte of them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(super) fn unavailable(error: impl std::fmt::Display) -> TemplateError {
    TemplateError::Unavailable { reason: error.to_string() }
}
