//! Each field with each of its operators, on runs that tell them apart.

use model::review::{Outcome, ReviewKind};
use model::{Micros, NanoUsd, Source};

use crate::support::{TestStore, failed, id, json, run, store, with, with_metadata};

async fn finds(test: &TestStore, expected: &[(&str, &[u32])]) {
    for (query, numbers) in expected {
        assert_eq!(test.find(query).await, *numbers, "{query}");
    }
}

#[tokio::test]
async fn schema_is_a_number() {
    let test = store().await;
    let schema = |n, schema| {
        let mut new = run(n, "{}");
        new.schema = model::incoming::SchemaHint::Number(schema);
        new
    };
    test.put([schema(1, 1), schema(2, 2), schema(3, 3)]).await;
    finds(
        &test,
        &[
            ("schema:2", &[2]),
            ("schema:!=2", &[3, 1]),
            ("schema:>1", &[3, 2]),
            ("schema:>=2", &[3, 2]),
            ("schema:<2", &[1]),
            ("schema:<=2", &[2, 1]),
            ("schema:1..2", &[2, 1]),
            ("-schema:1..2", &[3]),
        ],
    )
    .await;
}

#[tokio::test]
async fn cost_and_latency_are_numbers_with_units() {
    let test = store().await;
    let of = |n: u32, latency, cost| {
        with(run(n, "{}"), |run| {
            run.latency = Some(Micros(latency));
            run.cost = Some(NanoUsd(cost));
        })
    };
    test.put([
        of(1, 500_000, 1_000),
        of(2, 1_000_000, 2_000),
        of(3, 1_500_000, 3_000),
        run(4, "{}"),
    ])
    .await;
    for (field, low, middle) in [("latency", "500ms", "1s"), ("cost", "$0.000001", "0.000002")] {
        for (rest, numbers) in [
            (middle.to_owned(), &[2][..]),
            (format!("!={middle}"), &[3, 1]),
            (format!(">{middle}"), &[3]),
            (format!(">={middle}"), &[3, 2]),
            (format!("<{middle}"), &[1]),
            (format!("<={middle}"), &[2, 1]),
            (format!("{low}..{middle}"), &[2, 1]),
            (format!("{low},{middle}"), &[2, 1]),
            ("*".to_owned(), &[3, 2, 1]),
        ] {
            let query = format!("{field}:{rest}");
            assert_eq!(test.find(&query).await, numbers, "{query}");
        }
        let outside = format!("-{field}:{low}..{middle}");
        assert_eq!(test.find(&outside).await, [4, 3], "{outside}");
    }
}

#[tokio::test]
async fn status_temperature_model_and_source() {
    let test = store().await;
    test.put([
        with(run(1, "{}"), |run| {
            run.version.snapshot.temperature = Some(0.5);
            run.version.snapshot.model = Some("gpt-4o".to_owned());
            run.source = Source::Playground;
        }),
        failed(2, "rate_limit", "too many"),
        with(run(3, "{}"), |run| {
            run.version.snapshot.temperature = Some(1.0);
            run.version.snapshot.model = Some("Claude-3".to_owned());
        }),
    ])
    .await;
    finds(
        &test,
        &[
            ("status:success", &[3, 1]),
            ("status:failure", &[2]),
            ("status:!=failure", &[3, 1]),
            ("temperature:0.5", &[1]),
            ("temperature:!=0.5", &[3]),
            ("model:gpt-4o", &[1]),
            ("model:!=gpt-4o,gpt-4o-mini", &[3]),
            ("model:~CLAUDE", &[3]),
            ("-model:~gpt", &[3]),
            ("source:playground", &[1]),
            ("source:!=playground", &[3, 2]),
        ],
    )
    .await;
}

