//! `runs import` and `runs export`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::process::{output, runs};

/// What an export has and an import does not look at.
const ONLY_OUTGOING: [&str; 3] = ["url", "input_preview", "output_preview"];

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// What `runs import --json` says, and whether it was content.
    fn import(&self, file: &Path, arguments: &[&str]) -> (Value, bool) {
        let mut command = runs(&self.data());
        command.arg("import").arg(file).args(["--org", "acme", "--json"]).args(arguments);
        let (done, out, err) = output(&mut command);
        let outcome = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        (outcome, done.status.success())
    }

    fn export(&self, arguments: &[&str]) -> String {
        let mut command = runs(&self.data());
        command.arg("export").args(["--org", "acme"]).args(arguments);
        let (done, out, err) = output(&mut command);
        assert!(done.status.success(), "{err}");
        out
    }

    /// The exported runs by their ids.
    fn exported(&self) -> BTreeMap<String, Value> {
        let runs = self
            .export(&[])
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<Value>>();
        runs.into_iter().map(|run| (run["id"].as_str().unwrap().to_owned(), run)).collect()
    }
}

/// The one run of a file.
fn imported(content: &str, arguments: &[&str]) -> Value {
    let home = Home::new();
    let (outcome, fine) = home.import(&home.file("file", content), arguments);
    assert!(fine, "{outcome}");
    let runs = home.exported();
    assert_eq!(runs.len(), 1, "{outcome}");
    runs.into_values().next().unwrap()
}

