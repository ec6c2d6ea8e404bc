//! Values in one line, for lists.

use crate::Json;
use crate::limits::PREVIEW_CHARS;

/// Any value in at most 255 characters.
#[must_use]
pub fn preview(json: &Json) -> String {
    json.as_str().chars().take(PREVIEW_CHARS).collect()
}
