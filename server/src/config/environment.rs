//! A snapshot of the environment variables, so that tests need not change the process's own.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// Variables by name.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect();
        Self { variables }
    }

    /// Given variables and no others.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { variables }
    }

    /// The value of a variable as it is.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name)
    }
}
