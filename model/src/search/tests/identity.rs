//! Printing and parsing agree, whatever the tree or the text.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use crate::{Micros, NanoUsd, Timestamp, VersionId, VersionNumber};

/// Texts that are likely to be read as something else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[ -~]{1,8}",
        "\\PC{1,6}",
        "[-0-9.eE+]{1,6}",
        "[\"\\\\(),:~*<>!= ]{1,5}",
        proptest::sample::select(vec![
            "OR",
            "AND",
            "NOT",
            "latency",
            ">2s",
            ">",
            "2s",
            "model=",
            "status=failure",
            "!status:failure",
            "=x",
            "!x",
            "!",
            ":",
            ":failure",
            "status",
            "s",
            "&&",
            "||",
            "|",
            "a&&",
            "tenant.\"a b\"",
            "-",
            "--",
            "true",
            "null",
            "*",
            "1..2",
            "2026-10-01..x",
            "status:success",
            "nofield:1",
            "https://a.b",
            "10:30",
            "input.a",
            "é",
            "退款",
            "a\\",
            "\"",
            "$1",
            "24h",
            "->",
        ])
        .prop_map(str::to_owned),
    ]
}

fn path() -> impl Strategy<Value = Path> {
    let segment = prop_oneof![3 => text().prop_map(Segment::Key), 1 => Just(Segment::Any)];
    vec(segment, 0..4).prop_map(Path::new)
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        4 => proptest::sample::select(Field::PLAIN),
        1 => path().prop_map(Field::Input),
        1 => path().prop_map(Field::Output),
        1 => text().prop_map(Field::Metadata),
    ]
}

fn time() -> impl Strategy<Value = TimeBound> {
    let units =
        vec![AgoUnit::Seconds, AgoUnit::Minutes, AgoUnit::Hours, AgoUnit::Days, AgoUnit::Weeks];
    let ago = (any::<u32>(), proptest::sample::select(units))
        .prop_map(|(amount, unit)| TimeBound::Ago { amount, unit });
    let steps = vec![
        (Precision::Day, 86_400_000_000),
        (Precision::Minute, 60_000_000),
        (Precision::Second, 1_000_000),
        (Precision::Micro, 1_i64),
    ];
    let moment = (0..253_402_300_800_000_000_i64, proptest::sample::select(steps)).prop_map(
        |(micros, (precision, step))| TimeBound::Moment {
            at: Timestamp(micros / step * step),
            precision,
        },
    );
    prop_oneof![ago, moment]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::Signed),
        (i64::MAX as u64 + 1..=u64::MAX).prop_map(Number::Unsigned),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        (-1000..1000_i32).prop_filter_map("finite", |n| Number::from_f64(f64::from(n) / 100.0)),
    ]
}

fn literal() -> impl Strategy<Value = JsonLiteral> {
    prop_oneof![
        text().prop_map(JsonLiteral::string),
        number().prop_map(|number| JsonLiteral::bare(number.to_string())),
        proptest::sample::select(vec!["true", "null", "1.0", "1e5", "-0", "1E400", "007"])
            .prop_map(JsonLiteral::bare),
    ]
}

fn value(field: &Field) -> BoxedStrategy<Value> {
    let words = field.info().words;
    match field.value_type() {
        ValueType::Word => proptest::sample::select(words).prop_map(Value::Word).boxed(),
        ValueType::Text => text().prop_map(Value::Text).boxed(),
        ValueType::Version => prop_oneof![
            any::<u32>().prop_map(VersionSelector::Major),
            any::<(u32, u32)>()
                .prop_map(|(major, minor)| VersionSelector::Number(VersionNumber { major, minor })),
            any::<u128>().prop_map(|id| VersionSelector::Id(VersionId(id))),
        ]
        .prop_map(Value::Version)
        .boxed(),
        ValueType::Count => any::<u64>().prop_map(Value::Count).boxed(),
        ValueType::Number => number().prop_map(Value::Number).boxed(),
        ValueType::Duration => any::<u64>().prop_map(|us| Value::Duration(Micros(us))).boxed(),
        ValueType::Money => any::<u64>().prop_map(|nano| Value::Money(NanoUsd(nano))).boxed(),
        ValueType::Time => time().prop_map(Value::Time).boxed(),
        ValueType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ValueType::Json => literal().prop_map(Value::Json).boxed(),
    }
}

fn condition(field: Field) -> impl Strategy<Value = Option<Filter>> {
    let sides =
        vec![Comparison::Greater, Comparison::AtLeast, Comparison::Less, Comparison::AtMost];
    let test = prop_oneof![
        1 => Just(Test::Present),
        3 => vec(value(&field), 1..4).prop_map(Test::AnyOf),
        2 => vec(value(&field), 1..3).prop_map(Test::NoneOf),
        2 => (proptest::sample::select(sides), value(&field)).prop_map(|(side, v)| Test::Compare(side, v)),
        2 => (value(&field), value(&field)).prop_map(|(low, high)| Test::Between(low, high)),
        1 => vec(text(), 1..3).prop_map(Test::Contains),
    ];
    test.prop_map(move |test| Filter::new(field.clone(), test).ok())
}

