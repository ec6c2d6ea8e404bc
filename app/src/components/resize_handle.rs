//! Making a column wider or narrower where it stands.

use std::sync::Arc;

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::column::WIDTHS;

use crate::browser::pointer;
use crate::data::list::ColumnDoc;
use crate::format::visible::visible;
use crate::list_state::{ListScope, ListState, columns_text};

/// How far an arrow moves an edge, in pixels; ten times as far with Shift.
const STEP: u32 = 8;
/// How long the arrows rest before the address has the width.
const REST_MS: u32 = 400;

/// The widths of a table's columns while they are being changed.
#[derive(Clone, Copy)]
pub struct Resizing {
    columns: Memo<Arc<Vec<ColumnDoc>>>,
    /// The column whose width is not in the address yet.
    moved: RwSignal<Option<(usize, u32)>>,
    /// Where a drag began: the place of the pointer, and how wide the column was.
    drag: StoredValue<Option<(f64, f64)>>,
    /// Counts what the keyboard did, to know what came last.
    key_count: StoredValue<u32>,
    /// The handle that keeps the focus when the heads are drawn anew.
    focused: StoredValue<Option<usize>>,
    show: Callback<String>,
}

impl Resizing {
    /// Widths that follow the address of a list, and change it.
    pub fn new(
        columns: Memo<Arc<Vec<ColumnDoc>>>,
        scope: Signal<ListScope>,
        state: Signal<ListState>,
    ) -> Self {
        let navigate = use_navigate();
        let show = Callback::new(move |columns: String| {
            let options =
                NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            let state = state.with_untracked(|state| state.with_columns(columns));
            navigate(&state.href(&scope.get_untracked()), options);
        });
        let resizing = Self {
            columns,
            moved: RwSignal::new(None),
            drag: StoredValue::new(None),
            key_count: StoredValue::new(0),
            focused: StoredValue::new(None),
            show,
        };
        Effect::new(move |_| {
            columns.track();
            resizing.moved.set(None);
            if let Some(position) = resizing.focused.try_update_value(Option::take).flatten() {
                crate::browser::after_drawing(move || crate::browser::focus(&handle_id(position)));
            }
        });
        resizing
    }

    /// The width of a column that is being changed, in pixels.
    #[must_use]
    pub fn width(self, position: usize) -> Option<u32> {
        self.moved.get().filter(|(moved, _)| *moved == position).map(|(_, width)| width)
    }

    fn set(self, position: usize, width: f64) {
        let (least, most) = (f64::from(*WIDTHS.start()), f64::from(*WIDTHS.end()));
        self.moved.set(Some((position, width.round().clamp(least, most) as u32)));
    }

    /// Puts the new width into the address.
    fn keep(self) {
        let Some((position, width)) = self.moved.get_untracked() else { return };
        self.keep_width(position, Some(width));
    }

    fn keep_width(self, position: usize, width: Option<u32>) {
        let columns = self.columns.with_untracked(|columns| {
            let own = |column: &ColumnDoc| column.width.map(u32::from);
            let chosen = columns.iter().enumerate().map(|(at, column)| {
                let width = if at == position { width } else { own(column) };
                (column.name.clone(), width)
            });
            chosen.collect::<Vec<_>>()
        });
        self.show.run(columns_text(&columns));
    }

    fn drag(self, position: usize, event: &PointerEvent) {
        match (event.type_().as_str(), self.drag.get_value()) {
            ("pointerdown", _) if event.button() == 0 => {
                self.drag.set_value(pointer::grip(event));
            }
            ("pointermove", Some((x, width))) => {
                self.set(position, width + f64::from(event.client_x()) - x);
            }
            ("pointerup", Some(_)) => {
                self.drag.set_value(None);
                self.keep();
            }
            ("pointercancel", Some(_)) => {
                self.drag.set_value(None);
                self.moved.set(None);
            }
            _ => {}
        }
    }

    fn press(self, position: usize, event: &KeyboardEvent) {
        let width = match self.width(position) {
            Some(width) => f64::from(width),
            None => pointer::width_around(event).unwrap_or_default(),
        };
        let step = f64::from(if event.shift_key() { STEP * 10 } else { STEP });
        let width = match event.key().as_str() {
            "ArrowLeft" => width - step,
            "ArrowRight" => width + step,
            "Home" => f64::from(*WIDTHS.start()),
            "End" => f64::from(*WIDTHS.end()),
            "Enter" => return self.reset(position),
            _ => return,
        };
        event.prevent_default();
        self.set(position, width);
        self.key_count.update_value(|count| *count = count.wrapping_add(1));
        let number = self.key_count.get_value();
        leptos::task::spawn_local(async move {
            crate::browser::sleep_ms(REST_MS).await;
            if self.key_count.try_get_value() == Some(number) {
                // Who has gone on meanwhile is not called back.
                let is_here = crate::browser::has_focus(&handle_id(position));
                self.focused.set_value(is_here.then_some(position));
                self.keep();
            }
        });
    }

    fn reset(self, position: usize) {
        self.moved.set(None);
        self.focused.set_value(Some(position));
        self.keep_width(position, None);
    }
}

fn handle_id(position: usize) -> String {
    format!("resize-{position}")
}

/// The edge of a column: dragged, or moved with the arrows; a double click or
/// Enter gives the column its usual width back.
#[component]
pub fn ResizeHandle(
    /// The column, from 0.
    position: usize,
    /// Its heading.
    title: String,
    /// How wide it is without being changed, in pixels.
    pixels: u32,
    resizing: Resizing,
) -> impl IntoView {
    let follow = move |event: PointerEvent| resizing.drag(position, &event);
    view! {
        <span
            class="resize-handle needs-script"
            id=handle_id(position)
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=format!("Width of {}", visible(&title))
            aria-valuemin=*WIDTHS.start()
            aria-valuemax=*WIDTHS.end()
            aria-valuenow=move || resizing.width(position).unwrap_or(pixels)
            title="Drag to resize, double-click to reset"
            on:pointerdown=follow
            on:pointermove=follow
            on:pointerup=follow
            on:pointercancel=follow
            on:keydown=move |event| resizing.press(position, &event)
            on:dblclick=move |_| resizing.reset(position)
        ></span>
    }
    .into_any()
}
