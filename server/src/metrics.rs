//! Counters for Prometheus.

use std::time::Duration;

use http::Method;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use spool::Door;

use crate::limits::LimitFigures;
use crate::otlp::OtlpMetrics;

const KNOWN_METHODS: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
    Method::PUT,
    Method::PATCH,
    Method::TRACE,
    Method::CONNECT,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

/// Asks the spool for its figures when somebody looks.
#[derive(Debug)]
struct SpoolFigures(Door);

impl Collector for SpoolFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let Some(status) = self.0.status() else { return Ok(()) };
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
        };
        let oldest = status.oldest.unwrap_or_default().as_secs_f64();
        let held_up = status.trouble.map_or(0.0, |(held_up, _)| held_up.as_secs_f64());
        let (seconds, bytes) = (Some(&Unit::Seconds), Some(&Unit::Bytes));
        gauge("spool_runs", "Runs not yet in the database", None, status.undrained_runs as f64)?;
        gauge("spool_frames", "Frames of these runs", None, status.undrained_frames as f64)?;
        gauge("spool_oldest_age", "Age of the oldest of them", seconds, oldest)?;
        gauge("spool_held_up", "How long draining has been failing", seconds, held_up)?;
        gauge("spool_segments", "Files of the spool", None, status.segments as f64)?;
        gauge("spool_size", "Size of these files", bytes, status.bytes as f64)?;
        gauge("spool_max_size", "Their greatest size", bytes, status.max_bytes as f64)?;
        gauge("spool_disk_free", "Room on their disk", bytes, status.free_bytes as f64)?;
        gauge("spool_has_room", "Whether runs are accepted", None, f64::from(status.has_room))?;
        gauge("spool_quarantined", "Runs that cannot be stored", None, status.quarantined as f64)?;
        gauge("spool_torn", "Cut off at the start", bytes, status.torn_bytes as f64)?;
        let drained = ConstCounter::new(status.drained_runs);
        drained.encode(encoder.encode_descriptor(
            "spool_drained_runs",
            "Runs that went from the spool to the database",
            None,
            drained.metric_type(),
        )?)
    }
}

/// What the server counts.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    /// Runs that were stored.
    pub accepted_runs: Counter,
    /// Runs that were refused.
    pub rejected_runs: Counter,
    /// Spans and log records.
    pub otlp: OtlpMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("runs");
        let requests = Family::default();
        // From one millisecond to half a minute.
        let durations: Family<_, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 16)));
        let (accepted_runs, rejected_runs) = (Counter::default(), Counter::default());
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to the first byte of an answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register("ingested", "Runs stored", accepted_runs.clone());
        registry.register("rejected", "Runs refused", rejected_runs.clone());
        let otlp = OtlpMetrics::register(&mut registry);
        Self { registry, requests, durations, accepted_runs, rejected_runs, otlp }
    }
}

impl Metrics {
    /// Shows how this door's spool is doing from now on.
    pub fn watch_spool(&mut self, door: Door) {
        self.registry.register_collector(Box::new(SpoolFigures(door)));
    }

    /// Shows how much is used of what organizations share from now on.
    pub fn watch_limits(&mut self, limits: LimitFigures) {
        self.registry.register_collector(Box::new(limits));
    }

    /// Counts an answered request. Methods that HTTP does not know share one label,
    /// so that made-up ones cost no memory.
    pub fn request(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let method = if KNOWN_METHODS.contains(method) { method.as_str() } else { "OTHER" };
        let (method, route) = (method.to_owned(), route.to_owned());
        self.durations
            .get_or_create(&Route { method: method.clone(), route: route.clone() })
            .observe(took.as_secs_f64());
        self.requests.get_or_create(&Answer { method, route, status }).inc();
    }

    /// Everything counted so far, in the text format of Prometheus.
    ///
    /// # Errors
    /// Never with the metrics registered here.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route() {
        let metrics = Metrics::default();
        metrics.request(&Method::GET, "/healthz", 200, Duration::from_millis(3));
        metrics.accepted_runs.inc_by(2);
        let text = metrics.render().unwrap();
        assert!(
            text.contains(
                r#"runs_http_requests_total{method="GET",route="/healthz",status="200"} 1"#
            ),
            "{text}"
        );
        assert!(text.contains("runs_ingested_total 2"), "{text}");
        assert!(text.contains("runs_http_request_duration_seconds_bucket"), "{text}");
    }

    #[test]
    fn unknown_methods_share_a_label() {
        let metrics = Metrics::default();
        for number in 0..50 {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
            metrics.request(&method, "unmatched", 405, Duration::from_millis(1));
        }
        let text = metrics.render().unwrap();
        let counted: Vec<&str> =
            text.lines().filter(|line| line.starts_with("runs_http_requests_total{")).collect();
        assert_eq!(
            counted,
            [r#"runs_http_requests_total{method="OTHER",route="unmatched",status="405"} 50"#]
        );
    }
}