fn term() -> impl Strategy<Value = Expr> {
    prop_oneof![
        2 => (text(), any::<bool>()).prop_map(|(text, prefix)| Expr::Term(Term::Word { text, prefix })),
        1 => text().prop_map(Expr::phrase),
        4 => field().prop_flat_map(condition).prop_filter_map("fits", |filter| filter.map(Expr::from)),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    term().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Expr::And),
            vec(inner.clone(), 0..4).prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

/// Texts made of the pieces of the grammar, right and wrong.
fn soup() -> impl Strategy<Value = String> {
    let scraps = vec![
        "a",
        "late",
        " ",
        "  ",
        "(",
        ")",
        "-",
        "OR",
        " OR ",
        " AND ",
        "AND",
        "NOT ",
        "=",
        "!",
        "latency",
        "> 2s",
        "> 2 s",
        " : ",
        "&&",
        "||",
        "status",
        "failed",
        "latency_ms",
        "2000",
        "\"",
        "\\",
        ":",
        ",",
        "..",
        "status:",
        "success",
        "latency:>",
        "2s",
        "cost:$0.01",
        "time:",
        "2026-10-01",
        "T10:30",
        "input.",
        "a.b[]",
        "metadata.",
        "metadata.\"x y\":",
        "output",
        "~",
        "*",
        "!=",
        ">=",
        "0.95",
        "null",
        "é",
        "退",
        "\u{3000}",
        "nofield:1",
        "tokens:4k",
        "version:3.1",
        "https://x",
        "10:30",
        "--",
        "->",
    ];
    vec(proptest::sample::select(scraps), 0..12).prop_map(|scraps| scraps.concat())
}

/// Filters as they are written elsewhere, with what may stand around them.
fn foreign() -> impl Strategy<Value = String> {
    let pick = |scraps: &[&'static str]| proptest::sample::select(scraps.to_vec());
    let names = [
        "status",
        "Status",
        "latency",
        "latency_ms",
        "cost",
        "model",
        "error",
        "time",
        "tokens",
        "cached",
        "version",
        "input",
        "input.a",
        "output.items[].n",
        "metadata.tenant.id",
        "metadata.\"a b\"",
        "nofield",
        "modle",
        "input.",
        "metadata.",
    ];
    let signs = [
        "=", "==", "===", "=~", "=>", "=<", "=!", "!=", "<>", "≠", ">=", "≥", "<=", "<", ">", "~",
        "≈", ":", ":=", ":=>", ":!", ":>", ":~", ": >", "::", "->",
    ];
    let values = [
        "failure",
        "failed",
        "banana",
        "2s",
        "2",
        "2 s",
        "2000",
        "2000 ms",
        "2 seconds",
        "$0.5",
        "0.5-1",
        "1..2",
        "5",
        "\"a b\"",
        "\"a",
        "a,b",
        "true",
        "24h",
        "3.1",
        "x:y",
        "(a)",
        "*",
        "",
        "é",
    ];
    let before = ["", "", "a ", "-", "!", "! ", "NOT ", "(", "a && ", "a OR ", "\"b\" "];
    let after = ["", "", " ", " b", ")", " || b", " && status=failure", " s"];
    let space = ["", " "];
    let one = (pick(&before), pick(&names), pick(&space), pick(&signs), pick(&space));
    (one, pick(&values), pick(&after)).prop_map(|((before, name, one, sign, two), value, after)| {
        [before, name, one, sign, two, value, after].concat()
    })
}

/// What an error says is how it is written can be read, as a whole and in its message.
fn assert_mendable(text: &str) -> Result<(), TestCaseError> {
    let Err(error) = SearchQuery::parse(text) else { return Ok(()) };
    if let Some(suggestion) = &error.suggestion {
        prop_assert!(SearchQuery::parse(suggestion).is_ok(), "{} -> {}", text, suggestion);
    }
    let Some(filter) = error.message.strip_prefix("a filter is written `") else { return Ok(()) };
    let filter = filter.split("`; put quotes").next().unwrap_or_default();
    let query = SearchQuery::parse(filter).map_err(|error| {
        TestCaseError::fail(format!("{text}: `{filter}` is no filter: {error}"))
    })?;
    let is_filter = |expr: &Expr| matches!(expr, Expr::Term(Term::Filter(_)));
    let is_one = match query.root() {
        Some(Expr::Not(inner)) => is_filter(inner),
        root => root.is_some_and(is_filter),
    };
    prop_assert!(is_one, "{}: `{}` is no filter", text, filter);
    Ok(())
}

fn made(expr: Expr) -> Result<SearchQuery, TestCaseError> {
    SearchQuery::new(expr).map_err(|error| TestCaseError::fail(error.to_string()))
}

fn assert_stable(text: &str) -> Result<(), TestCaseError> {
    match SearchQuery::parse_with_pieces(text) {
        Ok((query, pieces)) => {
            let printed = query.to_string();
            prop_assert_eq!(
                SearchQuery::parse(&printed),
                Ok(query.clone()),
                "{} -> {}",
                text,
                printed
            );
            for piece in pieces {
                prop_assert!(text.get(piece.range).is_some());
            }
        }
        Err(error) => {
            let chars = text.chars().count();
            prop_assert!(error.position as usize + error.length as usize <= chars);
            prop_assert!(text.get(error.byte_range(text)).is_some());
            prop_assert!(!error.message.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_printed_parses_to_the_same(expr in expr()) {
        let query = made(expr)?;
        let printed = query.to_string();
        prop_assert_eq!(SearchQuery::parse(&printed), Ok(query), "{}", printed);
    }

    #[test]
    fn grammar_soup_never_panics_and_is_stable(text in soup()) {
        assert_stable(&text)?;
        assert_mendable(&text)?;
    }

    #[test]
    fn what_is_suggested_can_be_read(text in foreign()) {
        assert_stable(&text)?;
        assert_mendable(&text)?;
    }

    #[test]
    fn any_text_never_panics_and_is_stable(text in "\\PC{0,40}|[\\x00-\\x7f]{0,30}") {
        assert_stable(&text)?;
    }

    #[test]
    fn a_text_in_quotes_is_that_phrase(text in text()) {
        prop_assume!(!text.trim().is_empty());
        let query = made(Expr::phrase(text.clone()))?;
        prop_assert_eq!(query.root(), Some(&Expr::phrase(text)));
    }
}
