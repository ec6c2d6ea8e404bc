//! The parts of the playground.

pub mod answer_column;
pub mod answer_state;
pub mod draft_signals;
pub mod draft_storage;
pub mod input_editor;
pub mod kept_notice;
pub mod messages_editor;
pub mod model_picker;
pub mod settings_editor;
pub mod version_editor;
