//! Words, phrases, negation, `OR` and parentheses.

use super::super::*;
use super::{Checked, Unlike, filter, parse, typed, word};

fn and(items: &[Expr]) -> Expr {
    Expr::And(items.to_vec())
}

fn or(items: &[Expr]) -> Expr {
    Expr::Or(items.to_vec())
}

fn status(value: &'static str) -> Result<Expr, Unlike> {
    Ok(Filter::new(Field::Status, Test::AnyOf(vec![Value::Word(value)]))?.into())
}

#[test]
fn the_last_word_is_a_prefix_until_a_space_follows_it() -> Checked {
    assert_eq!(parse("refund delay")?, and(&[word("refund"), typed("delay")]));
    assert_eq!(parse("refund delay ")?, and(&[word("refund"), word("delay")]));
    assert_eq!(parse(" refund\u{3000}")?, word("refund"));
    assert_eq!(parse("refund status:success")?, and(&[word("refund"), status("success")?]));
    assert_eq!(parse("status:success ref")?, and(&[status("success")?, typed("ref")]));
    assert_eq!(parse("(a OR ref)")?, or(&[word("a"), typed("ref")]));
    assert_eq!(parse("(a OR ref) ")?, or(&[word("a"), word("ref")]));
    assert_eq!(parse("a\"b\"")?, and(&[word("a"), Expr::phrase("b")]));
    Ok(())
}

#[test]
fn a_negated_word_is_never_a_prefix() -> Checked {
    assert_eq!(parse("-ref")?, word("ref").negated());
    assert_eq!(parse("a -(b ref)")?, and(&[word("a"), and(&[word("b"), word("ref")]).negated()]));
    assert_eq!(parse("-(-ref)")?, word("ref"));
    Ok(())
}

#[test]
fn a_space_at_the_end_is_printed_back() -> Checked {
    for text in
        ["refund", "refund ", "a OR b ", "(a OR b) c", "-a", "\"a b\"", "(a OR b) (c OR d) ", ""]
    {
        assert_eq!(SearchQuery::parse(text)?.to_string(), text);
    }
    assert_eq!(SearchQuery::parse("status:success  ")?.to_string(), "status:success");
    Ok(())
}

#[test]
fn side_by_side_binds_tighter_than_or() -> Checked {
    assert_eq!(parse("a b OR c ")?, or(&[and(&[word("a"), word("b")]), word("c")]));
    assert_eq!(parse("a (b OR c) ")?, and(&[word("a"), or(&[word("b"), word("c")])]));
    assert_eq!(parse("a OR b OR c ")?, or(&[word("a"), word("b"), word("c")]));
    assert_eq!(parse("((a)) ")?, word("a"));
    assert_eq!(parse("a or b ")?, and(&[word("a"), word("or"), word("b")]));
    assert_eq!(parse("a ORb ")?, and(&[word("a"), word("ORb")]));
    assert_eq!(parse("\"OR\"")?, Expr::phrase("OR"));
    assert_eq!(parse("(a)OR(b) ")?, or(&[word("a"), word("b")]));
    Ok(())
}

#[test]
fn anything_can_be_negated() -> Checked {
    assert_eq!(parse("-\"a b\"")?, Expr::phrase("a b").negated());
    assert_eq!(parse("-status:success")?, status("success")?.negated());
    assert_eq!(parse("-(a OR b)")?, or(&[word("a"), word("b")]).negated());
    Ok(())
}

#[test]
fn not_and_and_in_capitals_join_what_stands_around_them() -> Checked {
    let failed = status("failure")?;
    assert_eq!(parse("NOT status:failure")?, failed.clone().negated());
    assert_eq!(parse("a AND b ")?, and(&[word("a"), word("b")]));
    assert_eq!(
        parse("a AND NOT b OR c ")?,
        or(&[and(&[word("a"), word("b").negated()]), word("c")])
    );
    assert_eq!(parse("NOT (a AND b)")?, and(&[word("a"), word("b")]).negated());
    assert_eq!(parse("NOT NOT -a ")?, word("a").negated());
    assert_eq!(parse("(a)AND(NOT\"b\") ")?, and(&[word("a"), Expr::phrase("b").negated()]));
    assert_eq!(parse("NOT ref")?, word("ref").negated());
    assert_eq!(parse("not a and b ")?, and(&["not", "a", "and", "b"].map(word)));
    assert_eq!(parse("\"AND\" \"NOT\"")?, and(&[Expr::phrase("AND"), Expr::phrase("NOT")]));
    assert_eq!(parse("NOTE ANDY ")?, and(&[word("NOTE"), word("ANDY")]));
    let printed = SearchQuery::parse("status:failure AND NOT model:a")?.to_string();
    assert_eq!(printed, "status:failure -model:a");
    // A long row of negations takes no deeper stack than a short one.
    assert_eq!(parse(&format!("{}a ", "NOT ".repeat(2_001)))?, word("a").negated());
    Ok(())
}

