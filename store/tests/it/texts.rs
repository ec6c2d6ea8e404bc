use model::OrgSlug;

use crate::support::{agent, id, json, request, run, store, with};

#[tokio::test]
async fn whole_texts_are_read_for_the_runs_of_a_page_alone() {
    let test = store().await;
    let large = format!("{{\"note\":\"{}\"}}", "late ".repeat(500_000));
    let answered = with(run(1, "{\"note\":\"tide\"}"), |run| run.output = Some(json("[7]")));
    test.put([answered, run(2, "{\"note\":\"fog\"}"), run(3, &large)]).await;
    let list = test.org.list_runs(&request("")).await.unwrap().unwrap();
    let asked: Vec<_> = list.items.iter().filter(|item| item.id != id(2)).collect();

    let texts = test.org.run_texts(&asked).await.unwrap();
    // The third is too large to be read while somebody types.
    assert_eq!(texts.len(), 1);
    let texts = texts.get(&id(1)).unwrap();
    assert_eq!(texts.input.as_ref().unwrap().as_str(), "{\"note\":\"tide\"}");
    assert_eq!(texts.output.as_ref().unwrap().as_str(), "[7]");

    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    assert!(test.store.org(&stranger).run_texts(&asked).await.unwrap().is_empty());
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert!(test.org.run_texts(&asked).await.unwrap().is_empty());
}
