use std::fs;

use crate::support::{PATIENCE, Test, accept, held_up, id, number, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_other_content_is_put_aside_and_can_be_given_another() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, vec![run("a", 1, "{\"first\":1}")]).await;
    accept(&door, &test.org, vec![run("a", 1, "{\"second\":2}"), run("a", 2, "{}")]).await;
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [2, 1]);
    let kept = test.org.run(id(1)).await.unwrap().unwrap();
    assert_eq!(kept.input.unwrap().as_str(), "{\"first\":1}");

    let held = door.quarantined(Some(test.org.org().id), 10).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].id, held[0].code.as_str()), (id(1), "id_taken"));
    assert!(held[0].reason.contains("other content"), "{}", held[0].reason);
    assert_eq!(door.status().unwrap().quarantined, 1);
    assert!(door.quarantined(Some(store::OrgId(1)), 10).await.unwrap().is_empty());

    // As it is, it comes back here; once.
    assert_eq!(door.retry(None, false).await.unwrap(), 1);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(door.status().unwrap().quarantined, 1);
    assert_eq!(door.retry(Some(&[id(2)]), true).await.unwrap(), 0);
    assert_eq!(door.retry(Some(&[id(1)]), true).await.unwrap(), 1);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(door.status().unwrap().quarantined, 0);
    let listed = test.org.agents().await.unwrap();
    assert_eq!(listed[0].run_count, 3);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_engine_refuses_holds_up_no_others() {
    let test = Test::new().await;
    let door = test.open().await;
    test.sql("ALTER TABLE runs ADD CONSTRAINT no_poison CHECK environment != 'poison'").await;
    let mut runs: Vec<_> = (0..300).map(|n| run("a", n, "{}")).collect();
    for n in [17, 299] {
        runs[n].run.environment = Some("poison".to_owned());
    }
    accept(&door, &test.org, runs).await;
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), 298);
    let mut held = door.quarantined(None, 10).await.unwrap();
    held.sort_by_key(|run| run.id);
    let numbers: Vec<_> = held.iter().map(|run| number(run.id)).collect();
    assert_eq!(numbers, [17, 299]);
    assert_eq!(held[0].code, "unstorable");
    assert!(held[0].reason.contains("no_poison"), "{}", held[0].reason);
    let kept = test.org.run(id(17)).await.unwrap().unwrap();
    assert_eq!(kept.environment.as_deref(), Some("poison"));

    test.sql("ALTER TABLE runs DROP CONSTRAINT no_poison").await;
    assert_eq!(door.retry(None, false).await.unwrap(), 2);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), 300);
    assert_eq!(door.status().unwrap().quarantined, 0);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_the_quarantine_leads_nowhere_else() {
    let test = Test::new().await;
    let door = test.open().await;
    assert_eq!(door.retry(Some(&[id(1)]), false).await.unwrap(), 0);
    assert!(door.quarantined(None, 10).await.unwrap().is_empty());
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn healthy_runs_wait_while_the_engine_is_overloaded() {
    let test = Test::new().await;
    let door = test.open().await;
    test.overload(&door, "runs").await;
    test.sql("ALTER TABLE run_bodies ADD CONSTRAINT no_poison CHECK position(body, 'poison') = 0")
        .await;
    let inputs = (1..20).map(|n| (n, if n == 7 { "{\"a\":\"poison\"}" } else { "{}" }));
    accept(&door, &test.org, inputs.map(|(n, input)| run("a", n, input)).collect()).await;
    held_up(&door).await;
    assert!(!door.settle(std::time::Duration::from_millis(500)).await);
    assert_eq!(door.status().unwrap().quarantined, 0);
    test.relieve("runs").await;
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), 19);
    let held = door.quarantined(None, 10).await.unwrap();
    assert_eq!((held.len(), held[0].id), (1, id(7)));
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_of_many_are_listed() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, (0..4).map(|n| run("a", n, "{}")).collect()).await;
    for n in 0..4 {
        accept(&door, &test.org, vec![run("a", n, "{\"other\":1}")]).await;
        assert!(door.settle(PATIENCE).await);
    }
    for org in [None, Some(test.org.org().id)] {
        let held = door.quarantined(org, 2).await.unwrap();
        assert_eq!(held.iter().map(|run| number(run.id)).collect::<Vec<_>>(), [3, 2]);
    }
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_organization_is_gone_stays_and_is_not_counted() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, vec![run("a", 1, "{}")]).await;
    accept(&door, &test.org, vec![run("a", 1, "{\"other\":1}")]).await;
    assert!(door.settle(PATIENCE).await);
    let held = door.quarantined(None, 2).await.unwrap().remove(0);
    let path = test.dir.path().join("quarantine").join(held.name);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("acme", "gone")).unwrap();
    assert_eq!(door.retry(None, true).await.unwrap(), 0);
    assert_eq!(door.status().unwrap().quarantined, 1);
    door.close(PATIENCE).await;
}
