use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, ready};
use model::{AgentSlug, Run, RunId};
use store::{Elsewhere, Forgotten, Org, OrgId, OrgStore, StoreError, Undrained, Withheld};

use crate::support::{agent, id, run, store};

#[tokio::test]
async fn deleting_an_agent_deletes_its_runs_and_no_others() {
    let test = store().await;
    let mut kept = run(9, "{}");
    kept.run.agent = agent("kept");
    test.put((0..5).map(|n| run(n, "{}")).chain([kept])).await;

    let deleted = test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert_eq!(deleted.deleted_runs, 5);
    assert!(test.org.run(id(1)).await.unwrap().is_none());
    assert!(test.org.agent(&agent("a")).await.unwrap().is_none());
    assert!(test.org.run(id(9)).await.unwrap().is_some());
    assert_eq!(test.org.agent(&agent("kept")).await.unwrap().unwrap().run_count, 1);
    assert!(test.org.delete_agent(&agent("a")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_deleted_name_can_be_used_again_and_starts_empty() {
    let test = store().await;
    test.put([run(1, "{}"), run(2, "{}")]).await;
    test.org.delete_agent(&agent("a")).await.unwrap();
    test.put([run(3, "{}")]).await;
    assert_eq!(test.find("").await, [3]);
    let run = test.org.run(id(3)).await.unwrap().unwrap();
    assert_eq!(run.version.number.unwrap().to_string(), "1.1");
    // The same run may be sent again after its agent was deleted.
    test.put([crate::support::run(1, "{}")]).await;
    assert_eq!(test.find("").await, [3, 1]);
}

#[tokio::test]
async fn a_removal_that_was_cut_off_is_finished_later() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let mut kept = run(2, "{}");
    kept.run.agent = agent("kept");
    test.put([kept]).await;
    assert_eq!(test.store.finish_deletions().await.unwrap(), 0);
    test.mark_deleted(&agent("a")).await;
    assert!(test.org.run(id(1)).await.unwrap().is_none());
    assert_eq!(test.store.finish_deletions().await.unwrap(), 1);
    assert_eq!(test.store.finish_deletions().await.unwrap(), 0);
    assert!(test.org.run(id(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_removal_that_was_cut_off_anywhere_leaves_nothing_in_any_table() {
    let test = store().await;
    let mut kept = run(2, "{}");
    kept.run.agent = agent("kept");
    test.put([run(1, "{}"), kept]).await;
    let tables = test
        .strings(
            "SELECT table FROM system.columns
             WHERE database = currentDatabase() AND name = 'agent'",
        )
        .await;
    for table in &tables {
        test.sql(&format!("INSERT INTO {table} (org, agent) SELECT org, id FROM agents")).await;
    }
    test.mark_deleted(&agent("a")).await;
    // What an older program did before it was killed: marks in place of erasures.
    for table in ["runs", "cards", "run_bodies", "chat_states"] {
        let deleted = "agent IN (SELECT id FROM agents FINAL WHERE deleted = 1)";
        test.sql(&format!("DELETE FROM {table} WHERE {deleted}")).await;
    }
    assert_eq!(test.store.finish_deletions().await.unwrap(), 1);
    for table in &tables {
        let rows = |deleted: u8| {
            format!(
                "SELECT count() FROM {table} WHERE agent IN
                 (SELECT id FROM agents FINAL WHERE deleted = {deleted})
                 SETTINGS apply_deleted_mask = 0"
            )
        };
        assert_eq!(test.number(&rows(1)).await, 0, "{table}");
        assert!(test.number(&rows(0)).await > 0, "{table}");
    }
    assert_eq!(test.store.finish_deletions().await.unwrap(), 0);
}

#[tokio::test]
async fn a_deleted_agents_words_leave_the_index_and_its_parts_hold_up_no_merge() {
    let test = store().await;
    let of = |n: u32, name: &str, word: &str| {
        let mut new = run(n, &format!("{{\"q\":\"{word}\"}}"));
        new.run.agent = agent(name);
        new
    };
    for (n, name) in [(1, "kept"), (2, "a"), (3, "a"), (4, "kept")] {
        test.put([of(n, name, if name == "a" { "plugh" } else { "xyzzy" })]).await;
    }
    test.put([of(5, "a", "plugh"), of(6, "kept", "xyzzy")]).await;
    test.org.delete_agent(&agent("a")).await.unwrap();

    let with_word = |word: &str| {
        format!(
            "SELECT count() FROM mergeTreeTextIndex(currentDatabase(), 'runs', 'search_text_index')
             WHERE token = '{word}'"
        )
    };
    assert_eq!(test.number(&with_word("plugh")).await, 0);
    assert!(test.number(&with_word("xyzzy")).await > 0);
    let parts = "SELECT count() FROM system.parts
        WHERE database = currentDatabase() AND table = 'runs' AND active";
    // The engine would keep what was replaced for a minute.
    test.sql("ALTER TABLE runs MODIFY SETTING old_parts_lifetime = 0").await;
    test.store.drop_replaced_parts().await.unwrap();
    let replaced = "SELECT count() FROM system.parts
        WHERE database = currentDatabase() AND table = 'runs' AND (NOT active OR rows = 0)";
    assert_eq!(test.number(replaced).await, 0);
    test.sql("OPTIMIZE TABLE runs FINAL").await;
    assert_eq!(test.number(parts).await, 1);
    // What the engine keeps beside the runs is right as well.
    assert_eq!(test.org.agents().await.unwrap()[0].run_count, 3);
}

#[tokio::test]
async fn deletions_at_one_time_are_all_done() {
    let test = store().await;
    let names = ["b", "c", "d", "e"].map(agent);
    let runs = (0..8).map(|n| {
        let mut new = run(n, "{}");
        new.run.agent = names[n as usize % 4].clone();
        new
    });
    test.put(runs).await;
    let deletions = names.iter().map(|name| test.org.delete_agent(name));
    for deleted in futures::future::join_all(deletions).await {
        let deleted = deleted.unwrap().unwrap();
        assert_eq!((deleted.deleted_runs, deleted.is_erased), (2, true));
    }
    assert_eq!(test.number("SELECT count() FROM runs").await, 0);
    assert!(test.org.agents().await.unwrap().is_empty());
}

/// A spool without runs on a disk that can fail.
#[derive(Debug, Default)]
struct Spool {
    fails: AtomicBool,
    deletions: AtomicU32,
}

impl Undrained for Spool {
    fn find(&self, _: OrgId, _: RunId) -> BoxFuture<'_, Option<Run>> {
        ready(None).boxed()
    }

    fn wait_until_drained(&self, _: OrgId, _: RunId, _: Duration) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }

    fn find_aside(&self, _: OrgId, _: RunId) -> BoxFuture<'_, Option<Run>> {
        ready(None).boxed()
    }

    fn holds_agent<'a>(&'a self, _: OrgId, _: &'a AgentSlug) -> BoxFuture<'a, io::Result<bool>> {
        ready(Ok(false)).boxed()
    }

    fn forget_agent<'a>(
        &'a self,
        _: &'a Org,
        _: &'a AgentSlug,
        _: Option<u64>,
    ) -> BoxFuture<'a, io::Result<Forgotten>> {
        let fails = self.fails.load(Ordering::Relaxed);
        self.deletions.fetch_add(u32::from(!fails), Ordering::Relaxed);
        let forgotten = Forgotten { runs: Vec::new(), gone: ready(true).boxed() };
        ready(if fails { Err(io::Error::other("no space left")) } else { Ok(forgotten) }).boxed()
    }
}

/// A place where a run of each agent waits.
#[derive(Clone, Default)]
struct Place(Arc<AtomicU32>);

impl Elsewhere for Place {
    fn withhold<'a>(
        &'a self,
        _: &'a OrgStore,
        _: &'a AgentSlug,
        _: Option<u64>,
    ) -> BoxFuture<'a, Result<Option<Box<dyn Withheld>>, StoreError>> {
        ready(Ok(Some(Box::new(self.clone()) as Box<dyn Withheld>))).boxed()
    }
}

