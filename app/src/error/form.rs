//! An error as one flat object of JSON: `{"code":"invalid","field":"q",…}`.
//!
//! Serde's own enums with a tag read everything into a tree first, which is
//! much code for the browser.

use model::Role;
use serde::{Deserialize, Serialize};

use super::AppError;

/// The members of every kind of error.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorForm {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl From<AppError> for ErrorForm {
    fn from(error: AppError) -> Self {
        let of = |code: &str| Self { code: code.to_owned(), ..Self::default() };
        match error {
            AppError::NotFound => of("not_found"),
            AppError::Forbidden { needs } => Self { needs: Some(needs), ..of("forbidden") },
            AppError::Unauthorized => of("unauthorized"),
            AppError::Invalid { field, message, at } => {
                Self { field: Some(field), message: Some(message), at, ..of("invalid") }
            }
            AppError::Unavailable { message } => {
                Self { message: Some(message), ..of("unavailable") }
            }
            AppError::TooMany { message } => Self { message: Some(message), ..of("too_many") },
            AppError::Offline => of("offline"),
            AppError::Internal { request_id } => Self { request_id, ..of("internal") },
        }
    }
}

impl From<ErrorForm> for AppError {
    fn from(form: ErrorForm) -> Self {
        let message = form.message.unwrap_or_default();
        match form.code.as_str() {
            "not_found" => Self::NotFound,
            "forbidden" => Self::Forbidden { needs: form.needs.unwrap_or(Role::Owner) },
            "unauthorized" => Self::Unauthorized,
            "invalid" => {
                Self::Invalid { field: form.field.unwrap_or_default(), message, at: form.at }
            }
            "unavailable" => Self::Unavailable { message },
            "too_many" => Self::TooMany { message },
            "offline" => Self::Offline,
            _ => Self::Internal { request_id: form.request_id },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_survive_the_way_to_the_browser() {
        let errors = [
            AppError::NotFound,
            AppError::Forbidden { needs: Role::Admin },
            AppError::Unauthorized,
            AppError::Invalid { field: "q".to_owned(), message: "m".to_owned(), at: Some((1, 2)) },
            AppError::Unavailable { message: "later".to_owned() },
            AppError::TooMany { message: "wait".to_owned() },
            AppError::Offline,
            AppError::Internal { request_id: Some("r".to_owned()) },
        ];
        for error in errors {
            let json = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<AppError>(&json).unwrap(), error);
        }
    }

    #[test]
    fn the_form_is_flat() {
        let json = serde_json::to_string(&AppError::invalid("q", "wrong")).unwrap();
        assert_eq!(json, r#"{"code":"invalid","field":"q","message":"wrong"}"#);
    }
}
