//! Where and why a text is no search.

use super::super::*;
use super::{Checked, Unlike, error, refused};

/// The text with the wrong characters in `⟦⟧`, and the message.
fn shown(text: &str) -> Result<String, Unlike> {
    let error = error(text)?;
    let range = error.byte_range(text);
    let (before, wrong, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    Ok(format!("{before}⟦{wrong}⟧{after}\n    {}\n", error.message))
}

#[test]
fn errors_say_where_and_what_was_expected() -> Checked {
    let texts = [
        "latency:>banana",
        "é nosuchfield:1",
        "modle:x",
        "lat:2s",
        "price:1",
        "metadata:x",
        "user.name:x",
        "Error: x",
        "status:",
        "status:failed",
        "model:a,",
        "model: gpt",
        "status:>success",
        "error:>1",
        "\"late refund",
        "model:\"a",
        "metadata.\"a:1",
        "a (b OR c",
        "(",
        "a) b",
        "(a)) b",
        "()",
        "a OR",
        "OR a",
        "a OR OR b",
        "AND a",
        "a AND",
        "a AND OR b",
        "NOT",
        "a NOT OR b",
        "status=failure",
        "status=banana",
        "error<5",
        "input>output",
        "!status:banana",
        "a && b",
        "(a)||(b)",
        "!(a)",
        "latency:>2000",
        "latency:>2 s",
        "model:=>x",
        "model:=gpt",
        "\"\"",
        "model:\"a\"b",
        "model:a\"b\"",
        "model:f(x)",
        "schema:>1,2",
        "schema:1..",
        "schema:1,2..3",
        "output.a:1,2..3",
        "output.a:!=2..3",
        "error:~\" \"",
        "input.a.:1",
        "input..a:1",
        "input.a[0]:1",
        "input.a[]b:1",
        "input.:1",
        "input.\"a\"b:1",
        "metadata.:1",
        "metadata.a\"b\":1",
        "metadata.\"a\"b:1",
        "input.\"a b\"",
    ];
    let all: String = texts.into_iter().map(shown).collect::<Result<_, _>>()?;
    insta::assert_snapshot!(all, @r##"
    latency:>⟦banana⟧
        `latency` must be a duration with its unit, like 2s, 350ms or 1.5m, not `banana`
    é ⟦nosuchfield⟧:1
        unknown field `nosuchfield`; did you mean `metadata.nosuchfield`? to search for text, quote it
    ⟦modle⟧:x
        unknown field `modle`; did you mean `model`? to search for text, quote it
    ⟦lat⟧:2s
        unknown field `lat`; did you mean `latency`? to search for text, quote it
    ⟦price⟧:1
        unknown field `price`; did you mean `cost`? to search for text, quote it
    ⟦metadata⟧:x
        unknown field `metadata`; did you mean `metadata.KEY`? to search for text, quote it
    ⟦user.name⟧:x
        unknown field `user.name`; did you mean `metadata.user.name`? to search for text, quote it
    ⟦Error⟧: x
        unknown field `Error`; did you mean `error`? to search for text, quote it
    status:⟦⟧
        expected success or failure
    status:⟦failed⟧
        `status` must be success or failure, not `failed`
    model:a,⟦⟧
        expected a text
    model:⟦⟧ gpt
        expected a text here, without a space before it
    status:⟦>⟧success
        `status` takes no `>`; write status:value, status:!=value or status:*
    error:⟦>⟧1
        `error` takes no `>`; write error:value, error:!=value, error:~value or error:*
    ⟦"⟧late refund
        expected a closing quote for this one
    model:⟦"⟧a
        expected a closing quote for this one
    metadata.⟦"⟧a:1
        expected a closing quote for this one
    a ⟦(⟧b OR c
        expected a closing parenthesis for this one
    ⟦(⟧
        expected a closing parenthesis for this one
    a⟦)⟧ b
        no parenthesis is open here; remove this one, or quote it
    (a)⟦)⟧ b
        no parenthesis is open here; remove this one, or quote it
    (⟦)⟧
        expected a word, a phrase or a filter before `)`
    a OR⟦⟧
        expected a word, a phrase or a filter before the end
    ⟦OR⟧ a
        expected a word, a phrase or a filter before `OR`; quote it to search for the word
    a OR ⟦OR⟧ b
        expected a word, a phrase or a filter before `OR`; quote it to search for the word
    ⟦AND⟧ a
        expected a word, a phrase or a filter before `AND`; quote it to search for the word
    a AND⟦⟧
        expected a word, a phrase or a filter before the end
    a AND ⟦OR⟧ b
        expected a word, a phrase or a filter before `OR`; quote it to search for the word
    NOT⟦⟧
        expected a word, a phrase or a filter before the end
    a NOT ⟦OR⟧ b
        expected a word, a phrase or a filter before `OR`; quote it to search for the word
    ⟦status=failure⟧
        a filter is written `status:failure`; put quotes around `status=failure` to search for that text
    ⟦status=banana⟧
        `status` must be success or failure, not `banana`; put quotes around `status=banana` to search for that text
    ⟦error<5⟧
        `error` takes no `<`; write error:value, error:!=value, error:~value or error:*; put quotes around `error<5` to search for that text
    ⟦input>output⟧
        expected a number, a day, or a text in quotes; put quotes around `input>output` to search for that text
    ⟦!status:banana⟧
        `status` must be success or failure, not `banana`; put quotes around `!status:banana` to search for that text
    a ⟦&&⟧ b
        `&&` is written `AND`; quote it to search for it
    (a)⟦||⟧(b)
        `||` is written `OR`; quote it to search for it
    ⟦!⟧(a)
        `!` is written `-`; put it in quotes to search for it
    latency:>⟦2000⟧
        expected a unit after `2000`: 2000s, 2000ms or 2000m
    latency:>⟦2 s⟧
        expected no space before the unit: 2s
    model:⟦=>⟧x
        `model` takes no `>=`; write model:value, model:!=value, model:~value or model:*
    model:⟦=⟧gpt
        no value begins with `=`; write `model:value`, or quote the value
    ⟦""⟧
        expected a text between the quotes
    model:"a"⟦b⟧
        expected a space or a comma after the closing quote
    model:a⟦"⟧b"
        expected a space here; quote values that hold quotes or parentheses
    model:f⟦(⟧x)
        expected a space here; quote values that hold quotes or parentheses
    schema:>1⟦,⟧2
        expected one value here; quote it if the comma is part of it
    schema:1..⟦⟧
        expected a whole number like 3 or 4k
    schema:1,⟦2..3⟧
        expected a single value; a range stands alone, right after the colon
    output.a:1,⟦2..3⟧
        expected a single value; a range stands alone, right after the colon
    output.a:!=⟦2..3⟧
        expected a single value; a range stands alone, right after the colon
    error:~⟦" "⟧
        expected a text to look for
    input.a.⟦⟧:1
        expected a key after the dot
    input.⟦.a⟧:1
        expected a key before the dot
    input.a⟦[0]⟧:1
        expected [] for any element; a single position cannot be searched
    input.a[]⟦b⟧:1
        expected a dot, [] or : here
    input.⟦⟧:1
        expected a key after `input.`
    input."a"⟦b⟧:1
        expected a dot, [] or : here
    metadata.⟦⟧:1
        expected a key after `metadata.`
    metadata.a⟦"b"⟧:1
        expected a dot, [] or : here
    metadata."a"⟦b⟧:1
        expected a dot, [] or : here
    input."a b"⟦⟧
        expected `:` and a value after `input."a b"`
    "##);
    Ok(())
}

#[test]
fn what_is_meant_is_suggested() -> Checked {
    for (text, suggestion) in [
        ("status=failure", "status:failure"),
        ("status==failure", "status:failure"),
        ("status = failure", "status:failure"),
        ("Status=failure", "status:failure"),
        ("latency>2s", "latency:>2s"),
        ("latency >2s", "latency:>2s"),
        ("latency > 2s", "latency:>2s"),
        ("latency>= 2s", "latency:>=2s"),
        ("cost≥$0.5", "cost:>=$0.5"),
        ("status!=failure", "status:!=failure"),
        ("status <> failure", "status:!=failure"),
        ("model=~gpt", "model:~gpt"),
        ("model = \"gpt 4\"", "model:\"gpt 4\""),
        ("metadata.tenant.id=t-3", "metadata.tenant.id:t-3"),
        ("metadata.\"user id\" = 5", "metadata.\"user id\":5"),
        ("output.items[].n>90", "output.items[].n:>90"),
        ("a -status=failure b", "a -status:failure b"),
        ("NOT (status=failure OR latency>2s) tide", "NOT (status:failure OR latency:>2s) tide"),
        ("!status:failure", "-status:failure"),
        ("status:!failure", "status:!=failure"),
        ("status:=failure", "status:failure"),
        ("latency:=>2s", "latency:>=2s"),
        ("model:=~gpt", "model:~gpt"),
        ("status: failure", "status:failure"),
        ("latency: >2s", "latency:>2s"),
        ("status:failed", "status:failure"),
        ("status:f", "status:failure"),
        ("status:~succ", "status:success"),
        ("cost:0.01-0.05", "cost:0.01..0.05"),
        ("status : failure", "status:failure"),
        ("status :failure", "status:failure"),
        ("a status :failure b", "a status:failure b"),
        ("model : \"gpt 4\"", "model:\"gpt 4\""),
        ("latency : > 2s", "latency:>2s"),
        ("metadata.tenant.id : t-3", "metadata.tenant.id:t-3"),
        ("metadata.\"a b\" : 5", "metadata.\"a b\":5"),
        ("!status=failure", "-status:failure"),
        ("!status = failure", "-status:failure"),
        ("!status : failure", "-status:failure"),
        ("! status:failure", "-status:failure"),
        ("!status: failure", "-status:failure"),
        ("!latency > 2000", "-latency:>2000ms"),
        ("!(a OR b)", "-(a OR b)"),
        ("!\"late refund\"", "-\"late refund\""),
        ("latency > 2000", "latency:>2000ms"),
        ("latency > 2", "latency:>2s"),
        ("latency>2000", "latency:>2000ms"),
        ("latency:>2000", "latency:>2000ms"),
        ("latency > 2 s", "latency:>2s"),
        ("latency>2 s tide", "latency:>2s tide"),
        ("latency:>2 s", "latency:>2s"),
        ("latency:1..2 seconds b", "latency:1s..2s b"),
        ("latency = 350 MS", "latency:350ms"),
        ("ttft > 2sec", "ttft:>2s"),
        ("Latency > 2s", "latency:>2s"),
        ("latency => 2s", "latency:>=2s"),
        ("latency =< 2s", "latency:<=2s"),
        ("latency_ms:5", "latency:5ms"),
        ("latency_ms:>2000", "latency:>2000ms"),
        ("latency_ms>2000", "latency:>2000ms"),
        ("cost_usd > 0.5", "cost:>0.5"),
        ("conversation_id=c1", "conversation:c1"),
        ("status = failed", "status:failure"),
        ("a && b", "a AND b"),
        ("a || b", "a OR b"),
        ("a | b", "a OR b"),
        ("a &&b", "a AND b"),
        ("a|| b", "a OR b"),
        ("(a)&&(b) ", "(a)AND(b) "),
        ("status=failure && latency>2s", "status:failure AND latency:>2s"),
        ("input.a:=>5", "input.a:>=5"),
        ("input.a:=\"x\"", "input.a:\"x\""),
        ("latency:1s–2s", "latency:1s..2s"),
        ("modle:x", "model:x"),
        ("plan:pro", "metadata.plan:pro"),
        ("tide \"late refund", "tide \"late refund\""),
        ("tide (a OR b", "tide (a OR b)"),
        ("tide) b", "tide b"),
    ] {
        assert_eq!(error(text)?.suggestion.as_deref(), Some(suggestion), "{text}");
        SearchQuery::parse(suggestion)?;
    }
    for text in [
        "status=banana",
        "error<5",
        "input>output",
        "latency:>banana",
        "latency_ms:5,6",
        "status:failure||model:a",
        "a OR",
        "a &&",
        "|| a",
        "metadata:x",
        "NOT",
    ] {
        assert_eq!(error(text)?.suggestion, None, "{text}");
    }
    let all: String = ["tide latency > 2s", "latency > 2 s", "!latency>2"]
        .into_iter()
        .map(shown)
        .collect::<Result<_, _>>()?;
    insta::assert_snapshot!(all, @r##"
    tide ⟦latency > 2s⟧
        a filter is written `latency:>2s`; put quotes around `latency > 2s` to search for that text
    ⟦latency > 2 s⟧
        a filter is written `latency:>2s`; put quotes around `latency > 2 s` to search for that text
    ⟦!latency>2⟧
        a filter is written `-latency:>2s`; put quotes around `!latency>2` to search for that text
    "##);
    Ok(())
}

#[test]
fn what_only_looks_like_a_filter_stays_words() -> Checked {
    for text in [
        "a=b",
        "latency -> cost",
        "input => output",
        "error < 5",
        "time = money",
        "time : money",
        "latency => cost",
        "input=>output",
        "Error : timeout",
        "status : OR b",
        "status :",
        "a & b",
        "x&&y",
        "a||b",
        "! b",
        "\"a && b\"",
        "metadata.a:=b",
        "input.cell:=SUM",
        "input.cell:==x,=y",
        "input.cell:!==x",
        "latency >",
        "status",
        "!important",
        "a != b",
        "-latency",
        "(latency) >2s",
        "latency OR >2s",
        "model = OR b",
        "\"status=failure\"",
        "metadata.url:https://x?a=b",
        "metadata.a:!b",
        "model:\"=x\"",
    ] {
        SearchQuery::parse(text).map_err(|error| Unlike::Other(format!("{text}: {error}")))?;
    }
    Ok(())
}

#[test]
fn positions_count_characters_and_ranges_bytes() -> Checked {
    let text = "é👍 latency:>x";
    let error = error(text)?;
    assert_eq!((error.position, error.length), (12, 1));
    assert_eq!(error.byte_range(text), 16..17);
    assert!(error.to_string().ends_with("(at character 13)"), "{error}");
    let json = serde_json::to_value(&error)?;
    assert_eq!(json["position"], 12);
    assert_eq!(json.get("expected"), None);
    Ok(())
}

#[test]
fn limits_are_named() -> Checked {
    let words = |count: usize| vec!["a"; count].join(" ");
    assert!(SearchQuery::parse(&words(MAX_TERMS)).is_ok());
    let many = error(&words(500))?;
    assert_eq!(many.message, "a search has at most 100 words, phrases and filters");
    assert_eq!(many.position, 200);
    assert!(SearchQuery::parse(&"a".repeat(MAX_CHARS - 1)).is_ok());
    let long = error(&"é".repeat(MAX_CHARS + 1))?;
    assert_eq!(long.message, "a search has at most 10000 characters; this one has 10001");
    assert_eq!((long.position, long.length), (10_000, 1));
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(SearchQuery::parse(&nested(MAX_DEPTH)).is_ok());
    for text in [nested(MAX_DEPTH + 1), "(".repeat(9_000), "-(".repeat(4_000)] {
        assert_eq!(error(&text)?.message, "a search nests at most 32 parentheses deep");
    }
    assert_eq!(error("a\0b")?.position, 1);
    Ok(())
}

#[test]
fn trees_keep_to_the_same_limits() -> Checked {
    let many = Expr::And(vec![Expr::word("a"); MAX_TERMS + 1]);
    assert!(refused(SearchQuery::new(many))?.message.contains("at most 100"));
    let long = Expr::phrase("x".repeat(MAX_CHARS));
    assert!(refused(SearchQuery::new(long))?.message.contains("at most 10000 characters"));
    let nested = |levels: usize| {
        (0..levels).fold(Expr::word("a"), |inner, _| Expr::And(vec![Expr::word("b"), inner]))
    };
    let deepest = SearchQuery::new(nested(MAX_DEPTH + 1))?;
    assert_eq!(SearchQuery::parse(&deepest.to_string()), Ok(deepest));
    let deeper = refused(SearchQuery::new(nested(MAX_DEPTH + 2)))?;
    assert_eq!(deeper.message, "a search nests at most 32 parentheses deep");
    assert!(SearchQuery::new(Expr::word("a\0b")).is_err());
    let with_nul = Test::Contains(vec!["a\0".to_owned()]);
    assert!(matches!(Filter::new(Field::Model, with_nul), Err(InvalidFilter::Nul { .. })));
    Ok(())
}

#[test]
fn filters_that_fit_no_field_cannot_be_made() {
    let text = |text: &str| Value::Text(text.to_owned());
    for (field, test) in [
        (Field::Status, Test::AnyOf(vec![Value::Word("any")])),
        (Field::Status, Test::AnyOf(vec![text("success")])),
        (Field::Model, Test::AnyOf(vec![])),
        (Field::Model, Test::Contains(vec![" ".to_owned()])),
        (Field::Model, Test::Compare(Comparison::Less, text("a"))),
        (Field::Schema, Test::Between(Value::Count(2), Value::Count(1))),
        (
            Field::Metadata("a".to_owned()),
            Test::Compare(Comparison::Less, Value::Json(JsonLiteral::bare("true"))),
        ),
    ] {
        assert!(Filter::new(field.clone(), test.clone()).is_err(), "{field:?} {test:?}");
    }
}
