use model::{OrgSlug, SearchFields, Suggestion, SuggestionKind, ToolCall};

use crate::support::{TestStore, agent, failed, json, run, store, with, with_metadata};

impl TestStore {
    async fn suggest(&self, text: &str) -> Vec<Suggestion> {
        self.org.suggest(Some(&agent("a")), text).await.unwrap().unwrap().items
    }

    async fn values(&self, text: &str) -> Vec<(String, Option<u64>)> {
        let items = self.suggest(text).await.into_iter();
        let values = items.filter(|item| item.kind == SuggestionKind::Value);
        values.map(|item| (item.insert, item.count)).collect()
    }

    async fn names(&self, text: &str) -> Vec<String> {
        let items = self.suggest(text).await.into_iter();
        items.filter(|item| item.kind == SuggestionKind::Field).map(|item| item.insert).collect()
    }

    async fn fields(&self, prefix: &str) -> SearchFields {
        self.org.search_fields(Some(&agent("a")), prefix).await.unwrap().unwrap()
    }
}

fn seen(value: &str, runs: u64) -> (String, Option<u64>) {
    (value.to_owned(), Some(runs))
}

#[tokio::test]
async fn names_come_from_the_grammar_and_from_the_data() {
    let test = store().await;
    test.put([
        run(1, r#"{"customer":{"city":"Oslo"},"items":[{"sku":"A-17"}]}"#),
        run(2, r#"{"customer":{"city":4}}"#),
        with_metadata(3, "user id", "\"u1\""),
    ])
    .await;
    let all = test.suggest("").await;
    assert_eq!(all[0].insert, "status:");
    assert!(all.iter().any(|item| item.insert == "metadata.\"user id\":" && item.count == Some(1)));
    assert!(!all.iter().any(|item| item.label == "agent"), "there is only one");

    assert_eq!(test.names("-lat").await, ["latency:"]);
    let cities = test.suggest("refund input.cu").await;
    assert_eq!(cities[1].insert, "input.customer.city:");
    assert_eq!((cities[1].hint.as_str(), cities[1].count), ("number or string", Some(2)));
    assert_eq!(test.names("input.items[").await.len(), 2, "the element and its key");
    // A part of a place's name leads there, too.
    assert_eq!(test.names("city").await, ["input.customer.city:"]);
    assert_eq!(test.names("nothing-of-the-kind").await, [""; 0]);
    assert_eq!(test.names("\"a phr").await, [""; 0]);

    let everywhere = test.org.suggest(None, "age").await.unwrap().unwrap();
    assert_eq!(everywhere.items[0].insert, "agent:");
}

#[tokio::test]
async fn values_come_with_their_counts_and_follow_what_is_typed() {
    let test = store().await;
    let with_model = |n, name: &str| {
        with(run(n, "{}"), |run| run.version.snapshot.model = Some(name.to_owned()))
    };
    test.put([
        with_model(1, "claude-3"),
        with_model(2, "gpt-4o"),
        with_model(3, "gpt-4o"),
        with_model(4, "a model, spaced"),
        failed(5, "timeout", "too late"),
        with(run(6, "{}"), |run| {
            run.tool_calls.push(ToolCall { name: "get_weather".to_owned(), ..ToolCall::default() });
            run.environment = Some("production".to_owned());
        }),
    ])
    .await;
    assert_eq!(
        test.values("model:").await,
        [
            seen("gpt-4o", 2),
            seen("gpt-4o-mini", 2),
            seen("\"a model, spaced\"", 1),
            seen("claude-3", 1)
        ]
    );
    assert_eq!(test.values("model:CLA").await, [seen("claude-3", 1)]);
    assert_eq!(test.values("model:!=claude-3,min").await, [seen("!=claude-3,gpt-4o-mini", 2)]);
    assert_eq!(test.values("error:").await, [seen("timeout", 1)]);
    assert_eq!(test.values("tool:get").await, [seen("get_weather", 1)]);
    assert_eq!(test.values("environment:").await, [seen("production", 1)]);
    assert_eq!(test.values("status:").await, [seen("success", 5), seen("failure", 1)]);
    assert_eq!(test.values("source:a").await[0], seen("api", 6));
    assert_eq!(test.values("version:").await.len(), 4);
    assert_eq!(test.values("version:1.2").await.len(), 1);
    assert_eq!(test.values("review:p").await, [("positive".to_owned(), None)]);
    assert_eq!(test.values("time:2").await, [("24h".to_owned(), None)]);
    let taken = test.values("latency:").await;
    assert!(taken.contains(&(">2s".to_owned(), None)), "{taken:?}");
    for (value, _) in taken {
        assert!(format!("latency:{value}").parse::<model::SearchQuery>().is_ok(), "{value}");
    }
    let everywhere = test.org.suggest(None, "agent:").await.unwrap().unwrap();
    assert_eq!(everywhere.items.last().unwrap().count, Some(6));
}

#[tokio::test]
async fn values_at_places_keep_their_type() {
    let test = store().await;
    test.put([
        run(1, r#"{"v":"7"}"#),
        run(2, r#"{"v":7}"#),
        run(3, r#"{"v":7}"#),
        run(4, r#"{"v":true,"deeper":{"v":"no"}}"#),
        run(5, r#"{"v":"Zoé, late"}"#),
        with_metadata(6, "plan", "\"pro\""),
    ])
    .await;
    assert_eq!(
        test.values("input.v:").await,
        [seen("7", 2), seen("true", 1), seen("\"7\"", 1), seen("\"Zoé, late\"", 1)]
    );
    assert_eq!(test.values("input.v:zo").await, [seen("\"Zoé, late\"", 1)]);
    assert_eq!(test.values("input.v:>").await, [seen(">7", 2)]);
    assert_eq!(test.values("metadata.plan:p").await, [seen("pro", 1)]);
    // What is written for a value finds the runs that were counted.
    assert_eq!(test.find("input.v:\"Zoé, late\"").await, [5]);
    assert_eq!(test.find("input.v:\"7\"").await, [1]);
}

#[tokio::test]
async fn operators_are_those_of_the_field() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let operators = async |text: &str| -> Vec<String> {
        let items = test.suggest(text).await.into_iter();
        let operators = items.filter(|item| item.kind == SuggestionKind::Operator);
        operators.map(|item| item.insert).collect()
    };
    assert_eq!(operators("model:").await, ["!=", "~", "*"]);
    assert_eq!(operators("latency:").await, ["!=", ">", ">=", "<", "<=", "*"]);
    assert_eq!(operators("latency:>").await, [">="]);
    assert_eq!(operators("latency:>2").await, [""; 0]);
}

#[tokio::test]
async fn fields_are_described_for_programs() {
    let test = store().await;
    test.put([with_metadata(1, "user id", "\"u1\""), run(2, r#"{"n":1,"m":"x"}"#)]).await;
    let all = test.fields("").await;
    assert_eq!((all.sampled, all.runs), (false, 2));
    let field = |name: &str| all.fields.iter().find(|field| field.field == name).unwrap();
    assert_eq!(
        field("model").operators,
        ["is", "is not", "contains", "does not contain", "is not empty", "is empty"]
    );
    assert_eq!(field("model").syntax[1], "model:!=VALUE");
    assert_eq!(field("model").suggestions[0].value, "gpt-4o-mini");
    assert_eq!(field("model").suggestions[0].count, Some(2));
    assert_eq!(field("input.n").value_type, "number");
    assert_eq!(field("input.m").suggestions[0].value, "x");
    let user = field("metadata.\"user id\"");
    assert_eq!(
        (user.field_name.as_str(), user.value_type.as_str()),
        ("metadata.user id", "string")
    );
    assert_eq!(user.suggestions[0].value, "u1");
    // Every word given is one that `field_queries` take.
    for field in &all.fields {
        for operator in &field.operators {
            let values = vec![json_value("1"), json_value("2")];
            let query = model::search::FieldQuery {
                field_name: field.field_name.clone(),
                operator: operator.clone(),
                values,
                value_type: None,
            };
            let read = model::SearchQuery::from_field_queries(&[query]);
            let is_word = matches!(field.value_type.as_str(), "word" | "bool" | "time");
            assert!(read.is_ok() || is_word, "{} {operator}: {read:?}", field.field);
        }
    }
    let one = test.fields("model:gpt").await.fields;
    assert_eq!((one.len(), one[0].suggestions.len()), (1, 1));
    let some = test.fields("metadata.").await.fields;
    assert_eq!(some.len(), 1);
    assert!(test.fields("nosuchfield:").await.fields.is_empty());
}

fn json_value(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn nothing_of_others_or_of_deleted_agents_is_suggested() {
    let test = store().await;
    test.put([
        with_metadata(1, "secret key", "\"secret value\""),
        with(run(2, r#"{"secret":"x"}"#), |run| {
            run.version.snapshot.model = Some("secret-model".to_owned());
            run.output = Some(json("{}"));
        }),
    ])
    .await;
    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let stranger = test.store.org(&stranger);
    let texts =
        ["", "metadata.", "model:", "input.", "metadata.\"secret key\":", "agent:", "status:"];
    for text in texts {
        assert!(stranger.suggest(Some(&agent("a")), text).await.unwrap().is_none());
        let found = stranger.suggest(None, text).await.unwrap().unwrap();
        assert!(found.items.iter().all(|item| item.count.is_none()), "{text}: {found:?}");
        assert_eq!(found.basis.runs, 0);
        let fields = stranger.search_fields(None, text).await.unwrap().unwrap();
        assert!(!format!("{fields:?}").contains("secret-model"), "{fields:?}");
    }
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    for text in texts {
        assert!(test.org.suggest(Some(&agent("a")), text).await.unwrap().is_none());
        let found = test.org.suggest(None, text).await.unwrap().unwrap();
        assert!(found.items.iter().all(|item| item.count.is_none()), "{text}: {found:?}");
    }
}
