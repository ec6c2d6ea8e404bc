//! The HTTP status of the page that is being rendered.

use crate::error::AppError;

/// Gives the page that is being rendered the status of an error. In the browser
/// there is no status any more, and nothing happens.
pub fn set_page_status(error: &AppError) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) = (
        leptos::prelude::use_context::<leptos_axum::ResponseOptions>(),
        http::StatusCode::from_u16(error.status()),
    ) {
        response.set_status(status);
        let seconds = match status {
            http::StatusCode::TOO_MANY_REQUESTS => Some("1"),
            http::StatusCode::SERVICE_UNAVAILABLE => Some("5"),
            _ => None,
        };
        if let Some(seconds) = seconds {
            let soon = http::HeaderValue::from_static(seconds);
            response.insert_header(http::header::RETRY_AFTER, soon);
        }
    }
    #[cfg(not(feature = "ssr"))]
    let _ = error;
}
