//! One file per page.

pub mod agent_settings_page;
pub mod agents_page;
pub mod home_page;
pub mod keys_page;
pub mod login_page;
pub mod members_page;
pub mod not_found_page;
pub mod playground_page;
pub mod prompt_page;
pub mod providers_page;
pub mod redirects;
pub mod run_page;
pub mod runs_page;
pub mod setup_page;
pub mod stats_page;
pub mod status_page;
pub mod versions_page;
