//! The zone of the reader's clock.

use leptos::prelude::*;
use model::Timestamp;

use crate::format;

/// The zone in which times are shown: UTC in the first view, which is the
/// server's, then the reader's own.
#[derive(Clone, Copy)]
pub struct Zone(ReadSignal<bool>);

/// Lets everything below know the zone.
pub fn provide_zone() {
    let (is_local, set_local) = signal(false);
    provide_context(Zone(is_local));
    Effect::new(move |_| set_local.set(true));
}

impl Zone {
    /// The zone around a component.
    #[must_use]
    pub fn here() -> Self {
        use_context().unwrap_or_else(|| Self(signal(false).0))
    }

    /// How many minutes east of UTC it is at a moment.
    #[must_use]
    pub fn offset(self, at: Timestamp) -> i64 {
        if self.0.get() { crate::browser::minutes_east(at) } else { 0 }
    }

    /// A moment as the reader's clock shows it.
    #[must_use]
    pub fn east(self, at: Timestamp) -> Timestamp {
        format::east(at, self.offset(at))
    }

    /// The year that it is, where that is known.
    #[must_use]
    pub fn year(self) -> Option<i64> {
        let now = crate::browser::now().filter(|_| self.0.get())?;
        Some(format::year(self.east(now)))
    }
}
