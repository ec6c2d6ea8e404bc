//! Other users of the machine, and other processes, see nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::process::{Server, output, runs};

/// Every entry below a folder, and the folder, with rights of group or others.
fn open_entries(dir: &Path) -> Vec<String> {
    let mut open = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        for path in entries.chain([folder.clone()]) {
            // The engine removes files meanwhile.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            let mode = metadata.permissions().mode() & 0o777;
            if !metadata.is_symlink() && mode & 0o077 != 0 {
                open.push(format!("{} {mode:o}", path.display()));
            }
            if metadata.is_dir() && path != folder {
                folders.push(path);
            }
        }
    }
    open
}

fn doctor(dir: &Path) -> Value {
    let (_, out, err) = output(runs(dir).args(["doctor", "--json"]));
    let findings: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    let found = findings.as_array().unwrap().iter().find(|it| it["check"] == "privacy");
    found.unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_data_directory_is_for_others() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let mut server = Server::start(&data);
    let run = json!({ "agent": "a", "output": "secret" });
    assert_eq!(server.post("/v1/runs", &run).await.status(), 200);
    assert_eq!(open_entries(&data), [""; 0]);
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(open_entries(&data), [""; 0]);

    // As an older version left it.
    let changed = Command::new("chmod").args(["-R", "u=rwX,go=rX"]).arg(&data).status().unwrap();
    assert!(changed.success() && !open_entries(&data).is_empty());
    let mut server = Server::start(&data);
    let told = server.seen.iter().filter(|line| line.contains("other users of this machine"));
    assert!(told.count() > 0, "{:?}", server.seen);
    assert_eq!(open_entries(&data), [""; 0]);
    assert_eq!(doctor(&data)["verdict"], "ok");
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let finding = doctor(&data);
    assert_eq!(finding["verdict"], "problem");
    assert!(finding["message"].as_str().unwrap().contains("755"), "{finding}");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_knows_no_secret_of_the_server() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::start(home.path());
    let tasks = fs::read_dir(format!("/proc/{}/task", server.child.id())).unwrap();
    let children = tasks
        .map(|task| fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default());
    let children = children.collect::<Vec<_>>().join(" ");
    let engine = children.split_whitespace().next().unwrap().to_owned();
    let environment = fs::read(format!("/proc/{engine}/environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    let names: Vec<&str> =
        environment.split('\0').filter_map(|it| it.split_once('=')).map(|(name, _)| name).collect();
    let known = [
        "LD_LIBRARY_PATH",
        "TMPDIR",
        "RUST_BACKTRACE",
        "RUST_LOG",
        "RUNS_LOG_FORMAT",
        "RUNS_ENGINE_SUPERVISED",
    ];
    assert!(names.contains(&"RUNS_ENGINE_SUPERVISED"), "{names:?}");
    assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
    assert_eq!(server.terminate(), Some(0));
}