#[tokio::test]
async fn strings_at_a_path() {
    let test = store().await;
    test.put([
        run(1, r#"{"city":"Paris"}"#),
        run(2, r#"{"city":"Paris Nord"}"#),
        run(3, r#"{"city":""}"#),
        run(4, "{}"),
        with(run(5, "{}"), |run| run.output = Some(json(r#"{"city":"Oslo"}"#))),
    ])
    .await;
    finds(
        &test,
        &[
            ("input.city:Paris", &[1]),
            ("input.city:!=Paris", &[3, 2]),
            ("input.city:~paris", &[2, 1]),
            ("-input.city:~paris", &[5, 4, 3]),
            ("input.city:\"\"", &[3]),
            ("input.city:!=\"\"", &[2, 1]),
            ("input.city:*", &[3, 2, 1]),
            ("-input.city:*", &[5, 4]),
            ("input.city:>\"Paris\"", &[2]),
            ("input.city:\"Oslo\"..\"Paris\"", &[1]),
            ("output.city:Oslo", &[5]),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_booleans_dates_and_arrays_at_a_path() {
    let test = store().await;
    test.put([
        run(1, r#"{"n":1,"ok":true,"at":"2026-01-01","tags":["a","b"]}"#),
        run(2, r#"{"n":2,"ok":false,"at":"2026-02-01","tags":[]}"#),
        run(3, r#"{"n":2.5,"at":"2026-03-01","tags":[["x"],{"deep":[1,2,3]}]}"#),
        run(4, "{}"),
    ])
    .await;
    finds(
        &test,
        &[
            ("input.n:2", &[2]),
            ("input.n:!=2", &[3, 1]),
            ("input.n:>2", &[3]),
            ("input.n:>=2", &[3, 2]),
            ("input.n:<2", &[1]),
            ("input.n:<=2", &[2, 1]),
            ("input.n:1..2", &[2, 1]),
            ("-input.n:1..2", &[4, 3]),
            ("input.ok:true", &[1]),
            ("input.ok:!=true", &[2]),
            ("input.at:<2026-02-01", &[1]),
            ("input.at:>2026-01-31", &[3, 2]),
            ("input.tags.length:2", &[3, 1]),
            ("input.tags.length:!=2", &[2]),
            ("input.tags.length:>=1", &[3, 1]),
            ("input.tags.length:<1", &[2]),
            ("input.tags[]:b", &[1]),
            ("input.tags[][]:x", &[3]),
            ("input.tags[].deep.length:3", &[3]),
            ("input.tags[].deep[]:>2", &[3]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_range_of_many_values_is_as_exact_as_one_of_few() {
    let test = store().await;
    // More values than the index is asked for.
    test.put((0..600).map(|n| run(n, &format!(r#"{{"n":{n},"m":{}}}"#, n % 7)))).await;
    let found = test.org.list_runs(&crate::support::request("input.n:>=100")).await;
    assert_eq!(found.unwrap().unwrap().count, 500);
    let found = test.org.list_runs(&crate::support::request("input.n:100..199")).await;
    assert_eq!(found.unwrap().unwrap().count, 100);
    assert_eq!(test.find("input.n:597..600").await, [599, 598, 597]);
    assert_eq!(test.find("input.n:>598").await, [599]);
    assert_eq!(test.find("input.n:>597 input.m:<4").await, [598]);
    assert!(test.find("input.n:>1e300").await.is_empty());
}

#[tokio::test]
async fn whole_sides_contain_texts() {
    let test = store().await;
    test.put([
        run(1, r#"{"a":"refund please"}"#),
        with(run(2, "{}"), |run| run.output = Some(json(r#"["Refund done"]"#))),
        run(3, "\"plain refund\""),
    ])
    .await;
    finds(
        &test,
        &[
            ("input:~refund", &[3, 1]),
            ("output:~refund", &[2]),
            ("-input:~refund", &[2]),
            ("input:~\"FUND PLEASE\"", &[1]),
            ("input:~nothing", &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn metadata_has_the_operators_of_texts() {
    let test = store().await;
    test.put([
        with_metadata(1, "user", "\"ann\""),
        with_metadata(2, "user", "\"Anna Lund\""),
        with_metadata(3, "other", "1"),
    ])
    .await;
    finds(
        &test,
        &[
            ("metadata.user:ann", &[1]),
            ("metadata.user:!=ann", &[2]),
            ("metadata.user:~ANN", &[2, 1]),
            ("-metadata.user:~ann", &[3]),
            ("metadata.user:*", &[2, 1]),
            ("-metadata.user:*", &[3]),
            ("metadata.other:>0", &[3]),
        ],
    )
    .await;
}

#[tokio::test]
async fn reviews_are_replaced_taken_back_and_searched() {
    let test = store().await;
    test.put((1..=4).map(|n| run(n, "{}"))).await;
    let org = &test.org;
    let set = async |n, kind, who: &str, outcome| {
        assert!(org.set_review(id(n), kind, who, outcome, "because").await.unwrap());
    };
    set(1, ReviewKind::Review, "ann", Some(Outcome::Positive)).await;
    set(2, ReviewKind::Review, "ann", Some(Outcome::Positive)).await;
    set(2, ReviewKind::Review, "ann", Some(Outcome::Negative)).await;
    set(3, ReviewKind::Review, "ann", Some(Outcome::Positive)).await;
    set(3, ReviewKind::Review, "ann", None).await;
    set(4, ReviewKind::Feedback, "user-1", Some(Outcome::Negative)).await;
    finds(
        &test,
        &[
            ("review:positive", &[1]),
            ("review:negative", &[2]),
            ("review:any", &[2, 1]),
            ("review:*", &[2, 1]),
            ("review:!=positive", &[2]),
            ("-review:any", &[4, 3]),
            ("feedback:negative", &[4]),
            ("feedback:positive", &[]),
            ("review:positive OR feedback:any", &[4, 1]),
        ],
    )
    .await;
    let reviews = org.reviews(id(2)).await.unwrap().unwrap();
    assert_eq!(reviews.len(), 1);
    assert_eq!((reviews[0].outcome, reviews[0].comment.as_str()), (Outcome::Negative, "because"));
    assert!(org.reviews(id(3)).await.unwrap().unwrap().is_empty());
    assert!(org.reviews(id(9)).await.unwrap().is_none());
    let unknown = org.set_review(id(9), ReviewKind::Review, "ann", None, "").await.unwrap();
    assert!(!unknown);
}