impl Withheld for Place {
    fn forget(self: Box<Self>) -> BoxFuture<'static, Vec<RunId>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ready(vec![id(7)]).boxed()
    }
}

#[tokio::test]
async fn what_waits_elsewhere_goes_once_the_deletion_is_certain() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let (spool, place) = (Arc::new(Spool::default()), Arc::new(Place::default()));
    test.store.put_behind(Arc::clone(&spool) as Arc<dyn Undrained>);
    test.store.reach_into(Arc::<Place>::downgrade(&place) as Weak<dyn Elsewhere>);
    let work = test.org.underway(&agent("a"));

    spool.fails.store(true, Ordering::Relaxed);
    let failed = test.org.delete_agent(&agent("a")).await;
    assert!(matches!(failed, Err(StoreError::Spool(_))), "{failed:?}");
    assert_eq!(place.0.load(Ordering::Relaxed), 0);
    assert!(work.passage().await.is_some());
    assert_eq!(test.find("").await, [1]);

    spool.fails.store(false, Ordering::Relaxed);
    let deleted = test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert_eq!((deleted.deleted_runs, place.0.load(Ordering::Relaxed)), (2, 1));
    assert!(work.passage().await.is_none());
    assert!(test.org.underway(&agent("a")).passage().await.is_some());
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_reaches_what_waits_elsewhere_once() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let place = Arc::new(Place::default());
    test.store.reach_into(Arc::<Place>::downgrade(&place) as Weak<dyn Elsewhere>);
    let key = test.org.agent_number(&agent("a")).await.unwrap().unwrap();
    let work = test.org.underway(&agent("a"));
    for _ in 0..2 {
        test.org.finish_deletion(key).await.unwrap();
        assert_eq!(place.0.load(Ordering::Relaxed), 1);
    }
    assert!(work.passage().await.is_none());
    assert!(test.org.agent(&agent("a")).await.unwrap().is_none());
}

#[tokio::test]
async fn nothing_is_written_for_an_agent_that_is_nowhere() {
    let test = store().await;
    let spool = Arc::new(Spool::default());
    test.store.put_behind(Arc::clone(&spool) as Arc<dyn Undrained>);
    assert!(test.org.delete_agent(&agent("a")).await.unwrap().is_none());
    assert_eq!(spool.deletions.load(Ordering::Relaxed), 0);
    test.put([run(1, "{}")]).await;
    assert_eq!(test.org.delete_agent(&agent("a")).await.unwrap().unwrap().deleted_runs, 1);
    assert_eq!(spool.deletions.load(Ordering::Relaxed), 1);
}
