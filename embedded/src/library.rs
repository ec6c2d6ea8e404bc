//! Where the engine library is.

use crate::error::EngineError;
use std::env;
use std::path::{Path, PathBuf};

/// The library's file name on this system.
pub(crate) const FILE_NAME: &str = "libchdb.so";

/// How many folders above the executable are searched, so that a test in
/// `target/debug/deps` finds `target/libchdb.so`.
const PARENTS: usize = 3;

/// Finds the engine library.
///
/// An explicit path is taken as it is. Otherwise the library is looked for in
/// the executable's folder, in up to three of its parents, in `../lib` of the
/// executable, in `/usr/local/lib` and in `/usr/lib`.
///
/// # Errors
///
/// [`EngineError::LibraryNotFound`] lists every place that was tried.
pub fn find_libchdb(explicit: Option<&Path>) -> Result<PathBuf, EngineError> {
    let candidates = match explicit {
        Some(path) => vec![path.to_owned()],
        None => candidates(env::current_exe().ok().as_deref()),
    };
    match candidates.iter().find(|path| path.is_file()) {
        // The dynamic linker searches its own folders for a bare file name.
        Some(path) => path.canonicalize().map_err(EngineError::io("resolve", path)),
        None => Err(EngineError::LibraryNotFound { looked: candidates }),
    }
}

fn candidates(executable: Option<&Path>) -> Vec<PathBuf> {
    let folder = executable.and_then(Path::parent);
    let mut places: Vec<PathBuf> = folder
        .into_iter()
        .flat_map(|folder| folder.ancestors().take(PARENTS + 1))
        .map(Path::to_owned)
        .collect();
    places.extend(folder.and_then(Path::parent).map(|parent| parent.join("lib")));
    places.extend(["/usr/local/lib", "/usr/lib"].map(PathBuf::from));
    places.into_iter().map(|place| place.join(FILE_NAME)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_binary_finds_the_library_beside_the_target_folder() {
        let places = candidates(Some(Path::new("/w/target/debug/deps/it-1")));
        let expected =
            ["/w/target/debug/deps", "/w/target/debug", "/w/target", "/w", "/w/target/debug/lib"];
        for folder in expected {
            assert!(places.contains(&Path::new(folder).join(FILE_NAME)), "{folder}");
        }
        assert!(!places.contains(&Path::new("/").join(FILE_NAME)));
        assert!(places.contains(&PathBuf::from("/usr/lib/libchdb.so")));
    }

    #[test]
    fn the_error_lists_where_it_looked_and_what_to_do() {
        let error = find_libchdb(Some(Path::new("/nowhere/libchdb.so"))).unwrap_err().to_string();
        assert!(error.contains("/nowhere/libchdb.so"), "{error}");
        assert!(error.contains("make setup") && error.contains("RUNS_LIBCHDB"), "{error}");
    }
}
