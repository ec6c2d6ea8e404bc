//! Filters on texts of which an organization has few different ones: models,
//! environments, tools.
//!
//! A part of such a text is looked for here, among the different texts, so that
//! both are folded by the same function; the engine then compares whole texts.

use clickhouse::Row;
use model::fold::fold;
use model::search::Test;
use serde::Deserialize;

use super::Builder;
use super::filter::folded_parts;
use crate::StoreError;
use crate::sql::Value;
use crate::turn::Weight;

/// Where there are more different texts, the engine looks into each.
const MAX_TEXTS: usize = 10_000;

/// A column of such texts.
#[derive(Clone, Copy, Debug)]
pub(super) enum LowCardinalityColumn {
    Model,
    Provider,
    Environment,
    Source,
    /// An array: a run can call several.
    Tool,
}

macro_rules! distinct {
    ($text:literal) => {
        concat!(
            "SELECT DISTINCT ",
            $text,
            " AS text FROM runs WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
              LIMIT {limit:UInt64}"
        )
    };
}

impl LowCardinalityColumn {
    const fn column(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Environment => "environment",
            Self::Source => "source",
            Self::Tool => "tools",
        }
    }

    const fn distinct(self) -> &'static str {
        match self {
            Self::Model => distinct!("toString(model)"),
            Self::Provider => distinct!("toString(provider)"),
            Self::Environment => distinct!("toString(environment)"),
            Self::Source => distinct!("toString(source)"),
            Self::Tool => distinct!("toString(arrayJoin(tools))"),
        }
    }
}

#[derive(Row, Deserialize)]
struct TextRow {
    text: String,
}

impl Builder<'_> {
    /// What runs whose text, or one of whose texts, passes the test satisfy.
    pub(super) async fn low_cardinality(
        &mut self,
        of: LowCardinalityColumn,
        test: &Test,
    ) -> Result<String, StoreError> {
        let column = of.column();
        let Test::Contains(parts) = test else {
            return Ok(match of {
                LowCardinalityColumn::Tool => self.tools(test),
                _ => self.text(column, test),
            });
        };
        let Some(holding) = self.holding(of, parts).await? else {
            return Ok(match of {
                LowCardinalityColumn::Tool => {
                    let found = self.holds_unspaced("tool", parts);
                    format!("arrayExists(tool -> {found}, {column})")
                }
                _ => self.holds_unspaced(column, parts),
            });
        };
        let holding = self.params.bind(Value::Texts(holding));
        Ok(match of {
            LowCardinalityColumn::Tool => format!("hasAny({column}, {holding})"),
            _ => format!("{column} IN {holding}"),
        })
    }

    fn tools(&mut self, test: &Test) -> String {
        match test {
            Test::AnyOf(values) => format!("hasAny(tools, {})", self.texts(values)),
            Test::NoneOf(values) => {
                format!("(notEmpty(tools) AND NOT hasAny(tools, {}))", self.texts(values))
            }
            _ => "notEmpty(tools)".to_owned(),
        }
    }

    /// The different texts that hold one of the parts; `None` when there are not few.
    async fn holding(
        &self,
        of: LowCardinalityColumn,
        parts: &[String],
    ) -> Result<Option<Vec<String>>, StoreError> {
        let parts = folded_parts(parts);
        let agents: Vec<u64> = self.agents.iter().map(|agent| agent.id).collect();
        let texts = self
            .store
            .query(of.distinct())
            .weighing(Weight::Heavy)
            .param("agents", agents)
            .param("limit", MAX_TEXTS as u64 + 1)
            .with_setting("max_execution_time", "20")
            .fetch_all::<TextRow>()
            .await?;
        if texts.len() > MAX_TEXTS {
            return Ok(None);
        }
        let holds = |text: &String| {
            let folded = fold(text);
            parts.iter().any(|part| folded.contains(part.as_str()))
        };
        Ok(Some(texts.into_iter().map(|row| row.text).filter(holds).collect()))
    }
}
