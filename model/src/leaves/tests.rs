use proptest::prelude::*;

use super::*;
use crate::search::{InvalidPath, Path};

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Path(#[from] InvalidPath),
    #[error("there is no such value")]
    NoValue,
}

type Checked = Result<(), Unusable>;

fn json(text: &str) -> Result<Json, Unusable> {
    Ok(Json::from_text(text)?)
}

/// Each value as `path=value`, objects and arrays as `path=+`.
fn shown(text: &str) -> Result<Vec<String>, Unusable> {
    let leaves = leaves(&json(text)?, LeafLimits::default());
    assert!(!leaves.truncated);
    let entries = leaves.entries.into_iter();
    Ok(entries.map(|leaf| format!("{}={}", leaf.path, value(&leaf.value))).collect())
}

fn value(value: &LeafValue) -> String {
    match value {
        LeafValue::String(text) => format!("'{text}'"),
        LeafValue::LongString { prefix, hash } => format!("'{prefix}…{hash:x}"),
        LeafValue::Number(number) => number.to_string(),
        LeafValue::Bool(value) => value.to_string(),
        LeafValue::Null => "null".to_owned(),
        LeafValue::Other => "+".to_owned(),
    }
}

#[test]
fn values_stand_at_the_paths_that_searches_write() -> Checked {
    let text =
        r#" {"a":{"b":1,"c d":"x"},"items":[{"sku":"A"},{"sku":null}] ,"ok":true,"e":{},"f":[ ]} "#;
    assert_eq!(
        shown(text)?,
        [
            "=+",
            "a=+",
            "a.b=1",
            "a.\"c d\"='x'",
            "items=+",
            "items[]=+",
            "items[].sku='A'",
            "items[]=+",
            "items[].sku=null",
            "items.length=2",
            "ok=true",
            "e=+",
            "f=+",
            "f.length=0",
        ]
    );
    Ok(())
}

