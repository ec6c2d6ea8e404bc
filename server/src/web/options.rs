//! What Leptos is told about the built web app.

use leptos::config::LeptosOptions;

use crate::config::Site;

/// The name that the build gives to the app's script and stylesheet.
const OUTPUT_NAME: &str = "runs";

/// Leptos options for a site that was found; without one, pages render unstyled.
#[must_use]
pub fn leptos_options(site: &Site) -> LeptosOptions {
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let mut options = LeptosOptions::builder().output_name(OUTPUT_NAME).build();
    if let Some(root) = &site.root {
        options.site_root = text(root).into();
    }
    if let Some(file) = &site.hash_file {
        // Leptos joins this to the executable's folder; an absolute path replaces it.
        options.hash_file =
            text(&std::path::absolute(file).unwrap_or_else(|_| file.clone())).into();
        options.hash_files = true;
    }
    options
}
