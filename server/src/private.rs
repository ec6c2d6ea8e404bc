//! Keeps what is written out of reach of the other users of the machine.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

/// All rights of a folder's owner, and none of anybody else.
const OWNER_ONLY: u32 = 0o700;
/// The rights of group and others.
const OF_OTHERS: u32 = 0o077;
/// What Runs keeps at the top of a data directory. Folders may be links to another disk.
const OWN: [&str; 7] =
    ["clickhouse", "engine", "engine.json", "engine.lock", "otlp", "secret.key", "spool"];
/// What tells that Runs was here before: other programs have folders of such names as well.
const SIGNS: [&str; 4] = ["engine.json", "engine.lock", "secret.key", "spool/quarantine"];

/// From now on nothing that this process and its children make can be read by other users.
pub fn restrict_new_files() {
    rustix::process::umask(Mode::from_raw_mode(OF_OTHERS));
}

/// The data directory cannot be kept private.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the data directory {}: {cause}; set RUNS_DATA_DIR to a folder of your own", dir.display())]
pub struct NoDataDir {
    dir: PathBuf,
    cause: Error,
}

/// Makes the data directory if it is missing, and takes the rights of other users from one
/// that is there and from all that Runs keeps in it, with a word in the log. What others
/// keep in it stays as it is, although nobody but its owner reaches it any more.
///
/// One that belongs to somebody else, as a volume of a container may, stays as it is, which
/// is logged as a warning.
///
/// # Errors
/// When it cannot be made.
pub fn prepare(dir: &Path) -> Result<(), NoDataDir> {
    let made = DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(dir);
    made.map_err(|cause| NoDataDir { dir: dir.to_owned(), cause })?;
    let is_used = SIGNS.iter().any(|sign| dir.join(sign).exists());
    let own: &[&str] = if is_used { &OWN } else { &[] };
    let own = own.iter().map(|name| (dir.join(name), Depth::All));
    let roots = std::iter::once((dir.to_owned(), Depth::Top)).chain(own);
    for (root, depth) in roots.filter(|(root, _)| open_mode(root).is_some()) {
        match close(&root, depth) {
            Ok(0) => {}
            Ok(closed) => tracing::warn!(
                path = %root.display(), closed,
                "other users of this machine could read this; removed their access"
            ),
            Err(error) => tracing::warn!(
                path = %root.display(), %error,
                "other users of this machine can read this, and their access cannot be removed; change its owner or mode"
            ),
        }
    }
    Ok(())
}

/// The mode of a file or folder, if users other than its owner have rights there.
fn open_mode(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & OF_OTHERS != 0).then_some(mode)
}

/// The data directory, if it is open, and what is in it but can be reached another way, since
/// it is on another disk; each with its mode.
#[must_use]
pub fn open_places(dir: &Path) -> Vec<(PathBuf, u32)> {
    let links = OWN.iter().map(|name| dir.join(name)).filter(|path| path.is_symlink());
    let places = std::iter::once(dir.to_owned()).chain(links);
    places.filter_map(|place| open_mode(&place).map(|mode| (place, mode))).collect()
}

/// How much of a folder is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Top,
    All,
}

/// Closes a file, or a folder and all below it, the folder first, so that nobody comes in
/// meanwhile. Gives how many entries were open.
fn close(root: &Path, depth: Depth) -> std::io::Result<u64> {
    let metadata = fs::metadata(root)?;
    let mut closed = close_one(root, &metadata)?;
    let is_whole = depth == Depth::Top || !metadata.is_dir();
    let mut folders = if is_whole { Vec::new() } else { vec![root.to_owned()] };
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            // Of the entry itself: what links lead to is found at its own place.
            let metadata = match entry.metadata() {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                metadata => metadata?,
            };
            if metadata.is_symlink() {
                continue;
            }
            closed += close_one(&entry.path(), &metadata)?;
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(closed)
}

fn close_one(path: &Path, metadata: &Metadata) -> std::io::Result<u64> {
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OF_OTHERS == 0 {
        return Ok(0);
    }
    match fs::set_permissions(path, Permissions::from_mode(mode & !OF_OTHERS)) {
        // A file of the engine that it has removed meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        done => done.map(|()| 1),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_data_directory_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("a/data");
        prepare(&data).unwrap();
        assert_eq!(mode(&data), OWNER_ONLY);
        assert_eq!(open_mode(&data), None);
    }

    #[test]
    fn an_open_one_is_closed_to_its_last_file_and_nothing_beyond_it() {
        let home = tempfile::tempdir().unwrap();
        let (data, elsewhere) = (home.path().join("data"), home.path().join("elsewhere"));
        fs::create_dir_all(data.join("clickhouse/store/abc")).unwrap();
        fs::create_dir_all(&elsewhere).unwrap();
        fs::create_dir_all(data.join("of-others")).unwrap();
        let (secret, foreign) = (data.join("secret.key"), data.join("of-others/file"));
        let part = data.join("clickhouse/store/abc/data.bin");
        for file in [&part, &elsewhere.join("mine"), &secret, &foreign] {
            fs::write(file, "x").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        symlink(&elsewhere, data.join("clickhouse/link")).unwrap();
        for folder in [&data, &data.join("clickhouse"), &part.parent().unwrap().to_owned()] {
            fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        }
        assert_eq!(open_places(&data), [(data.clone(), 0o755)]);
        prepare(&data).unwrap();
        assert_eq!((mode(&data), mode(part.parent().unwrap())), (0o700, 0o700));
        assert_eq!((mode(&part), mode(&elsewhere.join("mine"))), (0o600, 0o644));
        assert_eq!((mode(&secret), mode(&foreign)), (0o600, 0o644));
    }

    #[test]
    fn folders_of_other_programs_stay_open_where_runs_was_never() {
        let home = tempfile::tempdir().unwrap();
        let spool = home.path().join("spool");
        fs::create_dir_all(spool.join("mail")).unwrap();
        for folder in [&spool, &spool.join("mail")] {
            fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        }
        prepare(home.path()).unwrap();
        assert_eq!((mode(&spool), mode(&spool.join("mail"))), (0o755, 0o755));
        assert_eq!(mode(home.path()), OWNER_ONLY);
    }

    #[test]
    fn a_part_on_another_disk_is_closed_too() {
        let home = tempfile::tempdir().unwrap();
        let (data, disk) = (home.path().join("data"), home.path().join("disk"));
        fs::create_dir_all(&data).unwrap();
        fs::create_dir_all(&disk).unwrap();
        fs::set_permissions(&disk, Permissions::from_mode(0o755)).unwrap();
        symlink(&disk, data.join("clickhouse")).unwrap();
        fs::create_dir_all(data.join("spool/quarantine")).unwrap();
        fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
        assert_eq!(open_places(&data), [(data.join("clickhouse"), 0o755)]);
        prepare(&data).unwrap();
        assert_eq!((mode(&disk), open_places(&data).len()), (OWNER_ONLY, 0));
    }
}
