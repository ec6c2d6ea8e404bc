//! The program itself: starting, stopping, and commands beside a running server.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::stub::Stub;

pub const KEY: &str = "rk_0123456789abcdef_process";
const PATIENCE: Duration = Duration::from_secs(60);

pub fn runs(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runs"));
    // Only what a test says, whatever the environment of the tests holds.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RUNS_")) {
        if name != "RUNS_LIBCHDB" {
            command.env_remove(name);
        }
    }
    command.env("RUNS_DATA_DIR", data_dir).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

pub fn output(command: &mut Command) -> (Output, String, String) {
    let output = command.output().unwrap();
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    let err = String::from_utf8(output.stderr.clone()).unwrap();
    (output, out, err)
}

/// A server that is stopped, one way or the other, when the test ends.
pub struct Server {
    pub child: Child,
    pub url: String,
    log: Receiver<String>,
    pub seen: Vec<String>,
}

impl Server {
    pub fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, &[])
    }

    fn start_with(data_dir: &Path, variables: &[(&str, &str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = runs(data_dir)
            .arg("serve")
            .env("RUNS_ADDR", format!("127.0.0.1:{port}"))
            .env("RUNS_API_KEY", KEY)
            .env("RUNS_ORG", "acme")
            .env("RUNS_LOG_FORMAT", "json")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, log) = channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut server =
            Self { child, url: format!("http://127.0.0.1:{port}"), log, seen: Vec::new() };
        server.wait_for_log("ready");
        server
    }

    fn wait_for_log(&mut self, message: &str) {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("the log never said {message:?}: {}", self.seen.join("\n"))
            });
            let is_it = serde_json::from_str::<Value>(&line).unwrap()["message"] == message;
            self.seen.push(line);
            if is_it {
                return;
            }
        }
    }

    pub fn terminate(&mut self) -> Option<i32> {
        self.ask_to_end();
        self.child.wait().unwrap().code()
    }

    fn ask_to_end(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    pub async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url));
        let request = request.header("x-api-key", KEY).body(body.to_string());
        request.send().await.unwrap()
    }

    pub async fn status(&self, path: &str, key: &str) -> u16 {
        let client = reqwest::Client::new();
        let request = client.get(format!("{}{path}", self.url)).header("x-api-key", key);
        request.send().await.unwrap().status().as_u16()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_serves_and_stops_cleanly() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    assert!(server.seen.iter().any(|line| line.contains("/setup?token=")), "{:?}", server.seen);
    assert!(!server.seen.iter().any(|line| line.contains(KEY)), "the key is in the log");
    assert_eq!(server.status("/readyz", KEY).await, 200);
    assert_eq!(server.status("/v1/acme/agents", KEY).await, 200);
    let endpoint = dir.path().join("engine.json");
    assert!(endpoint.exists());
    assert_eq!(server.terminate(), Some(0));
    assert!(!endpoint.exists(), "the engine was not stopped");

    let mut again = Server::start(dir.path());
    assert_eq!(again.status("/v1/acme/agents", KEY).await, 200);
    assert_eq!(again.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_under_way_are_runs_when_the_server_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let (_, provider) = Stub::listen().await;
    let url = format!("http://{provider}/v1");
    let variables = [("RUNS_UPSTREAM_URL", url.as_str()), ("RUNS_ALLOW_PRIVATE_UPSTREAMS", "1")];
    let mut server = Server::start_with(dir.path(), &variables);
    let chat = "/v1/chat/completions";
    let stalls = json!({"model": "stalls", "stream": true, "messages": []});
    let mut stream = server.post(chat, &stalls).await;
    let streamed = stream.headers()["x-runs-id"].to_str().unwrap().to_owned();
    assert!(stream.chunk().await.unwrap().is_some());
    let silent = json!({"model": "silent", "messages": []});
    let (whole, ()) = tokio::join!(server.post(chat, &silent), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.ask_to_end();
    });
    assert_eq!(whole.status().as_u16(), 503);
    assert!(whole.headers().contains_key("retry-after"));
    let asked = whole.headers()["x-runs-id"].to_str().unwrap().to_owned();
    let rest = stream.text().await.unwrap();
    assert!(rest.contains(r#""code":"server_stopping""#), "{rest}");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));

    let mut again = Server::start(dir.path());
    for id in [streamed, asked] {
        let run = reqwest::Client::new().get(format!("{}/v1/acme/runs/{id}", again.url));
        let run: Value = run.header("x-api-key", KEY).send().await.unwrap().json().await.unwrap();
        assert_eq!(run["error"]["code"], "server_stopping", "{run}");
    }
    assert_eq!(again.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_beside_a_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let create = ["key", "create", "--org", "acme", "--scope", "ingest,read"];
    let (done, out, err) = output(runs(dir.path()).args(create));
    assert!(done.status.success(), "{err}");
    let key = out.strip_suffix('\n').unwrap();
    assert!(server::auth::key::is_well_formed(key), "{out:?}");
    assert_eq!(err, "");
    assert_eq!(server.status("/v1/acme/agents", key).await, 200);

    let (done, out, err) = output(runs(dir.path()).args(["org", "create", "Beta"]));
    assert_eq!((done.status.code(), out.as_str()), (Some(0), "beta\n"), "{err}");
    let (done, out, err) = output(runs(dir.path()).args(["org", "create", "beta"]));
    assert_eq!((done.status.code(), out.as_str()), (Some(1), ""));
    assert!(err.contains("exists already"), "{err}");

    let member = ["member", "add", "b@beta.example", "--org", "beta", "--role", "owner"];
    let (done, out, err) = output(runs(dir.path()).args(member));
    assert!(done.status.success(), "{err}");
    let form = [("email", "b@beta.example"), ("password", out.trim())];
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let login = client
        .post(format!("{}/login", server.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    assert_eq!(login.send().await.unwrap().status().as_u16(), 303);

    let (done, _, err) = output(runs(dir.path()).args(["agent", "delete", "acme/nobody"]));
    assert_eq!(done.status.code(), Some(1));
    assert!(err.contains("acme has no agent nobody"), "{err}");
    assert_eq!(server.terminate(), Some(0));

    // And without one: the engine is started for the duration.
    let (done, out, err) = output(runs(dir.path()).args(["doctor", "--json"]));
    assert!(done.status.success(), "{out} {err}");
    let findings: Value = serde_json::from_str(&out).unwrap();
    assert!(findings.as_array().unwrap().iter().all(|it| it["verdict"] != "problem"), "{out}");
}

#[test]
fn a_bad_configuration_is_told_whole_and_starts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = runs(dir.path());
    command.arg("serve").env("RUNS_ADDR", "here").env("RUNS_API_KEY", "rk_short");
    let (done, out, err) = output(&mut command);
    assert_eq!((done.status.code(), out.as_str()), (Some(2), ""));
    assert!(err.contains("RUNS_ADDR") && err.contains("RUNS_API_KEY"), "{err}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn help_lists_every_variable() {
    let dir = tempfile::tempdir().unwrap();
    let (done, out, _) = output(runs(dir.path()).args(["serve", "--help"]));
    assert!(done.status.success());
    for variable in server::config::variables::VARIABLES {
        assert!(out.contains(variable.name), "{}", variable.name);
    }
    assert_eq!(output(&mut runs(dir.path())).0.status.code(), Some(2));
}

#[tokio::test]
async fn an_import_beside_a_server_goes_through_its_spool() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::start(home.path());
    let file = home.path().join("runs.jsonl");
    std::fs::write(&file, "{\"agent\":\"a\",\"output\":1}\n{\"agent\":\"a\",\"output\":2}\n")
        .unwrap();
    let mut import = runs(home.path());
    import.arg("import").arg(&file).args(["--org", "acme"]);
    let (done, _, err) = output(&mut import);
    assert!(done.status.success(), "{err}");
    let metrics = format!("{}/metrics", server.url);
    let metrics = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("runs_spool_drained_runs_total 2"), "{metrics}");
    assert_eq!(server.terminate(), Some(0));
}
