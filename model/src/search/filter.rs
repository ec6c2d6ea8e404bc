//! A filter: a field and what is asked of it.

use std::cmp::Ordering;
use std::fmt;

use super::field::{Field, Operator, ValueType};
use super::value::{JsonScalar, Value, quote_unless};
use super::when::{TimeBound, is_day};
use super::{MAX_LISTED, MAX_LISTED_TEXTS};

/// A field and what is asked of it. The operator is one that the field takes
/// and the values are of its type: [`Filter::new`] checks that.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    field: Field,
    test: Test,
}

/// What is asked of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The field has a value; for JSON one other than null.
    Present,
    /// The field has one of these values.
    AnyOf(Vec<Value>),
    /// The field has a value, and it is none of these.
    NoneOf(Vec<Value>),
    /// The field's value lies on one side of this one.
    Compare(Comparison, Value),
    /// The field's value lies between these, both included.
    Between(Value, Value),
    /// The field's text contains one of these, case and accents folded.
    Contains(Vec<String>),
}

/// On which side of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
}

/// Why a field and a test do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// The field does not take this operator.
    #[error("`{field}` takes no `{}`; write {}", operator.symbol(), listed(field, *value_type))]
    Operator {
        /// The field, as written.
        field: String,
        /// What was asked.
        operator: Operator,
        /// The field's type.
        value_type: ValueType,
    },
    /// A value is not of the field's type, or there is none.
    #[error("expected {} for `{field}`", value_type.example())]
    Value {
        /// The field, as written.
        field: String,
        /// The type that it has.
        value_type: ValueType,
    },
    /// A range ends before it begins.
    #[error("the range of `{field}` ends before it begins; swap its bounds")]
    Reversed {
        /// The field, as written.
        field: String,
    },
    /// A text or key holds a character that no search can.
    #[error("`{field}` holds a character of code 0; remove it")]
    Nul {
        /// The field, as written.
        field: String,
    },
}

