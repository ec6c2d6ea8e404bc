//! Writes SQL for questions about a shop's data, and thinks before it does.

use crate::out::{self, fill};
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker, Thought};

pub(super) const INSTRUCTIONS: &str = "Write one SQL query that answers the question. Use only the tables given. The query runs read-only with a limit of ten seconds.";

pub(super) const RULES: [&str; 5] = [
    "Name columns in the result the way the question does.",
    "Filter on indexed columns first.",
    "Say in one sentence what the query does, without naming SQL words.",
    "Use common table expressions rather than nested queries.",
    "When the question can be read in two ways, choose the one that counts orders, not items.",
];

pub(super) const OUTPUT_SCHEMA: &str = r#"{"type":"object","required":["sql","explanation","tables"],"properties":{"sql":{"type":"string"},"explanation":{"type":"string"},"tables":{"type":"array","items":{"type":"string"}}}}"#;

#[derive(Clone, Copy)]
struct Question {
    asked: &'static str,
    tables: &'static [&'static str],
    sql: &'static str,
    explanation: &'static str,
    thoughts: [(&'static str, &'static str); 2],
}

static QUESTIONS: &[Question] = &[
    Question {
        asked: "Revenue per {grain} for the last {n} {grain}s, without refunds",
        tables: &["orders(id, customer_id, placed_at, total_cents, status)"],
        sql: "SELECT date_trunc('{grain}', placed_at) AS {grain}, sum(total_cents) / 100.0 AS revenue\nFROM orders\nWHERE status <> 'refunded' AND placed_at >= now() - interval '{n} {grain}s'\nGROUP BY 1\nORDER BY 1;",
        explanation: "Adds up what was paid per {grain} and leaves out refunded orders.",
        thoughts: [
            (
                "Reading the question",
                "Revenue means money kept, so orders with status 'refunded' must go. Partial refunds are not in this table.",
            ),
            (
                "Choosing the window",
                "The last {n} {grain}s include the current, unfinished one. I keep it, since the question does not say complete {grain}s.",
            ),
        ],
    },
    Question {
        asked: "Which {n} customers in {country} spent the most this year?",
        tables: &[
            "customers(id, name, country)",
            "orders(id, customer_id, placed_at, total_cents, status)",
        ],
        sql: "SELECT c.name, sum(o.total_cents) / 100.0 AS spent\nFROM customers c\nJOIN orders o ON o.customer_id = c.id\nWHERE c.country = '{country}' AND o.placed_at >= date_trunc('year', now()) AND o.status = 'paid'\nGROUP BY c.id, c.name\nORDER BY spent DESC\nLIMIT {n};",
        explanation: "Ranks customers from {country} by what they paid since January.",
        thoughts: [
            (
                "Finding the join",
                "Orders carry the customer's id, and the country is on the customer, so one join is enough.",
            ),
            ("Grouping safely", "Two customers may share a name; grouping by id keeps them apart."),
        ],
    },
    Question {
        asked: "Share of orders that were delivered later than {n} days after they were placed, by carrier",
        tables: &["orders(id, placed_at)", "shipments(order_id, carrier, delivered_at)"],
        sql: "SELECT s.carrier,\n       avg((s.delivered_at > o.placed_at + interval '{n} days')::int) AS late_share\nFROM shipments s\nJOIN orders o ON o.id = s.order_id\nWHERE s.delivered_at IS NOT NULL\nGROUP BY s.carrier\nORDER BY late_share DESC;",
        explanation: "Shows for each carrier how many of its deliveries took more than {n} days.",
        thoughts: [
            (
                "What is late",
                "Late is more than {n} days between placing and delivery. Shipments still under way have no delivery time and would distort the share.",
            ),
            (
                "Averaging a condition",
                "The average of a condition cast to a number is its share, which saves two counts.",
            ),
        ],
    },
    Question {
        asked: "How many customers ordered again within {n} days of their first order?",
        tables: &["orders(id, customer_id, placed_at)"],
        sql: "WITH first_orders AS (\n  SELECT customer_id, min(placed_at) AS first_at FROM orders GROUP BY customer_id\n)\nSELECT count(DISTINCT o.customer_id) AS returning_customers\nFROM orders o\nJOIN first_orders f USING (customer_id)\nWHERE o.placed_at > f.first_at AND o.placed_at <= f.first_at + interval '{n} days';",
        explanation: "Counts the people who came back within {n} days of buying for the first time.",
        thoughts: [
            (
                "Splitting the problem",
                "First find each customer's first order, then look for another one after it.",
            ),
            (
                "Avoiding double counts",
                "A customer with three orders in the window must count once, hence the distinct.",
            ),
        ],
    },
    Question {
        asked: "Products in {country} whose stock lasts less than {n} days at the current pace",
        tables: &[
            "stock(product_id, warehouse_country, units)",
            "order_items(order_id, product_id, quantity)",
            "orders(id, placed_at)",
        ],
        sql: "WITH pace AS (\n  SELECT i.product_id, sum(i.quantity) / 28.0 AS per_day\n  FROM order_items i JOIN orders o ON o.id = i.order_id\n  WHERE o.placed_at >= now() - interval '28 days'\n  GROUP BY i.product_id\n)\nSELECT s.product_id, s.units, round(s.units / p.per_day) AS days_left\nFROM stock s JOIN pace p USING (product_id)\nWHERE s.warehouse_country = '{country}' AND s.units < p.per_day * {n}\nORDER BY days_left;",
        explanation: "Compares what is in stock with what sold a day over the last four weeks.",
        thoughts: [
            (
                "Defining the pace",
                "Four whole weeks even out weekends, so 28 days are a fair base.",
            ),
            (
                "Dividing by zero",
                "Products that sold nothing have no pace and drop out of the join, which is right: their stock never runs out.",
            ),
        ],
    },
];

/// Fills the scene of one question.
pub(super) fn scene(rng: &mut Rng, _moment: Moment, scene: &mut Scene) {
    let question = rng.zipf(QUESTIONS);
    let n = rng.between(3, 30).to_string();
    let values = [
        ("n", &*n),
        ("grain", rng.zipf(&["week", "month", "day"])),
        ("country", rng.zipf(&["DE", "FR", "NL", "ES", "GB", "JP"])),
    ];
    let mut asked = String::new();
    fill(&mut asked, question.asked, &values);
    out::object(&mut scene.input, |o| {
        o.text("question", &asked);
        o.text("dialect", "postgresql");
        o.array("tables", |tables| question.tables.iter().for_each(|table| tables.text(table)));
    });
    let mut sql = String::with_capacity(400);
    fill(&mut sql, question.sql, &values);
    let mut explanation = String::with_capacity(120);
    fill(&mut explanation, question.explanation, &values);
    out::object(&mut scene.answer, |o| {
        o.text("sql", &sql);
        o.text("explanation", &explanation);
        o.array("tables", |tables| {
            for table in question.tables {
                tables.text(table.split_once('(').map_or(*table, |(name, _)| name));
            }
        });
    });
    for (title, template) in question.thoughts {
        let mut text = String::with_capacity(template.len() + 8);
        fill(&mut text, template, &values);
        scene.thoughts.push(Thought { title, text });
    }
    scene.prompt = Prompt::Instructions;
    let input = scene.input.clone();
    scene.say(Speaker::User, input);
}
