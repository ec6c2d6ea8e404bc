use model::search::Path;
use model::{Micros, OrgSlug, RunItem};
use store::{CellValue, Place};

use crate::support::{TestStore, id, json, request, run, store, with};

fn input(path: &str) -> Place {
    Place::Input(path.parse::<Path>().unwrap())
}

async fn items(test: &TestStore) -> Vec<RunItem> {
    test.org.list_runs(&request("")).await.unwrap().unwrap().items
}

#[tokio::test]
async fn places_give_their_values() {
    let test = store().await;
    let long = "Zoé ".repeat(200);
    let body = serde_json::json!({
        "plan": "pro", "n": 12345678901234567890_u64, "ok": true, "none": null,
        "items": [{"sku": "b"}, {"sku": "a"}], "long": long, "deep": {"x": 1}, "a.b": "dotted",
    });
    test.put([with(run(1, &body.to_string()), |run| {
        run.output = Some(json("\"done\""));
        run.time_to_first_token = Some(Micros(7));
        run.trace_id = Some("t1".to_owned());
    })])
    .await;
    let paths =
        ["plan", "n", "ok", "none", "items[].sku", "items.length", "deep", "\"a.b\"", "gone"];
    let mut places: Vec<Place> = paths.iter().map(|path| input(path)).collect();
    places.push(Place::Output(Path::default()));
    places.push(input("long"));
    let cells = test.org.cells(&items(&test).await, &places).await.unwrap();
    let found = &cells[&id(1)];
    let text = |text: &str| CellValue::Text(text.to_owned(), false);
    let scalar = |text: &str| CellValue::Scalar(text.to_owned());
    assert_eq!(found.places[0], [text("pro")]);
    assert_eq!(found.places[1], [scalar("12345678901234567890")]);
    assert_eq!(found.places[2], [scalar("true")]);
    assert_eq!(found.places[3], [scalar("null")]);
    assert_eq!(found.places[4], [text("a"), text("b")]);
    assert_eq!(found.places[5], [scalar("2")]);
    assert_eq!(found.places[6], [CellValue::Json("{\"x\":1}".to_owned(), false)]);
    assert_eq!(found.places[7], [text("dotted")]);
    assert!(found.places[8].is_empty());
    assert_eq!(found.places[9], [text("done")]);
    match found.places[10].as_slice() {
        [CellValue::Text(beginning, true)] => assert!(long.starts_with(beginning.as_str())),
        other => panic!("{other:?}"),
    }
    assert_eq!((found.time_to_first_token, found.trace_id.as_str()), (Some(Micros(7)), "t1"));
}

#[tokio::test]
async fn others_get_nothing_for_the_same_runs() {
    let test = store().await;
    test.put([run(1, r#"{"plan":"pro"}"#)]).await;
    let items = items(&test).await;
    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let stranger = test.store.org(&stranger);
    stranger.ingest(vec![run(9, "{}")]).await.unwrap()[0].as_ref().unwrap();
    assert!(stranger.cells(&items, &[input("plan")]).await.unwrap().is_empty());
}
