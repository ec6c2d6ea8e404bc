//! Templates in processes of their own: what they bear, and what becomes of those
//! that they do not.

use std::process::Stdio;
use std::time::{Duration, Instant};

use chaos::templates::{template, variables};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use shares::Holder;
use tokio::process::Command;
use upstream::{Excess, RendererOptions, TemplateError, TemplateRenderer, WrittenTemplates};

/// Far longer than any template takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> RendererOptions {
    RendererOptions {
        executable: env!("CARGO_BIN_EXE_runs-templates").into(),
        args: Vec::new(),
        workers: 2,
        patience: PATIENCE,
        deadline: PATIENCE,
    }
}

/// A worker that a shell plays.
fn played(script: &str, deadline: Duration) -> TemplateRenderer {
    TemplateRenderer::new(RendererOptions {
        executable: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        workers: 2,
        patience: PATIENCE,
        deadline,
    })
}

async fn rendered(
    renderer: &TemplateRenderer,
    variables: &Value,
    texts: &[String],
) -> Result<Vec<Option<String>>, TemplateError> {
    let turn = renderer.turn(Holder::of_org(1)).await?;
    match WrittenTemplates::new(&variables.to_string(), texts)? {
        Some(written) => renderer.render(turn, written).await?.read(),
        None => Ok(vec![None; texts.len()]),
    }
}

async fn one(
    renderer: &TemplateRenderer,
    text: &str,
    variables: &Value,
) -> Result<String, TemplateError> {
    let made = rendered(renderer, variables, &[text.to_owned()]).await?;
    Ok(made.into_iter().next().flatten().unwrap_or_else(|| text.to_owned()))
}

#[tokio::test]
async fn texts_are_rendered_in_their_order_and_plain_ones_are_left_alone() {
    let renderer = TemplateRenderer::new(options());
    renderer.warm();
    let texts = ["{{ city }}", "plain", "{{ city|upper }}!"].map(str::to_owned);
    for _ in 0..3 {
        let made = rendered(&renderer, &json!({ "city": "Köln" }), &texts).await.unwrap();
        assert_eq!(made, [Some("Köln".to_owned()), None, Some("KÖLN!".to_owned())]);
    }
}

#[tokio::test]
async fn one_process_renders_many_requests_in_a_row() {
    let renderer = TemplateRenderer::new(options());
    for n in 0..1_000 {
        let made = one(&renderer, "{{ n }}", &json!({ "n": n })).await;
        assert_eq!(made, Ok(n.to_string()));
    }
}

#[tokio::test]
async fn a_worker_stands_back_behind_the_server() {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_runs-templates"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let proc = |file: &str| {
        std::fs::read_to_string(format!("/proc/{}/{file}", worker.id().unwrap())).unwrap()
    };
    // The name in parentheses may hold spaces; niceness is the 17th field behind it.
    let nice = |stat: &str| {
        let behind = stat.rsplit_once(')').unwrap().1;
        behind.split_whitespace().nth(16).unwrap().parse::<i32>().unwrap()
    };
    let own = nice(&std::fs::read_to_string("/proc/self/stat").unwrap());
    let began = Instant::now();
    while proc("oom_score_adj").trim() != "1000" || nice(&proc("stat")) <= own {
        assert!(began.elapsed() < PATIENCE, "{} {}", proc("oom_score_adj"), proc("stat"));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(worker.stdin.take());
    worker.wait().await.unwrap();
}

/// A request of 20 MB is the largest that comes.
#[tokio::test]
async fn variables_of_a_whole_request_are_rendered() {
    let renderer = TemplateRenderer::new(options());
    let text = "x".repeat(18_000_000);
    let objects: Vec<Value> =
        (0..200_000).map(|n| json!({ "name": format!("{n:040}"), "rank": n })).collect();
    for variables in [json!({ "a": text, "b": "y" }), json!({ "a": objects, "b": "y" })] {
        assert_eq!(one(&renderer, "{{ b }}", &variables).await, Ok("y".to_owned()));
    }
    let made = one(&renderer, "{{ a }}", &json!({ "a": text })).await.unwrap();
    assert_eq!(made.len(), text.len());
}

