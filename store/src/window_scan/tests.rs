//! Walks over runs that lie in several parts, so that there are several windows.

use std::time::Duration;

use embedded::testing::TestDatabase;
use model::Timestamp;

use super::{ScanBudget, WindowScan};
use crate::testing::{self, Checked, NOW, Unusable, condition, put, request};
use crate::{Cursor, OrgStore};

/// Parts, and runs in each.
const PARTS: i64 = 8;
const RUNS: i64 = 50;

/// Windows of one part each.
const SMALL: ScanBudget = ScanBudget { first_window: 1, patience: Duration::from_secs(60) };

/// Run `n` is made in second `n`; one in a hundred says `rare`.
async fn stored() -> Result<(OrgStore, TestDatabase), Unusable> {
    let (org, database) = testing::org().await?;
    // Merged parts would make one window of all.
    org.client().query("SYSTEM STOP MERGES runs").execute().await?;
    for part in 0..PARTS {
        let text = |n: i64| {
            let word = if n % 100 == 7 { "rare" } else { "plain" };
            let at = Timestamp(NOW.0 + n * 1_000_000);
            format!(r#"{{"agent":"a","created_at":"{at}","input":"{word} {n}"}}"#)
        };
        let texts: Vec<String> = (part * RUNS..(part + 1) * RUNS).map(text).collect();
        put(&org, &texts).await?;
    }
    Ok((org, database))
}

async fn window_scan(
    org: &OrgStore,
    query: &str,
    after: Option<Cursor>,
    wanted: u64,
    budget: ScanBudget,
) -> Result<WindowScan, Unusable> {
    let condition = condition(org, &request(query, None)?).await?;
    Ok(org.window_scan(&condition, after, wanted, budget).await?)
}

fn seconds(scan: &WindowScan) -> Vec<i64> {
    scan.keys.iter().map(|key| (key.created_at - NOW.0) / 1_000_000).collect()
}

#[tokio::test]
async fn a_scan_finds_what_one_query_finds() -> Checked {
    let (org, _database) = stored().await?;
    let rare = window_scan(&org, "rare ", None, 51, SMALL).await?;
    assert_eq!(seconds(&rare), [307, 207, 107, 7]);
    assert_eq!((rare.count, rare.searched_back_to), (Some(4), None));
    for wanted in [1, 49, 50, 51, 150, 399] {
        let plain = window_scan(&org, "", None, wanted, SMALL).await?;
        let newest = (0..PARTS * RUNS).rev().take(wanted as usize);
        assert_eq!(seconds(&plain), newest.collect::<Vec<_>>(), "{wanted}");
        assert_eq!(plain.searched_back_to, None);
    }
    let all = window_scan(&org, "", None, 1_000, SMALL).await?;
    assert_eq!((all.keys.len(), all.count), (400, Some(400)));
    Ok(())
}

#[tokio::test]
async fn a_scan_without_time_says_how_far_it_came_and_goes_on_from_there() -> Checked {
    let (org, _database) = stored().await?;
    let hasty = ScanBudget { patience: Duration::ZERO, ..SMALL };
    let mut found = Vec::new();
    let mut after = None;
    let mut steps = 0;
    loop {
        let scan = window_scan(&org, "rare ", after, 51, hasty).await?;
        found.extend(seconds(&scan));
        steps += 1;
        let Some(at) = scan.searched_back_to else { break };
        assert!(scan.count.is_none(), "what is counted by halves is no count");
        assert!(scan.keys.iter().all(|key| key.created_at >= at.0));
        after = Some(Cursor::before(at));
    }
    assert_eq!(found, [307, 207, 107, 7]);
    assert!(steps > 2, "it was to take several steps, not {steps}");
    Ok(())
}