#[test]
fn an_export_imported_is_exported_the_same() {
    let first = Home::new();
    let exact = r#"{"b":1.0,"a" : [1E2, 12345678901234567890123],"b":"\u00e9"}"#;
    let lines = [
        format!(r#"{{"agent":"a","id":"0195dd7a-6977-7197-7ec3-4fc44ade50dc","input":{exact},"output":{exact},"metadata":{{"k":1.50}},"cost_usd":0.0000061}}"#),
        r#"{"agent":"b","error":{"code":"x","message":"y","details":{"z":[1]}},"created_at":"2026-10-01T00:00:00.000001Z","latency_ms":1.5}"#.to_owned(),
        r#"{"agent":"b","created_at":"2026-10-02T00:00:00Z","completions":[{"provider":"openai","request":{"model":"gpt-4o","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"temperature":0.30},"response":{"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}}]}"#.to_owned(),
        r#"{"agent":"b","created_at":"2026-10-03T00:00:00Z","completions":[{"provider":"openai","request":{"model":"gpt-4o","messages":[{"role":"user","content":"u"}]},"response":{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]},"finish_reason":"tool_calls"}]}}],"reasoning":[{"text":"hm"}],"conversation_id":"c","trace_id":"t"}"#.to_owned(),
    ];
    let (outcome, fine) = first.import(&first.file("runs.jsonl", &lines.join("\n")), &[]);
    assert!(fine && outcome["accepted"] == 4, "{outcome}");
    let exported = first.export(&[]);
    assert_eq!(exported.lines().count(), 4);
    assert!(exported.contains(exact));

    let second = Home::new();
    let file = second.file("export.jsonl", &exported);
    for _ in 0..2 {
        let (outcome, fine) = second.import(&file, &[]);
        assert!(fine && outcome["accepted"] == 4, "{outcome}");
    }
    assert_eq!(second.export(&[]), exported);
    // Where they came from they are the same runs still.
    let (outcome, fine) = first.import(&first.file("export.jsonl", &exported), &[]);
    assert!(fine && outcome["accepted"] == 4, "{outcome}");
    assert_eq!(first.export(&[]), exported);
    let (_, listed, err) = output(runs(&first.data()).args(["spool", "list"]));
    assert!(listed.is_empty(), "{listed}{err}");
    assert_eq!(second.export(&["--agent", "b", "--query", "status:failure"]).lines().count(), 1);
    let run: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    ONLY_OUTGOING.iter().for_each(|field| assert!(run.get(field).is_some()));
}

#[test]
fn bad_lines_are_told_and_the_others_land() {
    let home = Home::new();
    let lines = [
        r#"{"agent":"a","input":1}"#,
        r#"{"agent":"a","input":"#,
        r#"{"agent":"a","input":1,"temprature":1}"#,
        r#"{"agent":"a","input":1}"#,
    ];
    let file = home.file("runs.jsonl", &lines.join("\n"));
    let (outcome, fine) = home.import(&file, &[]);
    assert!(!fine);
    assert_eq!((&outcome["accepted"], &outcome["rejected"]), (&json!(2), &json!(2)));
    assert_eq!(outcome["problems"][0]["record"], 2);
    assert!(outcome["problems"][1]["error"].as_str().unwrap().contains("temprature"));
    // The two runs without ids are two, also when the file is read again.
    home.import(&file, &[]);
    assert_eq!(home.exported().len(), 2);
}

#[test]
fn a_file_of_no_known_kind_is_refused() {
    let home = Home::new();
    let file = home.file("file.json", r#"{"hello":"world"}"#);
    let (done, _, err) = output(runs(&home.data()).arg("import").arg(&file));
    assert!(!done.status.success());
    assert!(err.contains("--format"), "{err}");
}

#[test]
fn runs_of_workflowai_are_read() {
    let of_api = imported(
        r#"{"id":"0195dd7a-6977-7197-7ec3-4fc44ade50dc","task_id":"reviews","task_schema_id":2,
        "version":{"id":"abc","iteration":3,"properties":{"model":"gpt-4o-mini","provider":"openai","temperature":0.3,"instructions":"Sum up"}},
        "status":"success","duration_seconds":1.25,"cost_usd":0.002,"created_at":"2025-03-28T15:59:02Z",
        "task_input":{"reviews":["a"]},"task_output":{"summary":"b"},"metadata":{"user":"u"},
        "tool_calls":[{"id":"c1","name":"search","input_preview":"q","output_preview":"r"}],
        "reasoning_steps":[{"title":"t","step":"s"}],"conversation_id":"0195dd7a-6977-7197-7ec3-4fc44ade50dd","surprise":1}"#,
        &[],
    );
    assert_eq!(of_api["id"], "0195dd7a-6977-7197-7ec3-4fc44ade50dc");
    assert_eq!((&of_api["agent"], &of_api["schema"]), (&json!("reviews"), &json!(2)));
    assert_eq!(of_api["version"]["instructions"], "Sum up");
    assert_eq!(of_api["latency_ms"], 1250.0);
    assert_eq!(of_api["tool_calls"][0]["output"], "r");
    assert_eq!(of_api["reasoning"][0], json!({"title": "t", "text": "s"}));
    assert_eq!(of_api["source"], "import");

    let row = imported(
        r#"{"run_uuid":"2107372338705163574748254429899542748","tenant_uid":1,"task_uid":77,"task_schema_id":1,"version_model":"gpt-4o",
        "version_temperature_percent":50,"input":"{\"workflowai.messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"h\u00e9\"}]}]}","output":"{\"a\":1}",
        "duration_ds":12,"cost_millionth_usd":0,"input_token_count":5,"output_token_count":0,"error_payload":"","metadata":{"n":"3"},
        "is_active":true,"tool_calls":["{\"id\":\"c\",\"name\":\"n\",\"input\":{}}"],"reasoning_steps":["{\"t\":\"T\",\"e\":\"E\"}"]}"#,
        &["--format", "workflowai"],
    );
    assert_eq!(row["agent"], "77");
    assert_eq!(row["id"], "0195dd7a-6977-7197-7ec3-4fc44ade50dc");
    assert_eq!(row["input"]["messages"][0]["content"][0]["text"], "hé");
    assert_eq!((&row["latency_ms"], &row["version"]["temperature"]), (&json!(1200.0), &json!(0.5)));
    assert_eq!(
        (&row["usage"]["input_tokens"], &row["usage"]["output_tokens"]),
        (&json!(5), &json!(null))
    );
    assert_eq!(row["metadata"]["n"], "3");
}

