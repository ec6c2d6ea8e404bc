//! Small drawings, all on a grid of 16 with one width of line.

use leptos::prelude::*;

/// A drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Close,
    Copy,
    Down,
    External,
    Help,
    Left,
    Link,
    Minus,
    More,
    Play,
    Plus,
    Right,
    Search,
    Stop,
    Theme,
    Up,
    User,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Copy => "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
            Self::Down => "M4 6l4 4 4-4",
            Self::External => "M6 3.5H3.5v9h9V10M9 3.5h3.5V7M12.5 3.5 7 9",
            Self::Help => {
                "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM6 6.2c.2-1.2 1-1.8 2-1.8s2 .7 2 1.8c0 1.3-2 1.6-2 3M8 11.3v.4"
            }
            Self::Left => "M10 4 6 8l4 4",
            Self::Link => {
                "M6.8 9.2a2.5 2.5 0 0 0 3.6 0l2-2a2.5 2.5 0 0 0-3.6-3.6l-.7.7M9.2 6.8a2.5 2.5 0 0 0-3.6 0l-2 2a2.5 2.5 0 0 0 3.6 3.6l.7-.7"
            }
            Self::Minus => "M4 8h8",
            Self::More => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::Play => "M5 3.5v9l7-4.5z",
            Self::Plus => "M4 8h8M8 4v8",
            Self::Right => "M6 4l4 4-4 4",
            Self::Search => "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3",
            Self::Stop => "M4.5 4.5h7v7h-7z",
            Self::Theme => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M10.5 2.6v10.8M12.7 4.4v7.2",
            Self::Up => "M4 10l4-4 4 4",
            Self::User => {
                "M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.4-2.6 2.3-4 5-4s4.6 1.4 5 4"
            }
        }
    }
}

/// A drawing beside a text, or in a control that has a label of its own.
#[component]
pub fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg
            viewBox="0 0 16 16"
            width="16"
            height="16"
            fill="none"
            stroke="currentColor"
            stroke-width="1.4"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=shape.path()></path>
        </svg>
    }
}
