//! What came in over OTLP, so that nothing is lost silently.

use std::collections::HashMap;

use otlp::{RecordKind, SpanKind};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// Counters of the OTLP door.
#[derive(Default)]
pub struct OtlpMetrics {
    spans: Family<Kind, Counter>,
    records: Family<Kind, Counter>,
}

/// Kinds of items beside those of the wire.
mod kind {
    pub(super) const REJECTED: &str = "rejected";
    /// Waited for its model's span, which never came.
    pub(super) const UNMATCHED: &str = "unmatched";
}

impl OtlpMetrics {
    /// Counters that are shown from now on, at 0 where nothing was counted.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        for kind in SpanKind::ALL.map(SpanKind::as_str) {
            drop(metrics.spans.get_or_create(&Kind { kind }));
        }
        registry.register("otlp_spans", "Spans received, by kind", metrics.spans.clone());
        registry.register(
            "otlp_log_records",
            "Log records received, by kind",
            metrics.records.clone(),
        );
        metrics
    }

    /// Spans of a request.
    pub fn spans(&self, counts: &HashMap<SpanKind, usize>, rejected: usize) {
        for (kind, count) in counts {
            add(&self.spans, kind.as_str(), *count);
        }
        add(&self.spans, kind::REJECTED, rejected);
    }

    /// Log records of a request.
    pub fn records(&self, counts: &HashMap<RecordKind, usize>, rejected: usize) {
        for (kind, count) in counts {
            add(&self.records, kind.as_str(), *count);
        }
        add(&self.records, kind::REJECTED, rejected);
    }

    /// Parts that waited in vain.
    pub fn lost(&self, records: usize, tools: usize) {
        add(&self.records, kind::UNMATCHED, records);
        add(&self.spans, kind::UNMATCHED, tools);
    }
}

fn add(family: &Family<Kind, Counter>, kind: &'static str, count: usize) {
    if count > 0 {
        family.get_or_create(&Kind { kind }).inc_by(count as u64);
    }
}
