//! What the reading of stored metadata leaves to others while it goes on.

use std::time::Duration;

use embedded::testing::TestDatabase;

use super::{AGENTS, AgentRow, ReachedCard};
use crate::testing::{self, Checked, Unusable, put, request};
use crate::{OrgStore, StoreError};

/// Makes the runs of agent `a` those of an earlier release, which had no entries for
/// what is inside of metadata.
async fn stored_earlier(metadata: &[&str]) -> Result<(OrgStore, TestDatabase), Unusable> {
    let (org, database) = testing::org().await?;
    let run = |text: &&str| format!(r#"{{"agent":"a","input":"x","metadata":{text}}}"#);
    put(&org, &metadata.iter().map(run).collect::<Vec<_>>()).await?;
    let change = "ALTER TABLE runs UPDATE number_paths = [], number_doubles = [],
        number_integers = [], leaves = arrayFilter(x -> NOT startsWith(x, 'metadata.t.'), leaves)
        WHERE 1";
    org.client().query(change).with_setting("mutations_sync", "2").execute().await?;
    Ok((org, database))
}

async fn found(org: &OrgStore, query: &str) -> Result<u64, Unusable> {
    let list = org.list_runs(&request(query, Some("a"))?).await?.ok_or(Unusable::NoAgent)?;
    Ok(list.count)
}

#[tokio::test]
async fn every_card_is_read_whatever_the_length_of_a_step() -> Checked {
    let flat = r#"{"plan":"pro"}"#;
    let deep = |n: u32| format!(r#"{{"t":{{"n":{n}}}}}"#);
    let (one, two, three) = (deep(1), deep(2), deep(3));
    let runs = [flat, &one, flat, flat, flat, &two, flat, flat, &three, flat];
    for step in [1, 2, 3, 10, 1_000] {
        let (org, _database) = stored_earlier(&runs).await?;
        assert_eq!(found(&org, "metadata.t.n:>0").await?, 0);
        assert_eq!(org.store.index_stored_metadata_in_steps(step).await?, 3, "{step}");
        assert_eq!(found(&org, "metadata.t.n:>0").await?, 3, "{step}");
    }
    Ok(())
}

#[tokio::test]
async fn others_write_while_cards_are_read() -> Checked {
    let (org, _database) = stored_earlier(&[r#"{"plan":"pro"}"#, r#"{"list":"[1]"}"#]).await?;
    let _writing = org.store.registry.ingest.lock().await;
    // For ever, if it waited for the lock.
    let read = tokio::time::timeout(Duration::from_secs(60), org.store.index_stored_metadata());
    let read = read.await.map_err(|_| Unusable::Store(StoreError::TooSlow))?;
    assert_eq!(read?, 0);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_behind_a_deletion() -> Checked {
    let (org, _database) = stored_earlier(&[r#"{"t":{"n":1}}"#]).await?;
    let store = &org.store;
    let agent = org.client().query(AGENTS).fetch_one::<AgentRow>().await?;
    let end = store.step_end(&agent, ReachedCard::default(), 10).await?.unwrap_or_default();
    let rows = store.nested_rows(&agent, ReachedCard::default(), end).await?;
    assert_eq!(rows.len(), 1);
    let delete = "INSERT INTO agents SELECT org, slug, id, name, first_seen, 1, now64(6)
        FROM agents FINAL";
    org.client().query(delete).execute().await?;
    assert!(!store.put_nested(&agent, &rows).await?);
    let written = org.client().query("SELECT count() FROM nested_metadata").fetch_one::<u64>();
    assert_eq!(written.await?, 0);
    Ok(())
}
