//! Finds the built web app and the file with the hashes of its parts.
//!
//! A build leaves `target/release/runs` and `target/site`; an installed copy
//! has `site` beside the program. Both are found without being told.

use std::path::{Path, PathBuf};

use super::reader::Reader;

const SITE_ROOT: &str = "LEPTOS_SITE_ROOT";

/// The web app on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The folder with `pkg` in it; `None` when the app was not built.
    pub root: Option<PathBuf>,
    /// `hash.txt`, when the names of the parts carry hashes.
    pub hash_file: Option<PathBuf>,
}

/// Where this process is.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The folder of the executable.
    pub executable_dir: Option<PathBuf>,
    /// The working directory.
    pub working_dir: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let executable = std::env::current_exe().ok();
        Self {
            executable_dir: executable.as_deref().and_then(Path::parent).map(Path::to_owned),
            working_dir: std::env::current_dir().ok(),
        }
    }
}

impl Site {
    /// Finds the site of this process; one that is named must be there.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let given = reader.text(SITE_ROOT);
        let site = Self::find(given, &Surroundings::of_process());
        if given.is_some() && site.root.is_none() {
            reader.problem(SITE_ROOT, "must be the folder of the built web app, with pkg in it");
        }
        site
    }

    /// Looks at the place given, else beside the program, above it, and in the checkout.
    #[must_use]
    pub fn find(given: Option<&str>, around: &Surroundings) -> Self {
        let beside = around.executable_dir.as_deref();
        let above = beside.and_then(Path::parent);
        let candidates = match given {
            Some(path) => vec![around.absolute(Path::new(path))],
            None => [beside.map(|dir| dir.join("site")), above.map(|dir| dir.join("site"))]
                .into_iter()
                .chain([around.working_dir.as_deref().map(|dir| dir.join("target/site"))])
                .flatten()
                .collect(),
        };
        let root = candidates.into_iter().find(|root| root.join("pkg").is_dir());
        let hash_file = [beside, root.as_deref(), root.as_deref().and_then(Path::parent)]
            .into_iter()
            .flatten()
            .map(|dir| dir.join("hash.txt"))
            .find(|file| file.is_file());
        Self { root, hash_file }
    }
}

impl Surroundings {
    fn absolute(&self, path: &Path) -> PathBuf {
        match &self.working_dir {
            Some(dir) => dir.join(path),
            None => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(dir: &Path, exe: &str, site: &str) -> Surroundings {
        let executable_dir = dir.join(exe);
        std::fs::create_dir_all(&executable_dir).unwrap();
        std::fs::create_dir_all(dir.join(site).join("pkg")).unwrap();
        Surroundings { executable_dir: Some(executable_dir), working_dir: Some(dir.to_owned()) }
    }

    #[test]
    fn a_checkout_needs_no_variable() {
        let dir = tempfile::tempdir().unwrap();
        let around = build(dir.path(), "target/release", "target/site");
        std::fs::write(dir.path().join("target/release/hash.txt"), "js: 1").unwrap();
        let site = Site::find(None, &around);
        assert_eq!(site.root, Some(dir.path().join("target/site")));
        assert_eq!(site.hash_file, Some(dir.path().join("target/release/hash.txt")));
    }

    #[test]
    fn an_installed_copy_has_the_site_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let around = build(dir.path(), "opt", "opt/site");
        std::fs::write(dir.path().join("opt/site/hash.txt"), "js: 1").unwrap();
        let site = Site::find(None, &around);
        assert_eq!(site.root, Some(dir.path().join("opt/site")));
        assert_eq!(site.hash_file, Some(dir.path().join("opt/site/hash.txt")));
    }

    #[test]
    fn a_given_place_is_the_only_one_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let around = build(dir.path(), "target/release", "target/site");
        assert_eq!(Site::find(Some("elsewhere"), &around).root, None);
        assert!(Site::find(Some("target/site"), &around).root.is_some());
    }
}