/// The conditions that a field takes, as they are written.
fn listed(field: &str, value_type: ValueType) -> String {
    let shown: Vec<_> = value_type
        .operators()
        .iter()
        .map(|operator| match operator {
            Operator::Between => format!("{field}:low..high"),
            Operator::Present => format!("{field}:*"),
            other => format!("{field}:{}value", other.symbol()),
        })
        .collect();
    match shown.split_last() {
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

impl Filter {
    /// Asks `test` of `field`.
    ///
    /// # Errors
    /// When the field does not take the operator or the values are not of its type.
    pub fn new(field: impl Into<Field>, test: Test) -> Result<Self, InvalidFilter> {
        let field = field.into();
        let value_type = field.value_type();
        let operator = test.operator();
        if !value_type.operators().contains(&operator) {
            return Err(InvalidFilter::Operator { field: field.to_string(), operator, value_type });
        }
        if !test.fits(&field) {
            return Err(InvalidFilter::Value { field: field.to_string(), value_type });
        }
        if let Test::Between(low, high) = &test
            && low.compare(high) == Some(Ordering::Greater)
        {
            return Err(InvalidFilter::Reversed { field: field.to_string() });
        }
        let filter = Self { field, test };
        if filter.to_string().contains('\0') {
            return Err(InvalidFilter::Nul { field: filter.field.to_string() });
        }
        Ok(filter)
    }

    /// What it looks at.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    /// What it asks.
    #[must_use]
    pub const fn test(&self) -> &Test {
        &self.test
    }

    /// The limit that its list of values passes.
    pub(super) fn excess(&self) -> Option<usize> {
        let (values, most) = match (&self.test, self.field.value_type()) {
            (Test::AnyOf(values) | Test::NoneOf(values), ValueType::Text | ValueType::Json) => {
                (values.len(), MAX_LISTED_TEXTS)
            }
            (Test::AnyOf(values) | Test::NoneOf(values), _) => (values.len(), MAX_LISTED),
            (Test::Contains(parts), _) => (parts.len(), MAX_LISTED),
            _ => return None,
        };
        (values > most).then_some(most)
    }
}

impl Test {
    /// Its operator.
    #[must_use]
    pub const fn operator(&self) -> Operator {
        match self {
            Self::Present => Operator::Present,
            Self::AnyOf(_) => Operator::Is,
            Self::NoneOf(_) => Operator::IsNot,
            Self::Compare(Comparison::Greater, _) => Operator::Greater,
            Self::Compare(Comparison::AtLeast, _) => Operator::AtLeast,
            Self::Compare(Comparison::Less, _) => Operator::Less,
            Self::Compare(Comparison::AtMost, _) => Operator::AtMost,
            Self::Between(..) => Operator::Between,
            Self::Contains(_) => Operator::Contains,
        }
    }

    fn fits(&self, field: &Field) -> bool {
        match self {
            Self::Present => true,
            Self::AnyOf(values) | Self::NoneOf(values) => {
                !values.is_empty() && values.iter().all(|value| value.fits(field))
            }
            Self::Compare(_, value) => value.fits(field) && value.has_order(),
            Self::Between(low, high) => {
                low.fits(field) && high.fits(field) && low.has_order() && low.same_kind(high)
            }
            Self::Contains(parts) => {
                !parts.is_empty() && parts.iter().all(|part| !part.trim().is_empty())
            }
        }
    }
}

impl Value {
    fn fits(&self, field: &Field) -> bool {
        match (field.value_type(), self) {
            (ValueType::Word, Self::Word(word)) => field.info().words.contains(word),
            (ValueType::Text, Self::Text(_))
            | (ValueType::Version, Self::Version(_))
            | (ValueType::Count, Self::Count(_))
            | (ValueType::Number, Self::Number(_))
            | (ValueType::Duration, Self::Duration(_))
            | (ValueType::Money, Self::Money(_))
            | (ValueType::Time, Self::Time(_))
            | (ValueType::Bool, Self::Bool(_))
            | (ValueType::Json, Self::Json(_)) => true,
            _ => false,
        }
    }

    /// Whether it can be greater or less than another: JSON numbers and texts can.
    fn has_order(&self) -> bool {
        match self {
            Self::Json(literal) => {
                !matches!(literal.scalar(), Some(JsonScalar::Bool(_) | JsonScalar::Null))
            }
            _ => true,
        }
    }

    /// Whether both are JSON numbers or both JSON texts, where they are JSON at all.
    fn same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(one), Self::Json(two)) => {
                other.has_order() && one.number().is_some() == two.number().is_some()
            }
            _ => true,
        }
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Count(one), Self::Count(two)) => Some(one.cmp(two)),
            (Self::Number(one), Self::Number(two)) => one.partial_cmp(two),
            (Self::Duration(one), Self::Duration(two)) => Some(one.cmp(two)),
            (Self::Money(one), Self::Money(two)) => Some(one.cmp(two)),
            (
                Self::Time(TimeBound::Moment { at: one, .. }),
                Self::Time(TimeBound::Moment { at: two, .. }),
            ) => Some(one.cmp(two)),
            (Self::Json(one), Self::Json(two)) => match (one.number(), two.number()) {
                (Some(one), Some(two)) => one.partial_cmp(&two),
                _ => Some(one.text().cmp(two.text())),
            },
            _ => None,
        }
    }

    /// As a bound, where JSON texts other than days must be quoted.
    fn write_bound(&self, f: &mut fmt::Formatter<'_>, days: bool) -> fmt::Result {
        match self {
            Self::Json(literal) if literal.scalar().is_none() && !days => {
                quote_unless(f, literal.text(), false)
            }
            _ => write!(f, "{self}"),
        }
    }

    fn is_day(&self) -> bool {
        matches!(self, Self::Json(literal) if is_day(literal.text()))
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, items: &[Value]) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(",")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("*"),
            Self::AnyOf(values) => write_list(f, values),
            Self::NoneOf(values) => {
                f.write_str(Operator::IsNot.symbol())?;
                write_list(f, values)
            }
            Self::Compare(_, value) => {
                f.write_str(self.operator().symbol())?;
                value.write_bound(f, value.is_day())
            }
            Self::Between(low, high) => {
                let days = low.is_day() && high.is_day();
                low.write_bound(f, days)?;
                f.write_str(Operator::Between.symbol())?;
                high.write_bound(f, days)
            }
            Self::Contains(parts) => {
                f.write_str(Operator::Contains.symbol())?;
                let parts: Vec<_> = parts.iter().map(|part| Value::Text(part.clone())).collect();
                write_list(f, &parts)
            }
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.field, self.test)
    }
}
