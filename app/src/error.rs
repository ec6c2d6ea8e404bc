//! The one error that pages and server functions speak.

mod form;

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::{Bytes, Encodes};
use model::Role;
use serde::{Deserialize, Serialize};

/// Why something could not be shown or done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(from = "form::ErrorForm", into = "form::ErrorForm")]
pub enum AppError {
    /// It does not exist, was deleted, or belongs to another organization.
    #[error("not found")]
    NotFound,
    /// The viewer's role in their own organization does not allow it.
    #[error("requires the {needs} role")]
    Forbidden {
        /// The least role that may do it.
        needs: Role,
    },
    /// Nobody is signed in.
    #[error("sign in first")]
    Unauthorized,
    /// Something given is wrong, and the one who gave it can mend it.
    #[error("{field}: {message}")]
    Invalid {
        /// What is wrong, like `q`.
        field: String,
        /// Why, and what would be right.
        message: String,
        /// Which characters of the text are wrong, from 0, and how many.
        at: Option<(u32, u32)>,
    },
    /// The store or a provider does not answer now; trying again may help.
    #[error("{message}")]
    Unavailable {
        /// What to tell the reader.
        message: String,
    },
    /// The organization has its share of something already; trying again helps
    /// once it has less under way.
    #[error("{message}")]
    TooMany {
        /// What to tell the reader.
        message: String,
    },
    /// The server could not be reached.
    #[error("the server cannot be reached")]
    Offline,
    /// A defect; the log of the server has the cause under this request id.
    #[error("something went wrong")]
    Internal {
        /// The request's id, as in the header `x-request-id`.
        request_id: Option<String>,
    },
}

impl AppError {
    /// The HTTP status of a page or an answer with this error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Forbidden { .. } => 403,
            Self::Unauthorized => 401,
            Self::Invalid { .. } => 400,
            Self::TooMany { .. } => 429,
            Self::Unavailable { .. } | Self::Offline => 503,
            Self::Internal { .. } => 500,
        }
    }

    /// A wrong value of a field.
    #[must_use]
    pub fn invalid(field: &str, message: impl ToString) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.to_string(), at: None }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(message) | ServerFnErrorErr::MissingArg(message) => {
                Self::invalid("arguments", message)
            }
            // On the server that is what was sent to it, in the browser what it answered.
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(message) => match message.as_str() {
                "length limit exceeded" => Self::invalid("arguments", "must have at most 2 MB"),
                _ => Self::invalid("arguments", message),
            },
            _ => Self::Internal { request_id: None },
        }
    }

    /// Also gives the answer its status, which for a server function would be
    /// 500 whatever the error.
    fn ser(&self) -> Bytes {
        crate::status::set_page_status(self);
        // Texts and numbers always have a JSON form.
        JsonEncoding::encode(self).unwrap_or_default()
    }
}

#[cfg(feature = "ssr")]
mod ssr {
    use http::request::Parts;
    use leptos::prelude::use_context;
    use spool::{DoorError, NoRoom};
    use store::StoreError;

    use super::AppError;

    impl From<StoreError> for AppError {
        fn from(error: StoreError) -> Self {
            match error {
                StoreError::Unavailable(_) | StoreError::TooSlow | StoreError::TooBroad => {
                    Self::Unavailable { message: error.to_string() }
                }
                StoreError::TooManyQueries { .. } | StoreError::TooManyDeletions { .. } => {
                    Self::TooMany { message: error.to_string() }
                }
                StoreError::AlreadyExists { .. } | StoreError::TooMany { .. } => {
                    Self::invalid("name", error)
                }
                StoreError::InvalidSearch(_) => Self::invalid("q", error),
                other => {
                    tracing::error!(error = &other as &dyn std::error::Error, "store failed");
                    Self::internal()
                }
            }
        }
    }

    impl From<DoorError> for AppError {
        fn from(error: DoorError) -> Self {
            match error {
                DoorError::Store(error) => error.into(),
                DoorError::Full(NoRoom::Share { .. }) => {
                    Self::TooMany { message: error.to_string() }
                }
                other => Self::Unavailable { message: other.to_string() },
            }
        }
    }

    impl AppError {
        /// A defect in the request that is being answered; log the cause yourself.
        #[must_use]
        pub fn internal() -> Self {
            let request_id = use_context::<Parts>().and_then(|parts| {
                let id = parts.headers.get("x-request-id")?;
                Some(id.to_str().ok()?.to_owned())
            });
            Self::Internal { request_id }
        }
    }
}
