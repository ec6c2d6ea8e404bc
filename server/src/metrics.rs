//! Counters for Prometheus.

use std::time::Duration;

use http::Method;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::otlp::OtlpMetrics;

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
    /// Counts an answered request.
    pub fn request(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_string(), route.to_owned());
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
}
