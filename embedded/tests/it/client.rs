//! The official `clickhouse` crate, unmodified and with its own defaults.

use crate::help::fresh;
use clickhouse::{Compression, Row};
use serde::{Deserialize, Serialize};

#[derive(Row, Serialize, Deserialize, Debug, Clone, PartialEq)]
struct Item {
    id: u64,
    name: String,
    tags: Vec<String>,
    note: Option<String>,
}

impl Item {
    fn number(id: u64) -> Self {
        let note = id.is_multiple_of(3).then(|| format!("note {id}"));
        Self { id, name: format!("name 'Zoé' {id}"), tags: vec![String::new(), "b".into()], note }
    }
}

const TABLE: &str = "CREATE TABLE items (id UInt64, name String, tags Array(String), \
                     note Nullable(String)) ENGINE = MergeTree ORDER BY id";

#[tokio::test]
async fn rows_go_in_and_come_back() {
    let (_database, client) = fresh();
    for compression in [Compression::None, Compression::Lz4] {
        let client = client.clone().with_compression(compression);
        client.query("DROP TABLE IF EXISTS items").execute().await.unwrap();
        client.query(TABLE).execute().await.unwrap();
        let items: Vec<_> = (0..10_000).map(Item::number).collect();
        let mut insert = client.insert::<Item>("items").await.unwrap();
        for item in &items {
            insert.write(item).await.unwrap();
        }
        insert.end().await.unwrap();
        let back = client.query("SELECT ?fields FROM items ORDER BY id").fetch_all::<Item>();
        assert_eq!(back.await.unwrap(), items, "{compression:?}");
    }
}

#[tokio::test]
async fn a_cursor_reads_many_blocks_as_one_result() {
    let (_database, client) = fresh();
    for compression in [Compression::None, Compression::Lz4] {
        let client = client.clone().with_compression(compression);
        let mut cursor = client
            .query("SELECT number, toString(number) FROM numbers(500000)")
            .fetch::<(u64, String)>()
            .unwrap();
        let mut expected = 0;
        while let Some((number, text)) = cursor.next().await.unwrap() {
            assert_eq!((number, text), (expected, expected.to_string()));
            expected += 1;
        }
        assert_eq!(expected, 500_000, "{compression:?}");
    }
}

#[tokio::test]
async fn no_rows_are_no_error() {
    let (_database, client) = fresh();
    client.query(TABLE).execute().await.unwrap();
    assert_eq!(client.query("SELECT ?fields FROM items").fetch_all::<Item>().await.unwrap(), []);
    assert_eq!(client.query("SELECT id FROM items").fetch_optional::<u64>().await.unwrap(), None);
}

#[tokio::test]
async fn parameters_and_binds_arrive_as_they_were() {
    let (_database, client) = fresh();
    let nasty = "it's \\ a \t \"test\"\n{x} ? é; -- SELECT 1";
    let back: String =
        client.query("SELECT {text: String}").param("text", nasty).fetch_one().await.unwrap();
    assert_eq!(back, nasty);
    let back: String = client.query("SELECT ?").bind(nasty).fetch_one().await.unwrap();
    assert_eq!(back, nasty);
    let (list, missing): (Vec<String>, Option<i32>) = client
        .query("SELECT {list: Array(String)}, {none: Nullable(Int32)}")
        .param("list", vec![nasty, "b"])
        .param("none", None::<i32>)
        .fetch_one()
        .await
        .unwrap();
    assert_eq!((list, missing), (vec![nasty.to_owned(), "b".to_owned()], None));
}

#[tokio::test]
async fn settings_hold_for_one_request() {
    let (_database, client) = fresh();
    let asked = "SELECT toUInt64(getSetting('max_block_size'))";
    let other = client.query(asked).with_setting("max_block_size", "123");
    assert_eq!(other.fetch_one::<u64>().await.unwrap(), 123);
    assert_ne!(client.query(asked).fetch_one::<u64>().await.unwrap(), 123);
}

#[tokio::test]
async fn an_insert_with_a_token_counts_once() {
    let (_database, client) = fresh();
    let table = format!("{TABLE} SETTINGS non_replicated_deduplication_window = 100");
    client.query(&table).execute().await.unwrap();
    for token in ["a", "b", "a"] {
        let mut insert = client
            .insert::<Item>("items")
            .await
            .unwrap()
            .with_setting("insert_deduplication_token", token);
        insert.write(&Item::number(1)).await.unwrap();
        insert.end().await.unwrap();
    }
    let count = client.query("SELECT count() FROM items").fetch_one::<u64>().await.unwrap();
    assert_eq!(count, 2);
}

#[tokio::test]
async fn an_inserter_sends_many_batches() {
    let (_database, client) = fresh();
    client.query(TABLE).execute().await.unwrap();
    let mut inserter = client.inserter::<Item>("items").with_max_rows(1000);
    for id in 0..5500 {
        inserter.write(&Item::number(id)).await.unwrap();
        inserter.commit().await.unwrap();
    }
    assert_eq!(inserter.end().await.unwrap().rows, 500);
    let count = client.query("SELECT count() FROM items").fetch_one::<u64>().await.unwrap();
    assert_eq!(count, 5500);
}