#[tokio::test]
async fn what_ended_servers_is_refused_and_others_go_on() {
    let renderer = TemplateRenderer::new(options());
    let growing = "{% set ns=namespace() %}{% set ns.x=[] %}{% for i in range(100000) %}\
                   {% set ns.x=[ns.x] %}{% endfor %}ok";
    let chain = |sign: &str, times: usize| format!("{{{{ a{} }}}}", sign.repeat(times));
    let mut cases = vec![growing.to_owned(), format!("{{{{ {}1 }}}}", "-".repeat(100_000))];
    for sign in ["~a", ".b", "|e", "+a", " and a", "()", "**a", " is b"] {
        cases.extend([chain(sign, 8_000), chain(sign, 100_000)]);
    }
    cases.push(format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(100_000)));
    for case in cases {
        let error = one(&renderer, &case, &json!({ "a": "x" })).await.unwrap_err();
        let start: String = case.chars().take(40).collect();
        assert!(
            matches!(error, TemplateError::Exceeds { .. } | TemplateError::Broken { .. }),
            "{start}: {error}"
        );
        assert_eq!(one(&renderer, "{{ a }}", &json!({ "a": "x" })).await.unwrap(), "x");
    }
}

/// Each level of a value costs a step, so no value is deeper than there are steps.
#[tokio::test]
async fn what_the_steps_let_through_fits_the_stack() {
    let renderer = TemplateRenderer::new(options());
    let brackets = format!("{}x{}", "[".repeat(31), "]".repeat(31));
    let sets = format!("{{% set x = {brackets} %}}").repeat(600);
    for last in ["1", "x == x", "x|tojson|length", "x|string|length", "x|list|sort|length", "x ~ x"]
    {
        let deepest = format!(
            "{{% macro f(x, n) %}}{sets}{{% if n %}}{{{{ f(x, n-1) }}}}{{% else %}}{{{{ {last} }}}}\
             {{% endif %}}{{% endmacro %}}{{{{ f(1, 10) }}}}"
        );
        let made = one(&renderer, &deepest, &json!({})).await;
        assert!(
            !matches!(made, Err(TemplateError::TooLarge | TemplateError::TooSlow { .. })),
            "{last}: {made:?}"
        );
    }
    let deep = (0..125).fold(json!(1), |inner, _| json!([inner]));
    assert!(one(&renderer, "{{ deep }}", &json!({ "deep": deep })).await.is_ok());
}

