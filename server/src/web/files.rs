//! How many files this process may have open, sockets among them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many files may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFiles {
    /// Now.
    pub now: u64,
    /// Once this process asks for more.
    pub most: u64,
}

impl OpenFiles {
    /// What the system says.
    #[must_use]
    pub fn read() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        Self { now: current.unwrap_or(u64::MAX), most: maximum.unwrap_or(u64::MAX) }
    }

    /// Asks for as many as there may be: what shells and service managers begin with is
    /// for programs that do not serve thousands. Gives how many there may be now.
    pub fn raise() -> u64 {
        let both = getrlimit(Resource::Nofile);
        let wanted = Rlimit { current: both.maximum, maximum: both.maximum };
        if both.current != both.maximum
            && let Err(error) = setrlimit(Resource::Nofile, wanted)
        {
            tracing::warn!(%error, "cannot raise how many files may be open");
        }
        Self::read().now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_may_be_open_as_the_system_lets() {
        let before = OpenFiles::read();
        assert_eq!(OpenFiles::raise(), before.most);
        assert_eq!(OpenFiles::read(), OpenFiles { now: before.most, most: before.most });
    }
}
