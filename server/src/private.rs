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
/// What stands at the top of a data directory, and may be a link to another disk.
const TOP: [&str; 4] = ["clickhouse", "engine", "otlp", "spool"];

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
/// that is there, with a word in the log.
///
/// One that belongs to somebody else, as a volume of a container may, stays as it is, which
/// is logged as a warning.
///
/// # Errors
/// When it cannot be made.
pub fn prepare(dir: &Path) -> Result<(), NoDataDir> {
    let made = DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(dir);
    made.map_err(|cause| NoDataDir { dir: dir.to_owned(), cause })?;
    let roots = std::iter::once(dir.to_owned()).chain(TOP.map(|name| dir.join(name)));
    for root in roots.filter(|root| open_mode(root).is_some()) {
        match close(&root) {
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

/// The mode of a folder, if users other than its owner have rights there.
#[must_use]
pub fn open_mode(dir: &Path) -> Option<u32> {
    let mode = fs::metadata(dir).ok()?.permissions().mode() & 0o777;
    (mode & OF_OTHERS != 0).then_some(mode)
}

/// Closes a folder and all below it, the folder first, so that nobody comes in meanwhile.
/// Gives how many entries were open.
fn close(root: &Path) -> std::io::Result<u64> {
    let mut closed = close_one(root, &fs::metadata(root)?)?;
    let mut folders = vec![root.to_owned()];
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
        let part = data.join("clickhouse/store/abc/data.bin");
        for file in [&part, &elsewhere.join("mine")] {
            fs::write(file, "x").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        symlink(&elsewhere, data.join("clickhouse/link")).unwrap();
        for folder in [&data, &data.join("clickhouse"), &part.parent().unwrap().to_owned()] {
            fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        }
        assert_eq!(open_mode(&data), Some(0o755));
        prepare(&data).unwrap();
        assert_eq!((mode(&data), mode(part.parent().unwrap())), (0o700, 0o700));
        assert_eq!((mode(&part), mode(&elsewhere.join("mine"))), (0o600, 0o644));
    }

    #[test]
    fn a_part_on_another_disk_is_closed_too() {
        let home = tempfile::tempdir().unwrap();
        let (data, disk) = (home.path().join("data"), home.path().join("disk"));
        fs::create_dir_all(&data).unwrap();
        fs::create_dir_all(&disk).unwrap();
        fs::set_permissions(&disk, Permissions::from_mode(0o755)).unwrap();
        symlink(&disk, data.join("clickhouse")).unwrap();
        prepare(&data).unwrap();
        assert_eq!(mode(&disk), OWNER_ONLY);
    }
}
