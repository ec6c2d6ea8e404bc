//! Every field with its operators and units.

use super::super::*;
use super::{Checked, Unlike, error, filter, test, unlike};
use crate::{Micros, NanoUsd, Timestamp, VersionId, VersionNumber};

fn is(value: Value) -> Test {
    Test::AnyOf(vec![value])
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn bare(text: &str) -> Value {
    Value::Json(JsonLiteral::bare(text))
}

fn string(text: &str) -> Value {
    Value::Json(JsonLiteral::string(text))
}

#[test]
fn every_field_of_the_contract_is_there() -> Checked {
    let contract = [
        "status",
        "model",
        "provider",
        "version",
        "schema",
        "environment",
        "source",
        "temperature",
        "latency",
        "ttft",
        "cost",
        "tokens",
        "input_tokens",
        "output_tokens",
        "time",
        "id",
        "conversation",
        "trace",
        "cached",
        "error",
        "tool",
        "review",
        "feedback",
        "agent",
        "input.",
        "output.",
        "metadata.",
    ];
    let names: Vec<_> = table().map(|info| info.name).collect();
    assert_eq!(names, contract);
    for field in Field::PLAIN {
        assert_eq!(filter(&format!("{field}:*"))?.field(), field);
    }
    Ok(())
}

#[test]
fn operators() -> Checked {
    assert_eq!(test("model:a,b")?, Test::AnyOf(vec![text("a"), text("b")]));
    assert_eq!(test("model:!=a,b")?, Test::NoneOf(vec![text("a"), text("b")]));
    assert_eq!(test("model:~4o")?, Test::Contains(vec!["4o".to_owned()]));
    assert_eq!(test("error:~a,\"b c\"")?, Test::Contains(vec!["a".to_owned(), "b c".to_owned()]));
    assert_eq!(test("model:*")?, Test::Present);
    assert_eq!(test("model:\"*\"")?, is(text("*")));
    assert_eq!(test("model:a*")?, is(text("a*")));
    let count = Value::Count;
    for (symbol, side) in [
        (">", Comparison::Greater),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        ("<=", Comparison::AtMost),
    ] {
        assert_eq!(test(&format!("schema:{symbol}2"))?, Test::Compare(side, count(2)));
    }
    assert_eq!(test("schema:1..5")?, Test::Between(count(1), count(5)));
    assert_eq!(test("schema:\"1\"..\"5\"")?, Test::Between(count(1), count(5)));
    assert_eq!(test("(schema:2)")?, is(count(2)));
    Ok(())
}

#[test]
fn words_are_those_of_the_field() -> Checked {
    assert_eq!(
        test("status:failure,success")?,
        Test::AnyOf(vec![Value::Word("failure"), Value::Word("success")])
    );
    assert_eq!(test("status:Failure")?, is(Value::Word("failure")));
    assert_eq!(test("review:any")?, is(Value::Word("any")));
    assert_eq!(test("status:\"failure\"")?, is(Value::Word("failure")));
    assert_eq!(
        test("status:\"failure\",\"Success\"")?,
        Test::AnyOf(vec![Value::Word("failure"), Value::Word("success")])
    );
    assert_eq!(test("cached:\"true\"")?, is(Value::Bool(true)));
    assert_eq!(test("cached:true")?, is(Value::Bool(true)));
    assert_eq!(error("status:failed")?.expected, ["success", "failure"]);
    assert_eq!(error("cached:yes")?.expected, ["true", "false"]);
    Ok(())
}

#[test]
fn open_quotes_may_be_closed_yet() {
    for (text, expected) in [
        ("status:\"fail", true),
        ("status:\"failure\"", false),
        ("metadata.\"user id", true),
        ("note:\"a \\\" b", true),
        ("note:\"a \\\\\"", false),
        ("back\\slash \"late", true),
        ("", false),
    ] {
        assert_eq!(ends_in_quotes(text), expected, "{text}");
    }
}

#[test]
fn versions_are_numbers_or_ids() -> Checked {
    let version = |selector| is(Value::Version(selector));
    assert_eq!(
        test("version:3.1")?,
        version(VersionSelector::Number(VersionNumber { major: 3, minor: 1 }))
    );
    assert_eq!(test("version:3")?, version(VersionSelector::Major(3)));
    assert_eq!(
        test("version:0123456789abcdef0123456789abcdef")?,
        version(VersionSelector::Id(VersionId(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)))
    );
    assert!(
        error("version:latest")?.message.starts_with("`version` must be a version like 3.1 or 3")
    );
    Ok(())
}

#[test]
fn durations_need_their_unit() -> Checked {
    let duration = |us| is(Value::Duration(Micros(us)));
    for (written, us) in [
        ("2s", 2_000_000),
        ("350ms", 350_000),
        ("1.5m", 90_000_000),
        ("2min", 120_000_000),
        ("1h", 3_600_000_000),
        ("15µs", 15),
        ("15μs", 15),
        ("15us", 15),
        ("0", 0),
        ("0.001ms", 1),
    ] {
        assert_eq!(test(&format!("latency:{written}"))?, duration(us), "{written}");
        assert_eq!(test(&format!("ttft:{written}"))?, duration(us), "{written}");
    }
    assert_eq!(error("latency:>2")?.message, "expected a unit after `2`: 2s, 2ms or 2m");
    assert_eq!(error("latency:>0.5us")?.message, "`0.5us` is finer than a microsecond");
    assert_eq!(error("latency:>-1s")?.position, 9);
    assert_eq!(error("latency:>99999999999999h")?.message, "`99999999999999h` is too big");
    assert_eq!(filter("latency:90000ms")?.to_string(), "latency:90s");
    assert_eq!(filter("latency:1500us..1500ms")?.to_string(), "latency:1.5ms..1.5s");
    Ok(())
}

#[test]
fn money_is_exact_to_the_nano_dollar() -> Checked {
    let money = |nano| is(Value::Money(NanoUsd(nano)));
    for (written, nano) in [
        ("$0.01", 10_000_000),
        ("0.01", 10_000_000),
        ("$.5", 500_000_000),
        ("$6.1e-6", 6_100),
        ("0", 0),
        ("$1000", 1_000_000_000_000),
        ("0.000000001", 1),
    ] {
        assert_eq!(test(&format!("cost:{written}"))?, money(nano), "{written}");
    }
    assert_eq!(
        error("cost:$0.0000000001")?.message,
        "`$0.0000000001` is finer than a billionth of a dollar"
    );
    assert_eq!(filter("cost:>.0100")?.to_string(), "cost:>$0.01");
    assert_eq!(
        error("cost:>$1,000")?.message,
        "expected one value here; quote it if the comma is part of it"
    );
    Ok(())
}

#[test]
fn counts_take_thousands_and_millions() -> Checked {
    for (written, count) in [
        ("4k", 4_000),
        ("4.5K", 4_500),
        ("2m", 2_000_000),
        ("0", 0),
        ("18446744073709551615", u64::MAX),
    ] {
        assert_eq!(test(&format!("tokens:{written}"))?, is(Value::Count(count)), "{written}");
    }
    assert_eq!(error("tokens:>1.5")?.message, "expected a whole number, not `1.5`");
    assert_eq!(error("tokens:>18446744073709551616")?.message, "`18446744073709551616` is too big");
    assert_eq!(
        error("input_tokens:>many")?.message,
        "`input_tokens` must be a whole number like 3 or 4k, not `many`"
    );
    Ok(())
}

#[test]
fn numbers_keep_integers_exact() -> Checked {
    let number = |text: &str| Number::parse(text).ok_or_else(|| Unlike::Nothing(text.to_owned()));
    assert_eq!(test("temperature:0.7")?, is(Value::Number(Number::Double(0.7))));
    assert_eq!(test("temperature:-1")?, is(Value::Number(Number::Signed(-1))));
    assert_eq!(number("1.0")?, Number::Signed(1));
    assert_eq!(number("1e3")?, Number::Signed(1_000));
    assert_eq!(number("9223372036854775808")?, Number::Unsigned(9_223_372_036_854_775_808));
    assert_eq!(number("1e19")?, Number::Unsigned(10_000_000_000_000_000_000));
    assert_eq!(number("-0.0")?, Number::Signed(0));
    assert!(number("9007199254740993")? > number("9007199254740992")?);
    for text in ["", "01", ".5", "5.", "+1", "1e", "0x1", "NaN", "inf", "1e999", "1_000", "--1"] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
    Ok(())
}

#[test]
fn json_values_match_what_their_spelling_says() -> Checked {
    let literal = |text: &str| match test(text)? {
        Test::AnyOf(values) => match values.as_slice() {
            [Value::Json(literal)] => Ok(literal.clone()),
            other => Err(unlike(&other)),
        },
        other => Err(unlike(&other)),
    };
    let five = literal("metadata.plan:5")?;
    assert_eq!((five.text(), five.number()), ("5", Some(Number::Signed(5))));
    assert_eq!(literal("metadata.plan:0.95")?.number(), Some(Number::Double(0.95)));
    assert_eq!(literal("metadata.plan:true")?.scalar(), Some(JsonScalar::Bool(true)));
    assert_eq!(literal("metadata.plan:null")?.scalar(), Some(JsonScalar::Null));
    assert_eq!(literal("metadata.plan:\"5\"")?.scalar(), None);
    assert_eq!(literal("metadata.plan:007")?.scalar(), None);
    assert_eq!(literal("metadata.plan:1.0")?.text(), "1.0");
    assert_eq!(literal("metadata.plan:a..b")?.text(), "a..b");
    assert_eq!(literal("metadata.url:https://x.y:8/z")?.text(), "https://x.y:8/z");
    Ok(())
}

#[test]
fn json_is_ordered_as_numbers_or_as_texts() -> Checked {
    assert_eq!(test("output.score:>0.5")?, Test::Compare(Comparison::Greater, bare("0.5")));
    assert_eq!(test("output.score:-1..1")?, Test::Between(bare("-1"), bare("1")));
    assert_eq!(
        test("output.day:<2026-10-01")?,
        Test::Compare(Comparison::Less, string("2026-10-01"))
    );
    assert_eq!(
        test("output.day:2026-10-01..2026-10-05")?,
        Test::Between(string("2026-10-01"), string("2026-10-05"))
    );
    assert_eq!(test("output.name:\"a\"..\"f\"")?, Test::Between(string("a"), string("f")));
    assert_eq!(test("output.name:>=\"b\"")?, Test::Compare(Comparison::AtLeast, string("b")));
    assert_eq!(
        error("output.score:>high")?.message,
        "expected a number, a day, or a text in quotes"
    );
    assert_eq!(error("output.score:>true")?.position, 14);
    assert_eq!(error("output.score:1..x")?.position, 16);
    assert_eq!(error("output.score:1..\"x\"")?.message, "expected a number, as before the dots");
    assert_eq!(
        error("output.score:2..1")?.message,
        "the range of `output.score` ends before it begins; swap its bounds"
    );
    Ok(())
}

#[test]
fn paths_hold_any_key() -> Checked {
    let path = |text: &str| match filter(text)?.field() {
        Field::Input(path) | Field::Output(path) => Ok(path.clone()),
        other => Err(unlike(other)),
    };
    let key = |text: &str| Segment::Key(text.to_owned());
    assert_eq!(path("input.a-b.ça:1")?.segments(), [key("a-b"), key("ça")]);
    assert_eq!(path("input.items[].sku:1")?.segments(), [key("items"), Segment::Any, key("sku")]);
    assert_eq!(path("output.[].x:1")?.segments(), [Segment::Any, key("x")]);
    assert_eq!(path("output[].x:1")?.segments(), [Segment::Any, key("x")]);
    assert_eq!(path("output.a.length:>2")?.segments(), [key("a"), key("length")]);
    assert_eq!(path(r#"input."a.b: \"c\" d".e:1"#)?.segments(), [key("a.b: \"c\" d"), key("e")]);
    assert_eq!(path("input.it's:1")?.segments(), [key("it's")]);
    assert_eq!(path("input.\"\":1")?.segments(), [key("")]);
    assert!(path("output:~sorry")?.is_whole());
    assert_eq!(filter("output:~sorry")?.to_string(), "output:~sorry");
    assert_eq!(filter("output[].x:1")?.to_string(), "output.[].x:1");
    Ok(())
}

#[test]
fn a_metadata_key_is_one_name() -> Checked {
    let key = |text: &str| match filter(text)?.field() {
        Field::Metadata(key) => Ok(key.clone()),
        other => Err(unlike(other)),
    };
    assert_eq!(key("metadata.user.id:1")?, "user.id");
    assert_eq!(key("metadata.a[0]%_'\\,:1")?, "a[0]%_'\\,");
    assert_eq!(key("metadata.\"user id\":1")?, "user id");
    assert_eq!(key("metadata.\"a:b\":1")?, "a:b");
    assert_eq!(filter("metadata.\"plain\":\"x\"")?.to_string(), "metadata.plain:x");
    // Of a path with keys in quotes too: a dot is a dot.
    assert_eq!(key("metadata.tenant.\"a b\".id:1")?, "tenant.a b.id");
    assert_eq!(key("metadata.\"a b\"[].\"c.d\":1")?, "a b[].c.d");
    assert_eq!(key("metadata.tags.length:1")?, "tags.length");
    Ok(())
}

/// 2026-10-02T00:00:00Z.
const NOW: Timestamp = Timestamp(1_790_899_200_000_000);
const DAY: i64 = 86_400_000_000;

fn bound(text: &str) -> Result<TimeBound, Unlike> {
    TimeBound::parse(text).ok_or_else(|| Unlike::Nothing(text.to_owned()))
}

#[test]
fn times_are_days_moments_or_ago() -> Checked {
    let at = |text: &str| Ok::<_, Unlike>(bound(text)?.start(NOW).to_string());
    for (written, utc) in [
        ("2026-10-01", "2026-10-01T00:00:00.000000Z"),
        ("2026-10-01T10:30", "2026-10-01T10:30:00.000000Z"),
        ("2026-10-01T10:30:05", "2026-10-01T10:30:05.000000Z"),
        ("2026-10-01T10:30:05.25Z", "2026-10-01T10:30:05.250000Z"),
        ("2026-10-01 10:30:05.123456789z", "2026-10-01T10:30:05.123456Z"),
        ("2026-10-01T00:30+02:00", "2026-09-30T22:30:00.000000Z"),
        ("2026-10-01T23:30:00-0330", "2026-10-02T03:00:00.000000Z"),
        ("24h", "2026-10-01T00:00:00.000000Z"),
        ("30m", "2026-10-01T23:30:00.000000Z"),
        ("7d", "2026-09-25T00:00:00.000000Z"),
        ("2w", "2026-09-18T00:00:00.000000Z"),
        ("90s", "2026-10-01T23:58:30.000000Z"),
    ] {
        assert_eq!(at(written)?, utc, "{written}");
    }
    for text in [
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "26-10-01",
        "2026-10-01T25:00",
        "2026-10-01T10",
        "1969-12-31",
        "2026-10-01T10:30:60",
        "2026-10-01T10:30.5",
        "2026-10-01T10:30+24:00",
        "h",
        "-1h",
        "1.5h",
        "24",
        "today",
        "é026-10-01",
    ] {
        assert_eq!(TimeBound::parse(text), None, "{text}");
    }
    Ok(())
}

#[test]
fn a_day_is_whole_and_a_time_with_a_clock_is_a_moment() -> Checked {
    let day = bound("2026-10-01")?;
    assert_eq!((day.start(NOW).0, day.end(NOW).0, day.until(NOW)), (NOW.0 - DAY, NOW.0, Some(NOW)));
    let minute = bound("2026-10-02T00:00")?;
    assert_eq!((minute.start(NOW), minute.end(NOW).0), (NOW, NOW.0 + 1));
    assert_eq!(minute.until(NOW), Some(Timestamp(NOW.0 + 60_000_000)));
    assert_eq!(bound("2026-10-02T00:00:00Z")?.until(NOW), Some(Timestamp(NOW.0 + 1_000_000)));
    assert_eq!(bound("24h")?.until(NOW), None);
    assert_eq!(bound("4294967295w")?.start(NOW), Timestamp(0));
    Ok(())
}

#[test]
fn times_in_searches() -> Checked {
    assert_eq!(
        test("time:24h")?,
        is(Value::Time(TimeBound::Ago { amount: 24, unit: AgoUnit::Hours }))
    );
    assert_eq!(
        test("time:2026-10-01..2026-10-05")?,
        Test::Between(Value::Time(bound("2026-10-01")?), Value::Time(bound("2026-10-05")?))
    );
    assert_eq!(
        test("time:7d..1d")?,
        Test::Between(Value::Time(bound("7d")?), Value::Time(bound("1d")?))
    );
    assert_eq!(
        test("time:>2026-10-01T10:30")?,
        Test::Compare(Comparison::Greater, Value::Time(bound("2026-10-01T10:30Z")?))
    );
    assert_eq!(filter("time:>2026-10-01T10:30+02:00")?.to_string(), "time:>2026-10-01T08:30Z");
    assert_eq!(filter("time:24h")?.to_string(), "time:24h");
    assert_eq!(filter("time:\"2026-10-01 10:30\"")?.to_string(), "time:2026-10-01T10:30Z");
    assert!(error("time:yesterday")?.message.starts_with("`time` must be a day like 2026-10-01"));
    assert!(error("time:2026-10-05..2026-10-01")?.message.contains("ends before it begins"));
    Ok(())
}

#[test]
fn values_in_json_may_begin_with_a_sign_of_equality() -> Checked {
    for (text, value) in
        [("input.cell:=SUM", "=SUM"), ("output.cell:==x", "==x"), ("metadata.cell:=", "=")]
    {
        assert_eq!(
            test(text)?,
            Test::AnyOf(vec![Value::Json(JsonLiteral::string(value))]),
            "{text}"
        );
    }
    Ok(())
}
