//! `[traces]`: spans for a collector of OpenTelemetry.

use std::collections::BTreeMap;

use axum::http::HeaderName;

use super::{
    Located, Secret,
    reader::{Hidden, Part, Table, Text, Url},
};

/// Where spans go, and which.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    /// The URL of the collector, as OTLP over HTTP has it.
    pub endpoint: Located<String>,
    /// What is sent with every batch. They may be secret.
    pub headers: BTreeMap<String, Secret>,
    /// Which part of the traces that begin here is recorded, from 0 to 1.
    pub sample: f64,
    /// What the spans say is their service.
    pub service_name: String,
}

impl Traces {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let endpoint = table.required("endpoint", Url);
        let headers = table.map("headers", Hidden);
        for (name, value) in &headers {
            if HeaderName::try_from(name.as_str()).is_err() {
                table.mistake_at(value, "this cannot be the name of a header");
            }
        }
        let sample = table.or("sample", "1", Part).into_value();
        let service_name = table.or("service_name", "gatewire", Text).into_value();
        if let Some(endpoint) = endpoint.as_ref().filter(|_| !cfg!(feature = "otel")) {
            table.mistake_at(
                endpoint,
                "this build exports no traces; build it with the feature otel",
            );
        }
        table.finish();
        let headers = headers.into_iter().map(|(name, value)| (name, value.into_value())).collect();
        Some(Self { endpoint: endpoint?, headers, sample, service_name })
    }
}