#[test]
fn words_that_would_be_read_as_a_filter_are_phrases() -> Checked {
    let words = |words: &[&str]| {
        SearchQuery::new(and(&words.iter().map(|text| word(text)).collect::<Vec<_>>()))
    };
    assert_eq!(words(&["latency", ">2s"])?.to_string(), "\"latency\" >2s ");
    assert_eq!(words(&["latency", ">", "2s"])?.to_string(), "\"latency\" > 2s ");
    assert_eq!(words(&["a", "status=failure"])?.to_string(), "a \"status=failure\"");
    assert_eq!(words(&["error", "<", "5"])?.to_string(), "error < 5 ");
    assert_eq!(words(&["latency", ":", ">", "2", "s"])?.to_string(), "\"latency\" : > 2 s ");
    assert_eq!(words(&["status", ":failure"])?.to_string(), "\"status\" :failure ");
    assert_eq!(words(&["a", "&&", "b"])?.to_string(), "a \"&&\" b ");
    let failed = and(&[word("!"), status("failure")?]);
    assert_eq!(SearchQuery::new(failed)?.to_string(), "\"!\" status:failure");
    assert_eq!(SearchQuery::parse("latency AND >2s")?.to_string(), "\"latency\" >2s");
    Ok(())
}

#[test]
fn dashes_that_negate_nothing_are_words() -> Checked {
    assert_eq!(parse("a - b ")?, and(&[word("a"), word("-"), word("b")]));
    assert_eq!(parse("--verbose ")?, word("--verbose"));
    assert_eq!(parse("a -> b ")?, and(&[word("a"), word("->"), word("b")]));
    assert_eq!(parse("e-mail ")?, word("e-mail"));
    Ok(())
}

#[test]
fn only_fields_and_paths_make_filters() -> Checked {
    for text in [
        "https://a.b/c?d=e",
        "10:30",
        "std::string",
        "C:\\dir",
        "退款:是",
        "key=value",
        "a.b",
        "input.a",
        ":",
        "12:x",
    ] {
        assert_eq!(parse(&format!("{text} "))?, word(text), "{text}");
    }
    for text in
        ["time:24h", "input.a:1", "output.a:1", "metadata.a:1", "input:1", "metadata.\"a:b\":1"]
    {
        filter(text)?;
    }
    Ok(())
}

#[test]
fn quotes_carry_anything() -> Checked {
    assert_eq!(
        parse(r#""say \"hi\" \\ \n (x) OR -y: ""#)?,
        Expr::phrase(r#"say "hi" \ \n (x) OR -y: "#)
    );
    assert_eq!(
        filter(r#"metadata."user id":"a, b""#)?,
        Filter::new(
            Field::Metadata("user id".to_owned()),
            Test::AnyOf(vec![Value::Json(JsonLiteral::string("a, b"))])
        )?
    );
    Ok(())
}

#[test]
fn trees_are_brought_into_the_form_that_text_has() -> Checked {
    let query = |expr| SearchQuery::new(expr);
    assert_eq!(query(or(&[]))?.root(), None);
    assert_eq!(query(and(&[or(&[word("a")]), and(&[])]))?.root(), Some(&word("a")));
    assert_eq!(query(word("a b"))?.root(), Some(&Expr::phrase("a b")));
    assert_eq!(query(word("OR"))?.root(), Some(&Expr::phrase("OR")));
    assert_eq!(query(word("status:success"))?.root(), Some(&Expr::phrase("status:success")));
    assert_eq!(query(word("-a"))?.root(), Some(&Expr::phrase("-a")));
    let nested = Expr::Not(Box::new(Expr::Not(Box::new(typed("a")))));
    assert_eq!(query(nested)?.root(), Some(&word("a")));
    assert_eq!(query(and(&[typed("a"), typed("b")]))?.to_string(), "a b");
    Ok(())
}

#[test]
fn pieces_say_where_they_stand() -> Checked {
    let text = " status:success \"é x\"  (a OR b) -c";
    let (query, pieces) = SearchQuery::parse_with_pieces(text)?;
    let texts: Vec<_> = pieces.iter().map(|piece| &text[piece.range.clone()]).collect();
    assert_eq!(texts, ["status:success", "\"é x\"", "(a OR b)", "-c"]);
    let parts: Vec<_> = pieces.into_iter().map(|piece| piece.expr).collect();
    assert_eq!(query.conjuncts(), parts);
    let (_, pieces) = SearchQuery::parse_with_pieces("a b OR c")?;
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].range, 0..8);
    assert_eq!(SearchQuery::parse_with_pieces("  ")?, (SearchQuery::default(), vec![]));
    Ok(())
}

#[test]
fn filters_are_added_before_what_is_typed_and_taken_away() -> Checked {
    let plan = Filter::new(
        Field::Metadata("plan".to_owned()),
        Test::AnyOf(vec![Value::Json(JsonLiteral::string("3"))]),
    )?;
    let query = SearchQuery::parse("a OR b")?.with_filter(plan.clone())?;
    assert_eq!(query.to_string(), "metadata.plan:\"3\" (a OR b)");
    assert_eq!(query.with_filter(plan)?, query);
    assert_eq!(query.without(0).to_string(), "a OR b");
    assert_eq!(query.without(0).without(0), SearchQuery::default());
    assert_eq!(query.without(7), query);
    assert!(!query.is_empty());
    Ok(())
}

#[test]
fn a_search_is_its_text_in_json() -> Checked {
    let query = SearchQuery::parse("late status:success")?;
    let json = serde_json::to_string(&query)?;
    assert_eq!(json, "\"late status:success\"");
    assert_eq!(serde_json::from_str::<SearchQuery>(&json)?, query);
    assert!(serde_json::from_str::<SearchQuery>("\"(\"").is_err());
    Ok(())
}
