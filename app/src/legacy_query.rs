//! Searches in the addresses of WorkflowAI: three parallel lists of fields,
//! operators and values, turned into one search.

use leptos_router::params::ParamsMap;

/// The search that `field_name`, `operator` and `value` stand for; `None`
/// without them. What the old grammar could not say is said as it stands, so
/// that the search shows what is wrong with it.
#[must_use]
pub fn legacy_query(query: &ParamsMap) -> Option<String> {
    let fields = query.get("field_name").filter(|fields| !fields.is_empty())?;
    let (operators, values) = (query.get("operator")?, query.get("value")?);
    let tokens: Vec<String> = fields
        .split(',')
        .zip(operators.split(','))
        .zip(values.split(','))
        .map(|((field, operator), value)| token(field.trim(), operator.trim(), value.trim()))
        .collect();
    Some(tokens.join(" "))
}

fn token(field: &str, operator: &str, value: &str) -> String {
    let name = match field {
        "price" => "cost".to_owned(),
        _ => match field.split_once('.') {
            Some(("metadata", key)) if !is_plain(key) => format!("metadata.{}", quoted(key)),
            _ => field.to_owned(),
        },
    };
    let value_text = match (field, value) {
        ("source", "my app") => "sdk,api,proxy".to_owned(),
        ("source", "WorkflowAI") => "playground".to_owned(),
        ("latency", seconds) => format!("{seconds}s"),
        ("temperature", named) => temperature(named).to_owned(),
        (_, plain) if is_plain(plain) => plain.to_owned(),
        (_, other) => quoted(other),
    };
    match (operator, value) {
        ("is", "Empty") | ("is empty", _) => format!("-{name}:*"),
        ("is not", "Empty") | ("is not empty", _) => format!("{name}:*"),
        ("is not", _) => format!("-{name}:{value_text}"),
        ("contains", _) => format!("{name}:~{value_text}"),
        ("does not contain", _) => format!("-{name}:~{value_text}"),
        ("greater than" | "is after", _) => format!("{name}:>{value_text}"),
        ("greater than or equal to", _) => format!("{name}:>={value_text}"),
        ("less than" | "is before", _) => format!("{name}:<{value_text}"),
        ("less than or equal to", _) => format!("{name}:<={value_text}"),
        _ => format!("{name}:{value_text}"),
    }
}

/// The old lists named three temperatures.
fn temperature(named: &str) -> &str {
    match named.split([' ', '(']).next() {
        Some("Precise") => "0",
        Some("Balanced") => "0.5",
        Some("Creative") => "1",
        _ => named,
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && !text.starts_with('-')
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(field_name: &str, operator: &str, value: &str) -> Option<String> {
        let pairs = [("field_name", field_name), ("operator", operator), ("value", value)];
        legacy_query(&pairs.into_iter().map(|(key, value)| (key, value.to_owned())).collect())
    }

    #[test]
    fn rows_become_one_search() {
        assert_eq!(
            search("schema,version", "is,is", "1,3.1").as_deref(),
            Some("schema:1 version:3.1")
        );
        assert_eq!(
            search("price,latency", "greater than,less than or equal to", "0.01,2.5").as_deref(),
            Some("cost:>0.01 latency:<=2.5s")
        );
    }

    #[test]
    fn values_and_keys_are_quoted_where_they_must_be() {
        assert_eq!(
            search("metadata.user id", "contains", "say \"hi\"").as_deref(),
            Some(r#"metadata."user id":~"say \"hi\"""#)
        );
        assert_eq!(search("output.score", "is not", "Empty").as_deref(), Some("output.score:*"));
        assert_eq!(search("source", "is", "my app").as_deref(), Some("source:sdk,api,proxy"));
        assert_eq!(search("temperature", "is", "Precise (0)").as_deref(), Some("temperature:0"));
    }

    #[test]
    fn without_the_three_lists_there_is_no_search() {
        assert_eq!(legacy_query(&ParamsMap::new()), None);
    }
}
