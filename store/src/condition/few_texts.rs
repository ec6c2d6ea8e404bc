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

/// More different texts are not looked through.
const MAX_TEXTS: u64 = 10_000;

/// A column of such texts.
#[derive(Clone, Copy, Debug)]
pub(super) enum FewTexts {
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

impl FewTexts {
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
    pub(super) async fn few_texts(
        &mut self,
        of: FewTexts,
        test: &Test,
    ) -> Result<String, StoreError> {
        let column = of.column();
        let is_list = matches!(of, FewTexts::Tool);
        Ok(match test {
            Test::AnyOf(values) => {
                let values = self.texts(values);
                if is_list {
                    format!("hasAny({column}, {values})")
                } else {
                    format!("({column} != '' AND {column} IN {values})")
                }
            }
            Test::NoneOf(values) => {
                let values = self.texts(values);
                if is_list {
                    format!("(notEmpty({column}) AND NOT hasAny({column}, {values}))")
                } else {
                    format!("({column} != '' AND {column} NOT IN {values})")
                }
            }
            Test::Contains(parts) => {
                let holding = self.holding(of, parts).await?;
                let holding = self.params.bind(Value::Texts(holding));
                if is_list {
                    format!("hasAny({column}, {holding})")
                } else {
                    format!("{column} IN {holding}")
                }
            }
            _ if is_list => format!("notEmpty({column})"),
            _ => format!("{column} != ''"),
        })
    }

    /// The different texts that hold one of the parts.
    async fn holding(&self, of: FewTexts, parts: &[String]) -> Result<Vec<String>, StoreError> {
        let parts = folded_parts(parts);
        let agents: Vec<u64> = self.agents.iter().map(|agent| agent.id).collect();
        let texts = self
            .store
            .query(of.distinct())
            .param("agents", agents)
            .param("limit", MAX_TEXTS)
            .with_setting("max_execution_time", "20")
            .fetch_all::<TextRow>()
            .await?;
        let holds = |text: &String| {
            let folded = fold(text);
            parts.iter().any(|part| folded.contains(part.as_str()))
        };
        Ok(texts
            .into_iter()
            .map(|row| row.text)
            .filter(|text| !text.is_empty() && holds(text))
            .collect())
    }
}
