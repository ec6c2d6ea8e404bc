//! A short game of `make chaos`: the program itself, killed under load, and asked
//! what nobody would ask.

use std::time::Duration;

use chaos::{Outcome, Stage, scenes};

/// How long a run may stay hidden beside a flood: `make chaos` takes 5 s, but the program of
/// a test is slower.
const MOST_HIDDEN: Duration = Duration::from_secs(15);
/// Until its end a flood leaves more behind than that much time drains.
const FLOOD: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_server_and_engine_are_killed() {
    let outcome = scenes::kills(&stage(), 4).await.unwrap();
    assert!(matches!(outcome, Outcome::Held(verdict) if verdict.acknowledged > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_search_is_answered_or_refused_and_shares_all_runs_with_its_opposite() {
    let outcome = scenes::searches(&stage(), Duration::from_secs(5)).await.unwrap();
    assert!(matches!(outcome, Outcome::Answered(asked) if asked.answered > 0 && asked.halved > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_keep_to_their_limits_and_hold_up_nobody() {
    let outcome = scenes::sign_ins(&stage()).await.unwrap();
    assert!(matches!(outcome, Outcome::SignedIn(sign_ins) if sign_ins.refused > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_answer_while_the_engine_hangs_and_another_one_takes_its_place() {
    let outcome = scenes::hung_engine(&stage()).await.unwrap();
    assert!(matches!(outcome, Outcome::Held(verdict) if verdict.acknowledged > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_template_ends_the_server() {
    let outcome = scenes::templates(&stage(), Duration::from_secs(5)).await.unwrap();
    assert!(matches!(outcome, Outcome::Rendered(all) if all.rendered > 0 && all.refused > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_by_one_key_is_not_noticed_by_another_organization() {
    let outcome = scenes::unfair_neighbour(&stage(), FLOOD, MOST_HIDDEN).await.unwrap();
    assert!(matches!(outcome, Outcome::Fair(fairness) if fairness.flood.0 > 0));
}

fn stage() -> Stage {
    Stage {
        program: env!("CARGO_BIN_EXE_runs").into(),
        libchdb: std::env::var_os("RUNS_LIBCHDB").map(Into::into),
        seed: 7,
        clients: 2,
    }
}
