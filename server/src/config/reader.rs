//! Reads variables and gathers what is wrong with them.

use std::str::FromStr;

use url::Url;

use secrecy::SecretString;

use super::{ConfigError, Environment};

/// Reads one variable after another and remembers every problem.
pub struct Reader<'a> {
    environment: &'a Environment,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader without problems yet.
    #[must_use]
    pub fn new(environment: &'a Environment) -> Self {
        Self { environment, problems: Vec::new() }
    }

    /// A variable's text without white space around it; an empty one counts as unset.
    pub fn text(&mut self, name: &str) -> Option<&'a str> {
        let Some(text) = self.environment.get(name)?.to_str() else {
            self.problem(name, "must be UTF-8");
            return None;
        };
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    /// A variable read as a type; `wanted` completes "must be …".
    pub fn parse<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.problem(name, &format!("must be {wanted}, not {text:?}"));
        }
        value
    }

    /// A variable that is one of a few words.
    pub fn choice<const N: usize>(
        &mut self,
        name: &str,
        words: [&'static str; N],
    ) -> Option<&'static str> {
        let text = self.text(name)?;
        let chosen = words.into_iter().find(|word| word.eq_ignore_ascii_case(text));
        if chosen.is_none() {
            self.problem(name, &format!("must be one of {}, not {text:?}", words.join(", ")));
        }
        chosen
    }

    /// A switch, off when unset.
    pub fn flag(&mut self, name: &str) -> bool {
        matches!(self.choice(name, ["1", "true", "0", "false"]), Some("1" | "true"))
    }

    /// A secret of at least so many characters; its value stays out of the problem.
    pub fn secret(&mut self, name: &str, min_chars: usize) -> Option<SecretString> {
        let text = self.text(name)?;
        if text.chars().count() < min_chars {
            self.problem(name, &format!("must have at least {min_chars} characters"));
            return None;
        }
        Some(SecretString::from(text))
    }

    /// An `http` or `https` address that carries no user and no password.
    pub fn url(&mut self, name: &str) -> Option<Url> {
        let url: Url = self.parse(name, "an address like https://host/path")?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            self.problem(name, "must begin with http:// or https:// and name a host");
            return None;
        }
        if !url.username().is_empty() || url.password().is_some() {
            self.problem(name, "must not hold a user or password; other variables carry them");
            return None;
        }
        Some(url)
    }

    /// An address without path, query and fragment.
    pub fn origin(&mut self, name: &str) -> Option<Url> {
        let url = self.url(name)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            self.problem(name, "must be an origin like https://runs.example, without a path");
            return None;
        }
        Some(url)
    }

    /// Whether a variable has a value.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.environment.get(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
    }

    /// Remembers a problem; `what` completes a sentence that begins with the name.
    pub fn problem(&mut self, name: &str, what: &str) {
        self.problems.push(format!("{name} {what}"));
    }

    /// Gives the value when there was no problem.
    ///
    /// # Errors
    /// Every problem remembered.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(ConfigError { problems: self.problems })
        }
    }
}
