//! The present, for times that say how long ago something was.

use leptos::prelude::*;
use model::Timestamp;

/// The present; `None` in the first view, which is the server's.
#[derive(Clone, Copy)]
pub struct Clock(pub ReadSignal<Option<Timestamp>>);

/// Milliseconds between two ticks: minutes are the finest step that stands for long.
const TICK_MS: u32 = 20_000;

/// Lets the clock run for everything below.
pub fn provide_clock() {
    let (now, set_now) = signal(None);
    provide_context(Clock(now));
    Effect::new(move |_| {
        leptos::task::spawn_local(async move {
            loop {
                crate::browser::sleep_ms(TICK_MS).await;
                if set_now.try_set(crate::browser::now()).is_some() {
                    break;
                }
            }
        });
    });
}
