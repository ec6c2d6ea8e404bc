use model::{Micros, NanoUsd, Sort, Usage};
use store::{ListRequest, Window};

use crate::support::{TestStore, number, request, run, store, with};

fn sort(text: &str) -> Sort {
    text.parse().unwrap()
}

/// The numbers of all runs in an order, page by page with cursors.
async fn walk(test: &TestStore, order: &str, limit: u32) -> Vec<u32> {
    let sort = sort(order);
    let mut seen = Vec::new();
    let mut window = Window::Page(0);
    loop {
        let request = ListRequest { sort, window, limit, ..request("") };
        let list = test.org.list_runs(&request).await.unwrap().unwrap();
        seen.extend(list.items.iter().map(|item| number(item.id)));
        match list.next_cursor {
            Some(cursor) => window = Window::after(sort, &cursor).unwrap(),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn unknown_values_come_last_in_both_directions() {
    let test = store().await;
    let values = [Some(30), None, Some(10), Some(20), None, Some(20), Some(0)];
    test.put((0..).zip(values).map(|(n, value)| {
        with(run(n, "{}"), |run| {
            run.latency = value.map(Micros);
            run.cost = value.map(NanoUsd);
            run.usage = Usage { input_tokens: value, ..Usage::default() };
        })
    }))
    .await;
    for key in ["latency", "cost", "tokens"] {
        // Of equal values the newer run comes first, however the list is cut.
        for limit in [1, 2, 3, 10] {
            let up = walk(&test, key, limit).await;
            assert_eq!(up, [6, 2, 5, 3, 0, 4, 1], "{key} by {limit}");
            let down = walk(&test, &format!("-{key}"), limit).await;
            assert_eq!(down, [0, 5, 3, 2, 6, 4, 1], "-{key} by {limit}");
        }
    }
    assert_eq!(walk(&test, "time", 3).await, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(walk(&test, "-time", 3).await, [6, 5, 4, 3, 2, 1, 0]);
}

#[tokio::test]
async fn pages_and_filters_hold_in_another_order() {
    let test = store().await;
    test.put((0..9).map(|n| {
        with(run(n, &format!("{{\"n\":{}}}", n % 2)), |run| run.cost = Some(NanoUsd(n.into())))
    }))
    .await;
    let request = ListRequest {
        sort: sort("-cost"),
        window: Window::Page(1),
        limit: 2,
        ..request("input.n:1")
    };
    let list = test.org.list_runs(&request).await.unwrap().unwrap();
    assert_eq!(list.items.iter().map(|item| number(item.id)).collect::<Vec<_>>(), [3, 1]);
    assert_eq!((list.count, list.next_cursor), (4, None));
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let test = store().await;
    test.put((0..4).map(|n| run(n, "{}"))).await;
    let request = ListRequest { sort: sort("cost"), limit: 2, ..request("") };
    let list = test.org.list_runs(&request).await.unwrap().unwrap();
    let cursor = list.next_cursor.unwrap();
    assert!(Window::after(sort("cost"), &cursor).is_ok());
    for other in ["-cost", "latency", "-time"] {
        assert!(Window::after(sort(other), &cursor).is_err(), "{other}");
    }
}