#[test]
fn traces_and_observations_of_langfuse_are_read() {
    let home = Home::new();
    let trace = r#"{"data":[{"id":"t-1","timestamp":"2026-10-01T10:00:00Z","name":"support bot","sessionId":"s1","userId":"u1","tags":["x"],
        "metadata":{"plan":"pro"},"projectId":"p","observations":[
        {"id":"o-1","traceId":"t-1","type":"GENERATION","name":"answer","startTime":"2026-10-01T10:00:01Z","endTime":"2026-10-01T10:00:02.5Z",
         "model":"gpt-4o","modelParameters":{"temperature":0.1},"input":[{"role":"user","content":"Hi"}],"output":{"role":"assistant","content":"Ho"},
         "usageDetails":{"input":5,"output":2,"total":7},"costDetails":{"total":0.5},"level":"DEFAULT"},
        {"id":"o-2","traceId":"t-1","type":"SPAN","startTime":"2026-10-01T10:00:01Z"}]}]}"#;
    let (outcome, fine) = home.import(&home.file("traces.json", trace), &[]);
    assert!(fine && outcome["format"] == "langfuse" && outcome["accepted"] == 1, "{outcome}");
    let run = home.exported().into_values().next().unwrap();
    assert_eq!(run["agent"], "support-bot");
    assert_eq!(run["output"], json!({"role": "assistant", "content": "Ho"}));
    assert_eq!((&run["latency_ms"], &run["cost_usd"]), (&json!(1500.0), &json!(0.5)));
    assert_eq!(run["usage"]["input_tokens"], 5);
    assert_eq!(run["conversation_id"], "s1");
    assert_eq!(
        (&run["metadata"]["user_id"], &run["metadata"]["plan"]),
        (&json!("u1"), &json!("pro"))
    );
    assert_eq!(run["version"]["temperature"], 0.1);
    assert_eq!(run["source"], "import");

    let row = imported(
        r#"{"id":"o-9","trace_id":"t-9","project_id":"p","type":"GENERATION","start_time":"2026-10-01 10:00:01.000","end_time":"2026-10-01 10:00:02.000",
        "provided_model_name":"gpt-4o","input":"{\"text\":\"ACME\"}","output":"{\"vendor\":\"ACME\"}","usage_details":{"input":"5","output":"2"},
        "level":"ERROR","status_message":"broke"}"#,
        &["--agent", "invoices"],
    );
    assert_eq!((&row["agent"], &row["status"]), (&json!("invoices"), &json!("failure")));
    assert_eq!(
        (&row["input"], &row["output"]),
        (&json!({"text": "ACME"}), &json!({"vendor": "ACME"}))
    );
    assert_eq!(row["error"]["message"], "broke");
}

#[test]
fn stored_completions_of_openai_are_read() {
    let run = imported(
        r#"{"object":"list","data":[{"object":"chat.completion","id":"chatcmpl-1","created":1790000000,"model":"gpt-4o-mini-2024-07-18",
        "metadata":{"agent_id":"greeter","plan":"pro"},"temperature":0.2,"messages":[{"role":"system","content":"Be kind"},{"role":"user","content":"Hi"}],
        "choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":9,"completion_tokens":2}}]}"#,
        &[],
    );
    assert_eq!(run["agent"], "greeter");
    assert_eq!(run["output"]["content"], "Hello");
    assert_eq!(run["input"]["messages"], json!([{"role": "user", "content": "Hi"}]));
    assert_eq!(run["version"]["messages"][0]["content"], "Be kind");
    assert_eq!(run["usage"]["input_tokens"], 9);
    assert_eq!(run["metadata"]["plan"], "pro");
}
