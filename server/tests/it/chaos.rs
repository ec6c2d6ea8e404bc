//! A short game of `make chaos`: the program itself, killed under load.

use chaos::{Outcome, Stage, scenes};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_server_and_engine_are_killed() {
    let stage = Stage {
        program: env!("CARGO_BIN_EXE_runs").into(),
        libchdb: std::env::var_os("RUNS_LIBCHDB").map(Into::into),
        seed: 7,
        clients: 2,
    };
    let outcome = scenes::kills(&stage, 4).await.unwrap();
    assert!(matches!(outcome, Outcome::Held(verdict) if verdict.acknowledged > 0));
}
