//! Commands: where they work, what they call things, and what they print.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::process::{KEY, Server, output, runs};

fn import(home: &Path, arguments: &[&str]) -> Command {
    let file = home.join("runs.jsonl");
    fs::write(&file, "{\"agent\":\"a\",\"output\":1}\n").unwrap();
    let mut command = runs(home);
    command.arg("import").arg(file).arg("--json").args(arguments);
    command
}

fn told(command: &mut Command) -> Value {
    let (done, out, err) = output(command);
    assert!(done.status.success(), "{err}");
    serde_json::from_str(&out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_take_the_organization_of_the_server() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::start(home.path());
    assert_eq!(told(&mut import(home.path(), &[]))["org"], "acme");
    let key = told(runs(home.path()).args(["key", "create", "--scope", "read", "--json"]));
    assert_eq!((&key["org"], &key["scopes"]), (&json!("acme"), &json!(["read"])));
    assert_eq!(server.status("/v1/acme/agents", key["key"].as_str().unwrap()).await, 200);

    assert_eq!(
        told(runs(home.path()).args(["org", "create", "Beta", "--json"])),
        json!({ "org": "beta" })
    );
    let (done, out, err) = output(&mut import(home.path(), &[]));
    assert_eq!((done.status.code(), out.as_str()), (Some(1), ""));
    assert!(err.contains("acme, beta") && err.contains("RUNS_ORG"), "{err}");
    assert_eq!(told(import(home.path(), &[]).env("RUNS_ORG", "beta"))["org"], "beta");
    assert_eq!(told(&mut import(home.path(), &["--org", "acme"]))["org"], "acme");

    let member = ["member", "add", "a@acme.example", "--org", "acme", "--role", "viewer", "--json"];
    let member = told(runs(home.path()).args(member));
    assert_eq!((&member["role"], &member["email"]), (&json!("viewer"), &json!("a@acme.example")));
    assert!(member["password"].is_string());
    let deleted = told(runs(home.path()).args(["agent", "delete", "beta/a", "--json"]));
    assert_eq!(deleted, json!({ "org": "beta", "agent": "a", "deleted_runs": 1 }));
    assert_eq!(told(runs(home.path()).args(["spool", "retry", "--json"])), json!({ "retried": 0 }));
    assert_eq!(server.status("/v1/acme/agents/a", KEY).await, 200);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_command_in_another_folder_begins_no_second_data_directory() {
    let elsewhere = tempfile::tempdir().unwrap();
    for arguments in [
        &["demo"][..],
        &["org", "create", "acme"],
        &["spool", "list"],
        &["export"],
        &["key", "create", "--scope", "read"],
    ] {
        let mut command = runs(elsewhere.path());
        command.args(arguments).env_remove("RUNS_DATA_DIR").current_dir(elsewhere.path());
        let (done, out, err) = output(&mut command);
        assert_eq!((done.status.code(), out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(err.contains("RUNS_DATA_DIR"), "{arguments:?}: {err}");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{arguments:?}");
    }
    let mut doctor = runs(elsewhere.path());
    doctor.args(["doctor", "--json"]).env_remove("RUNS_DATA_DIR").current_dir(elsewhere.path());
    let findings = told(&mut doctor);
    assert!(findings.to_string().contains("RUNS_DATA_DIR"), "{findings}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn names_are_checked() {
    let home = tempfile::tempdir().unwrap();
    let key = ["key", "create", "--org", "acme", "--scope", "read", "--name"];
    for arguments in [
        [&["org", "create"][..], &["Ä b"]].concat(),
        [&["org", "create"][..], &["v1"]].concat(),
        [&["demo", "--org"][..], &["a/b"]].concat(),
        [&["export", "--org"][..], &["Ä b"]].concat(),
        [&key[..], &[""]].concat(),
        [&key[..], &["two\nlines"]].concat(),
    ] {
        let (done, out, err) = output(runs(home.path()).args(&arguments));
        assert_eq!((done.status.code(), out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
    }
    let (_, _, err) = output(runs(home.path()).args(["org", "create", "Ä b"]));
    assert!(err.contains("letters a-z, digits, - and _"), "{err}");
}

#[test]
fn output_that_nobody_reads_ends_a_command_quietly() {
    let home = tempfile::tempdir().unwrap();
    told(&mut import(home.path(), &["--org", "acme"]));
    for arguments in [&["export"][..], &["doctor"], &["org", "create", "beta"]] {
        let mut command = runs(home.path());
        let mut child =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        assert!(!err.contains("error") && !err.to_lowercase().contains("pipe"), "{err}");
        assert_eq!(done.status.code(), Some(141), "{arguments:?}: {err}");
    }
}