#[tokio::test]
async fn a_worker_that_dies_or_hangs_is_blamed_on_its_template() {
    let dies = played("head -c 20 >/dev/null; printf '\\006'", PATIENCE);
    assert_eq!(one(&dies, "{{ a }}", &json!({"a": 1})).await, Err(TemplateError::TooLarge));
    let hangs = played("printf '\\006'; cat >/dev/null", Duration::from_millis(300));
    let slow = Err(TemplateError::TooSlow { limit_ms: 300 });
    assert_eq!(one(&hangs, "{{ a }}", &json!({"a": 1})).await, slow);
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_not_blamed_on_the_template() {
    for renderer in [played("exit 1", PATIENCE), played("printf 'hello'; cat", PATIENCE)] {
        let error = one(&renderer, "{{ a }}", &json!({"a": 1})).await.unwrap_err();
        assert!(error.is_passing(), "{error}");
    }
    let mut absent = options();
    absent.executable = "/nowhere/runs".into();
    let error = one(&TemplateRenderer::new(absent), "{{ a }}", &json!({})).await.unwrap_err();
    assert!(error.is_passing(), "{error}");
}

#[tokio::test]
async fn whoever_has_its_turns_is_told_so_and_others_have_theirs() {
    let patience = Duration::from_millis(100);
    let renderer = TemplateRenderer::new(RendererOptions { patience, workers: 4, ..options() });
    let holder = Holder { org: 1, key: 1 };
    let mut held = Vec::new();
    let refused = loop {
        match renderer.turn(holder).await {
            Ok(turn) => held.push(turn),
            Err(error) => break error,
        }
    };
    assert_eq!((held.len(), refused), (3, TemplateError::Share { limit: 3 }));
    held.push(renderer.turn(Holder { org: 2, key: 1 }).await.unwrap());
    let third = Holder { org: 3, key: 1 };
    assert_eq!(renderer.turn(third).await.unwrap_err(), TemplateError::Busy);
    let (crowd, mut other) = (renderer.turn(holder), std::pin::pin!(renderer.turn(third)));
    tokio::pin!(crowd);
    assert!(futures::poll!(crowd.as_mut()).is_pending());
    assert!(futures::poll!(other.as_mut()).is_pending());
    held.remove(0);
    assert!(other.await.is_ok());
    assert!(futures::poll!(crowd.as_mut()).is_pending());
}

#[tokio::test]
async fn clients_that_leave_cost_no_worker() {
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let program = env!("CARGO_BIN_EXE_runs-templates");
    let script = format!("echo >> '{}'; exec '{program}'", starts.display());
    let options = RendererOptions {
        executable: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        workers: 1,
        ..options()
    };
    let renderer = TemplateRenderer::new(options);
    let variables = json!({"n": 1});
    let text = "{% for a in range(200) %}{% for b in range(200) %}x{% endfor %}{% endfor %}";
    for _ in 0..10 {
        assert_eq!(one(&renderer, "{{ n }}", &variables).await, Ok("1".to_owned()));
        let left = one(&renderer, text, &variables);
        drop(tokio::time::timeout(Duration::from_millis(2), left).await);
    }
    assert_eq!(one(&renderer, "{{ n }}", &variables).await, Ok("1".to_owned()));
    assert_eq!(std::fs::read_to_string(starts).unwrap().lines().count(), 1);
}

/// What is no object, or too deep for the engine, is the client's to mend.
#[tokio::test]
async fn variables_that_cannot_be_read_are_blamed_on_them() {
    let renderer = TemplateRenderer::new(options());
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    for variables in ["[1]", deep.as_str()] {
        let turn = renderer.turn(Holder::of_org(1)).await.unwrap();
        let written = WrittenTemplates::new(variables, &["{{ a }}".to_owned()]).unwrap().unwrap();
        let error = renderer.render(turn, written).await.unwrap().read().unwrap_err();
        assert!(matches!(error, TemplateError::Variables { .. }), "{error}");
        assert!(!error.is_passing());
    }
}

#[tokio::test]
async fn limits_are_named() {
    let renderer = TemplateRenderer::new(options());
    let long = format!("{{{{ a }}}}{}", "x".repeat(1_000_000));
    let error = one(&renderer, &long, &json!({})).await.unwrap_err();
    assert!(matches!(error, TemplateError::Exceeds { what: Excess::Bytes, .. }), "{error}");
    assert_eq!(error.limit(), Some(1_000_000));
    assert!(error.to_string().contains("more than 1000000 bytes"), "{error}");
}

#[tokio::test]
async fn templates_that_nobody_would_write_are_rendered_or_refused() {
    let renderer = TemplateRenderer::new(options());
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for round in 0..200 {
        let (text, variables) = (template(&mut rng), variables(&mut rng));
        if let Err(error) = one(&renderer, &text, &variables).await {
            let start: String = text.chars().take(300).collect();
            assert!(!error.is_passing(), "round {round}, {start:?}: {error}");
        }
    }
    assert_eq!(one(&renderer, "{{ 1 + 1 }}", &json!({})).await.unwrap(), "2");
}
