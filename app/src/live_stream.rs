//! New runs as the server tells of them, while somebody looks.

use leptos::prelude::*;
use serde::Deserialize;

/// Runs that arrived together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Arrived {
    /// How many.
    pub count: u64,
    /// The newest of them; not all when they are many.
    pub ids: Vec<String>,
}

/// What is followed, and from where on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The address of the stream, with a query.
    pub url: String,
    /// Where the stream goes on.
    pub after: String,
}

/// Follows a stream and tells `arrived` of what it brings. A stream with
/// another address takes the place of the one before. Hidden pages follow
/// nothing; shown again, they are told what they missed.
pub fn follow_stream(followed: Memo<Option<Followed>>, arrived: Callback<Arrived>) {
    #[cfg(feature = "hydrate")]
    browser::follow(followed, arrived);
    #[cfg(not(feature = "hydrate"))]
    let _ = (followed, arrived);
}

#[cfg(feature = "hydrate")]
mod browser {
    use futures::StreamExt;
    use futures::future::{AbortHandle, abortable};
    use gloo_net::eventsource::futures::EventSource;
    use leptos::prelude::*;

    use super::{Arrived, Followed};
    use crate::browser::sleep_ms;

    /// How long a search must stand until its stream is opened: not while it is typed.
    const STAND_MS: u32 = 500;
    /// How long to wait after the server refused the stream.
    const REFUSED_MS: u32 = 5_000;

    pub(super) fn follow(followed: Memo<Option<Followed>>, arrived: Callback<Arrived>) {
        let is_hidden = RwSignal::new(document().hidden());
        let shown = window_event_listener(leptos::ev::visibilitychange, move |_| {
            is_hidden.set(document().hidden());
        });
        let open = StoredValue::new(None::<AbortHandle>);
        let close = move || {
            if let Some(stream) = open.try_update_value(Option::take).flatten() {
                stream.abort();
            }
        };
        // What was followed last, and how far.
        let place = StoredValue::new(None::<Followed>);
        Effect::new(move |_| {
            close();
            let Some(wanted) = followed.get() else {
                place.set_value(None);
                return;
            };
            let is_same = place
                .with_value(|place| place.as_ref().is_some_and(|place| place.url == wanted.url));
            if !is_same {
                place.set_value(Some(wanted));
            }
            if is_hidden.get() {
                return;
            }
            let (stream, handle) = abortable(listen(place, arrived));
            open.set_value(Some(handle));
            leptos::task::spawn_local(async move {
                // Closed from here, or for good.
                let _ = stream.await;
            });
        });
        on_cleanup(move || {
            close();
            shown.remove();
        });
    }

    async fn listen(place: StoredValue<Option<Followed>>, arrived: Callback<Arrived>) {
        sleep_ms(STAND_MS).await;
        loop {
            let Some(Some(Followed { url, after })) = place.try_get_value() else { return };
            let address = format!("{url}&after={after}");
            let Ok(mut source) = EventSource::new(&address) else { return };
            let Ok(mut messages) = source.subscribe("message") else { return };
            while let Some(Ok((_, message))) = messages.next().await {
                let id = message.last_event_id();
                place.try_update_value(|place| {
                    if let Some(place) = place
                        && !id.is_empty()
                    {
                        place.after = id;
                    }
                });
                let data = message.data().as_string().unwrap_or_default();
                if let Ok(runs) = serde_json::from_str::<Arrived>(&data) {
                    arrived.run(runs);
                }
            }
            // The browser itself comes again after a lost connection, but not
            // after an answer that is no stream.
            sleep_ms(REFUSED_MS).await;
        }
    }
}
