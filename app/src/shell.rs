//! The document around the app, made on the server alone.

use http::header::COOKIE;
use http::request::Parts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::app::App;
use crate::components::theme_toggle::{THEME_COOKIE, Theme};

/// Writes the times of the page in the reader's own zone before they are seen.
const LOCAL_TIME: &str = include_str!("local_time.js");

/// The whole document, in the theme that the reader chose.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = chosen_theme().map(Theme::as_str);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link
                    rel="preload" href="/fonts/inter-latin.woff2"
                    r#as="font" r#type="font/woff2" crossorigin="anonymous"
                />
                <HashedStylesheet options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <script nonce=use_nonce() inner_html=LOCAL_TIME></script>
            </body>
        </html>
    }
}

fn chosen_theme() -> Option<Theme> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == THEME_COOKIE).then(|| Theme::from_word(value)).flatten()
    })
}
