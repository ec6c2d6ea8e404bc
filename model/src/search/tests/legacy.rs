//! What WorkflowAI's searches become, row by row of its fields and operators.

use serde_json::json as list;

use super::super::*;
use super::{Checked, Unlike, refused};

fn same(json: &str, text: &str) -> Checked {
    let queries: Vec<FieldQuery> = serde_json::from_str(json)?;
    let query = SearchQuery::from_field_queries(&queries)?;
    assert_eq!(query, SearchQuery::parse(text)?, "{json} is {query}");
    Ok(())
}

fn one(
    field: &str,
    operator: &str,
    values: serde_json::Value,
    value_type: &str,
    text: &str,
) -> Checked {
    let query = serde_json::json!([{
        "field_name": field, "operator": operator, "values": values, "type": value_type,
    }]);
    same(&query.to_string(), text)
}

#[test]
fn every_field_has_its_counterpart() -> Checked {
    one("schema", "greater than or equal to", list!([2]), "number", "schema:>=2")?;
    one("version", "is", list!(["3.1"]), "string", "version:3.1")?;
    one("version", "is", list!(["Production"]), "string", "environment:production")?;
    one("version", "is not", list!(["Dev"]), "string", "-environment:dev")?;
    one("price", "less than", list!([0.01]), "number", "cost:<0.01")?;
    one("latency", "greater than", list!([2.5]), "number", "latency:>2.5s")?;
    one("status", "is", list!(["failure"]), "string", "status:failure")?;
    one("temperature", "is", list!(["Precise (0)"]), "string", "temperature:0")?;
    one("temperature", "is not", list!(["0.3"]), "string", "-temperature:0.3")?;
    one("model", "does not contain", list!(["gpt 4"]), "string", r#"-model:~"gpt 4""#)?;
    one("source", "is", list!(["WorkflowAI"]), "string", "source:playground")?;
    one("source", "is", list!(["my app"]), "string", "-source:playground")?;
    one("source", "is not", list!(["my app"]), "string", "source:playground")?;
    one(
        "time",
        "is before",
        list!(["2026-10-01T10:00:00.5Z"]),
        "date",
        "time:<2026-10-01T10:00:00.5Z",
    )?;
    one("time", "is after", list!(["2026-10-01"]), "date", "time:>2026-10-01")?;
    one("review", "is", list!(["any"]), "string", "review:any")?;
    one("input.a[].b", "is", list!(["x"]), "string", "input.a[].b:x")?;
    one(
        "output.items.length",
        "greater than",
        list!([3]),
        "array_length",
        "output.items.length:>3",
    )?;
    one("output", "contains", list!(["late refund"]), "string", r#"output:~"late refund""#)?;
    one("metadata.user id", "is", list!(["7"]), "string", r#"metadata."user id":7"#)?;
    Ok(())
}

#[test]
fn types_decide_what_a_value_matches() -> Checked {
    one("output.zip", "is", list!(["007"]), "string", "output.zip:007")?;
    one("output.zip", "is", list!(["7"]), "string", r#"output.zip:"7""#)?;
    one("output.n", "is", list!([0.95]), "number", "output.n:0.95")?;
    one("output.n", "is", list!([12345678901_i64]), "integer", "output.n:12345678901")?;
    one("output.ok", "is", list!([false]), "boolean", "output.ok:false")?;
    one("output.ok", "is", list!(["false"]), "boolean", "output.ok:false")?;
    one("output.day", "is after", list!(["2026-01-01"]), "date", "output.day:>2026-01-01")?;
    one("output.n", "is between", list!([1, 5]), "number", "output.n:1..5")?;
    one("output.n", "is not between", list!([1, 5]), "number", "-output.n:1..5")?;
    one("model", "is", list!(["a", "b,c"]), "string", r#"model:a,"b,c""#)?;
    Ok(())
}

#[test]
fn empty_is_absent_and_never_zero() -> Checked {
    one("output.n", "is", list!(["Empty"]), "number", "-output.n:*")?;
    one("output.n", "is not", list!(["Empty"]), "number", "output.n:*")?;
    one("output.a", "is", list!(["Empty"]), "string", r#"-output.a:* OR output.a:"""#)?;
    one("output.a", "is not empty", list!([]), "string", r#"-(-output.a:* OR output.a:"")"#)?;
    one("model", "is empty", list!([]), "string", "-model:*")?;
    Ok(())
}

#[test]
fn links_join_their_lists_with_commas() -> Checked {
    let text = |names, operators, values| {
        SearchQuery::from_legacy(names, operators, values).map(|query| query.to_string())
    };
    assert_eq!(text("schema,version", "is,is", "1,3.1").as_deref(), Ok("schema:1 version:3.1"));
    assert_eq!(
        text("metadata.a, b", "contains", "x, \"y\"").as_deref(),
        Ok(r#"metadata."a, b":~"x, \"y\"""#)
    );
    assert_eq!(text("model", "is empty", "").as_deref(), Ok("-model:*"));
    let error = refused(text("model,status", "is,is", "a,b,success"))?;
    assert!(error.message.contains("there are 2 and 3"), "{error}");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named_and_never_dropped() -> Checked {
    let error = |names, operators, values| -> Result<LegacyError, Unlike> {
        refused(SearchQuery::from_legacy(names, operators, values))
    };
    assert_eq!(error("model,eval_hash", "is,is", "a,b")?.index, 1);
    assert_eq!(
        error("model", "resembles", "x")?.to_string(),
        "condition 1 of the old search: unknown operator `resembles`"
    );
    assert_eq!(error("model", "is", "")?.message, "`is` needs 1 values");
    assert_eq!(
        error("review", "is", "unsure")?.message,
        "`review` must be positive or negative or any, not `unsure`"
    );
    assert_eq!(error("no such", "is", "x")?.message, "unknown field `no such`");
    for name in ["x y:1 OR a", "status:failure", "-status", ""] {
        assert!(error(name, "is", "success")?.message.starts_with("unknown field"), "{name}");
    }
    Ok(())
}

#[test]
fn keys_and_values_are_never_read_as_grammar() -> Checked {
    let key = r#"x\'] = '' OR 1=1 -- "#;
    let value = r#"" OR status:success"#;
    let query = SearchQuery::from_field_queries(&[FieldQuery {
        field_name: format!("metadata.{key}"),
        operator: "is".to_owned(),
        values: vec![value.into()],
        value_type: None,
    }])?;
    let literal = Value::Json(JsonLiteral::string(value));
    let filter = Filter::new(Field::Metadata(key.to_owned()), Test::AnyOf(vec![literal]))?;
    assert_eq!(query.root(), Some(&Expr::from(filter)));
    Ok(())
}
