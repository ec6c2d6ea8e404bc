//! SQL put together from constant pieces, with every value bound.

use crate::turn::OrgQuery;

/// A value bound to a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    U64(u64),
    I64(i64),
    U128(u128),
    I128(i128),
    F64(f64),
    Text(String),
    Texts(Vec<String>),
    U64s(Vec<u64>),
    F64s(Vec<f64>),
    I64s(Vec<i64>),
    U128s(Vec<u128>),
}

impl Value {
    fn type_name(&self) -> &'static str {
        match self {
            Self::U64(_) => "UInt64",
            Self::I64(_) => "Int64",
            Self::U128(_) => "UInt128",
            Self::I128(_) => "Int128",
            Self::F64(_) => "Float64",
            Self::Text(_) => "String",
            Self::Texts(_) => "Array(String)",
            Self::U64s(_) => "Array(UInt64)",
            Self::F64s(_) => "Array(Float64)",
            Self::I64s(_) => "Array(Int64)",
            Self::U128s(_) => "Array(UInt128)",
        }
    }
}

/// The values of one query, in the order of their names `p0`, `p1`, …
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Params(Vec<Value>);

impl Params {
    /// Binds a value and gives the placeholder to write in the SQL.
    pub(crate) fn bind(&mut self, value: Value) -> String {
        let placeholder = format!("{{p{}:{}}}", self.0.len(), value.type_name());
        self.0.push(value);
        placeholder
    }

    /// The values, in order.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.0.iter()
    }

    /// The values whose placeholders stand in a text.
    pub(crate) fn named_in(&self, sql: &str) -> Vec<&Value> {
        let is_named = |i: usize| sql.contains(&format!("{{p{i}:"));
        self.0.iter().enumerate().filter(|(i, _)| is_named(*i)).map(|(_, value)| value).collect()
    }

    /// Gives the values to a query whose text holds the placeholders.
    pub(crate) fn apply(&self, mut query: OrgQuery) -> OrgQuery {
        for (i, value) in self.0.iter().enumerate() {
            let name = format!("p{i}");
            query = match value {
                Value::U64(value) => query.param(&name, value),
                Value::I64(value) => query.param(&name, value),
                Value::U128(value) => query.param(&name, value),
                Value::I128(value) => query.param(&name, value),
                Value::F64(value) => query.param(&name, value),
                Value::Text(value) => query.param(&name, value),
                Value::Texts(value) => query.param(&name, value),
                Value::U64s(value) => query.param(&name, value),
                Value::F64s(value) => query.param(&name, value),
                Value::I64s(value) => query.param(&name, value),
                Value::U128s(value) => query.param(&name, value),
            };
        }
        query
    }
}