#[test]
fn scalars_and_arrays_may_be_the_whole() -> Checked {
    assert_eq!(shown(r#""hi""#)?, ["='hi'"]);
    assert_eq!(
        shown("[1,[2,[]]]")?,
        ["=+", "[]=1", "[]=+", "[][]=2", "[][]=+", "[][].length=0", "[].length=2", "length=2"]
    );
    Ok(())
}

#[test]
fn a_key_called_length_is_kept() -> Checked {
    assert_eq!(
        shown(r#"{"length":7,"x":{"length":"y"}}"#)?,
        ["=+", "length=7", "x=+", "x.length='y'"]
    );
    Ok(())
}

#[test]
fn odd_keys_are_quoted_and_paths_read_back() -> Checked {
    for key in
        ["a.b", "a[]", "a b", "a:b", "q\"q", "back\\slash", "", "(x)", "it's", "naïve", "-", "退款"]
    {
        let text = serde_json::json!({ "top": [{ key: 1 }] }).to_string();
        let found = leaves(&json(&text)?, LeafLimits::default()).entries;
        let path = &found
            .iter()
            .find(|leaf| leaf.value == LeafValue::Number(Number::Signed(1)))
            .ok_or(Unusable::NoValue)?
            .path;
        let read: Path = path.parse()?;
        assert_eq!(&read.to_string(), path);
        let expected = [
            crate::search::Segment::Key("top".to_owned()),
            crate::search::Segment::Any,
            crate::search::Segment::Key(key.to_owned()),
        ];
        assert_eq!(read.segments(), expected);
    }
    Ok(())
}

#[test]
fn numbers_keep_every_integer_of_64_bits() -> Checked {
    let text = "[9007199254740993,18446744073709551615,-9223372036854775808,0.95,1.0,-0.0,1e400]";
    assert_eq!(
        shown(text)?[1..8],
        [
            "[]=9007199254740993",
            "[]=18446744073709551615",
            "[]=-9223372036854775808",
            "[]=0.95",
            "[]=1",
            "[]=0",
            "[]=+",
        ]
    );
    Ok(())
}

#[test]
fn strings_are_decoded_and_duplicates_all_found() -> Checked {
    let text = r#"{"\u0061":"Zo\u00e9 \"x\" \\","a":"\ud83d\ude00\ud83d","a":2}"#;
    assert_eq!(shown(text)?, ["=+", "a='Zoé \"x\" \\'", "a='😀\u{fffd}'", "a=2"]);
    Ok(())
}

#[test]
fn limits_are_kept_and_told() -> Checked {
    let limits =
        LeafLimits { max_entries: 3, max_depth: 2, max_path_bytes: 4, max_string_bytes: 3 };
    let cut = |text: &str| {
        let leaves = leaves(&json(text)?, limits);
        let entries: Vec<_> = leaves
            .entries
            .iter()
            .map(|leaf| format!("{}={}", leaf.path, value(&leaf.value)))
            .collect();
        Ok::<_, Unusable>((entries, leaves.truncated))
    };
    assert_eq!(cut(r#"{"a":1,"b":2}"#)?, (vec!["=+".into(), "a=1".into(), "b=2".into()], false));
    assert!(cut(r#"{"a":1,"b":2,"c":3}"#)?.1);
    assert_eq!(
        cut(r#"{"a":{"b":{"c":1}}}"#)?,
        (vec!["=+".into(), "a=+".into(), "a.b=+".into()], true)
    );
    assert_eq!(cut(r#"{"abcde":1,"b":2}"#)?, (vec!["=+".into(), "b=2".into()], true));
    assert_eq!(cut(r#"{"abcde":{"x":1},"b":2}"#)?, (vec!["=+".into(), "b=2".into()], true));
    let hash = blake3_128(blake3::Hasher::new().update("zoé!".as_bytes()));
    assert_eq!(cut(r#""zoé!""#)?.0, [format!("='zo…{hash:x}")]);
    let hex = blake3::hash("zoé!".as_bytes()).to_hex();
    assert_eq!(hex[..32], format!("{hash:032x}"));
    Ok(())
}

#[test]
fn a_million_levels_are_no_trouble() -> Checked {
    let depth = 1_000_000;
    let text = format!("{}\"deep\"{}", "[".repeat(depth), "]".repeat(depth));
    let json = Json::from_text(&text)?;
    let found = leaves(&json, LeafLimits::default());
    assert_eq!(found.entries.len(), 65 + 64);
    assert!(found.truncated);
    assert_eq!(value_text(&json, 100), "deep");
    Ok(())
}

#[test]
fn long_keys_do_not_multiply() -> Checked {
    let key = "k".repeat(100_000);
    let members: Vec<_> = (0..1_000).map(|i| format!("\"m{i}\":{i}")).collect();
    let text = format!("{{\"{key}\":{{{}}},\"x\":1}}", members.join(","));
    let found = leaves(&json(&text)?, LeafLimits::default());
    assert_eq!(found.entries.len(), 2);
    assert!(found.truncated);
    Ok(())
}

#[test]
fn the_text_of_values_is_folded_a_line_each() -> Checked {
    let text = r#"{"Key":"Late Refund","n":[12.50,true,null,"Zo\u00e9\nBÉ"," "],"o":{"p":"退款"}}"#;
    assert_eq!(value_text(&json(text)?, 1_000), "late refund\n12.50\nzoe be\n退 款");
    assert_eq!(value_text(&json(text)?, 14), "late refund\n12");
    assert_eq!(value_text(&json(text)?, 12), "late refund");
    assert_eq!(value_text(&json(text)?, 0), "");
    Ok(())
}

/// Any JSON value.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "\\PC{0,5}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 30, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::btree_map("[a-c.\\[\\]\" é]{0,3}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The same by recursion over the tree.
fn expected(path: &[crate::search::Segment], value: &serde_json::Value, out: &mut Vec<Leaf>) {
    use crate::search::Segment;
    let at = |path: &[Segment]| Path::new(path.to_vec()).to_string();
    let with = |segment: Segment| [path, &[segment]].concat();
    let own = match value {
        serde_json::Value::Null => LeafValue::Null,
        serde_json::Value::Bool(value) => LeafValue::Bool(*value),
        serde_json::Value::Number(number) => {
            Number::parse(&number.to_string()).map_or(LeafValue::Other, LeafValue::Number)
        }
        serde_json::Value::String(text) => LeafValue::String(text.clone()),
        _ => LeafValue::Other,
    };
    out.push(Leaf { path: at(path), value: own });
    match value {
        serde_json::Value::Array(items) => {
            for item in items {
                expected(&with(Segment::Any), item, out);
            }
            let length = Number::from_u64(items.len() as u64);
            let path = at(&with(Segment::Key("length".to_owned())));
            out.push(Leaf { path, value: LeafValue::Number(length) });
        }
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                expected(&with(Segment::Key(key.clone())), member, out);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn agrees_with_a_walk_over_the_tree(tree in tree(), pretty in any::<bool>()) {
        let text = if pretty { format!("{tree:#}") } else { tree.to_string() };
        let mut wanted = Vec::new();
        expected(&[], &tree, &mut wanted);
        let json = json(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(leaves(&json, LeafLimits::default()).entries, wanted);
    }

    #[test]
    fn text_stays_within_its_limit(tree in tree(), max in 0..40_usize) {
        let json = Json::from(&tree);
        let whole = value_text(&json, usize::MAX);
        let cut = value_text(&json, max);
        prop_assert!(cut.len() <= max);
        prop_assert!(whole.starts_with(cut.trim_end()));
    }
}
