//! A place in a trace as it travels: W3C Trace Context, read and written.

use std::{
    collections::BTreeMap,
    fmt,
    num::{NonZeroU64, NonZeroU128},
    sync::Arc,
};

use axum::http::HeaderMap;
#[cfg(feature = "serve")]
use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::queue::NewMessage;

/// The header and the attribute with the ids.
const TRACEPARENT: &str = "traceparent";

/// The header and the attribute in which vendors keep what is theirs.
const TRACESTATE: &str = "tracestate";

/// The flags there are: sampled, and that the id is random (W3C Trace Context Level 2). Others are not
/// passed on.
const KNOWN_FLAGS: u8 = 0b11;

/// The flag of a trace that is recorded.
const SAMPLED: u8 = 0b01;

/// The longest state that is passed on, in characters; the least that the specification asks for.
const LONGEST_STATE: usize = 512;

/// How many entries a state has at most.
const MOST_ENTRIES: usize = 32;

/// The longest JSON that is read as a trace, in bytes. Ours: far more than two such texts can have.
const LONGEST_CARRIER: usize = 4096;

/// A place in a trace: which trace, which span, and whether it is recorded.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Carrier", try_from = "Carrier")]
pub struct TraceContext {
    trace: NonZeroU128,
    span: NonZeroU64,
    flags: u8,
    state: Option<Arc<str>>,
}

/// A context as JSON has it.
#[derive(Serialize, Deserialize)]
struct Carrier {
    traceparent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
}

impl TraceContext {
    /// A place in a trace by its ids, which are not zero. A state that is not as the specification
    /// says is left out.
    #[must_use]
    pub fn new(trace: [u8; 16], span: [u8; 8], flags: u8, state: Option<&str>) -> Option<Self> {
        Some(Self {
            trace: NonZeroU128::new(u128::from_be_bytes(trace))?,
            span: NonZeroU64::new(u64::from_be_bytes(span))?,
            flags: flags & KNOWN_FLAGS,
            state: state.and_then(read_state),
        })
    }

    /// Reads the two texts. `None` when the first is not as the specification says: then the second
    /// means nothing. Of a version to come what is known of it is read.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let (known, more) = traceparent.split_at_checked(55)?;
        let mut parts = known.split('-');
        let mut digits = |count: usize| parts.next().filter(|part| is_hex(part, count));
        let (version, trace, span, flags) = (digits(2)?, digits(32)?, digits(16)?, digits(2)?);
        let fits = match version {
            "ff" => false,
            "00" => more.is_empty(),
            _ => more.is_empty() || more.starts_with('-'),
        };
        let trace = u128::from_str_radix(trace, 16).ok()?.to_be_bytes();
        let span = u64::from_str_radix(span, 16).ok()?.to_be_bytes();
        let flags = u8::from_str_radix(flags, 16).ok()?;
        fits.then(|| Self::new(trace, span, flags, tracestate)).flatten()
    }

    /// Reads the headers of a request.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all(TRACEPARENT).iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else { return None };
        let states = headers.get_all(TRACESTATE).iter().map(|state| state.to_str().ok());
        let state = states.collect::<Option<Vec<_>>>().map(|states| states.join(","));
        Self::parse(parent.to_str().ok()?, state.as_deref())
    }

    /// Reads what an action says of its trace: `{"traceparent":"…","tracestate":"…"}`.
    #[must_use]
    pub fn from_json(carrier: &RawValue) -> Option<Self> {
        let text = Some(carrier.get()).filter(|text| text.len() <= LONGEST_CARRIER)?;
        let carrier: serde_json::Value = serde_json::from_str(text).ok()?;
        let member = |name| carrier.get(name).and_then(serde_json::Value::as_str);
        Self::parse(member(TRACEPARENT)?, member(TRACESTATE))
    }

    /// Reads what a message carries beside its body.
    #[must_use]
    pub fn from_attributes(attributes: &BTreeMap<String, String>) -> Option<Self> {
        let state = attributes.get(TRACESTATE).map(String::as_str);
        Self::parse(attributes.get(TRACEPARENT)?, state)
    }

    /// The message with this beside its body. One that has no room for it, or says already which trace
    /// it is part of, stays as it is: a trace is no reason to refuse a message.
    pub(crate) fn attach(&self, message: NewMessage) -> NewMessage {
        let mut attributes = message.attributes().clone();
        if attributes.contains_key(TRACEPARENT) {
            return message;
        }
        attributes.insert(TRACEPARENT.to_owned(), self.traceparent());
        attributes.extend(self.state().map(|it| (TRACESTATE.to_owned(), it.to_owned())));
        message.clone().with_attributes(attributes).unwrap_or(message)
    }

    /// Says it in these headers, and nothing else of a trace.
    #[cfg(feature = "serve")]
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let state = self.state().map(str::to_owned);
        for (name, text) in [(TRACEPARENT, Some(self.traceparent())), (TRACESTATE, state)] {
            headers.remove(name);
            // Both are ASCII without control characters, which any header may have.
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        }
    }

    /// The ids and flags as they travel: `00-{32 digits}-{16 digits}-01`.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }

    /// What vendors keep in it, as it travels.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The same as AWS X-Ray writes it, in `X-Amzn-Trace-Id` and for Lambda functions:
    /// `Root=1-{8 digits}-{24 digits};Parent={16 digits};Sampled=1`.
    #[must_use]
    pub fn x_ray(&self) -> String {
        let trace = format!("{:032x}", self.trace);
        let (seconds, random) = trace.split_at(8);
        let sampled = u8::from(self.is_sampled());
        format!("Root=1-{seconds}-{random};Parent={:016x};Sampled={sampled}", self.span)
    }

    /// The id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> [u8; 16] {
        self.trace.get().to_be_bytes()
    }

    /// The id of the span.
    #[must_use]
    pub fn span_id(&self) -> [u8; 8] {
        self.span.get().to_be_bytes()
    }

    /// The flags.
    #[must_use]
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the trace is recorded.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

impl From<TraceContext> for Carrier {
    fn from(context: TraceContext) -> Self {
        let traceparent = context.traceparent();
        Self { traceparent, tracestate: context.state.as_deref().map(str::to_owned) }
    }
}

impl TryFrom<Carrier> for TraceContext {
    type Error = &'static str;

    fn try_from(carrier: Carrier) -> Result<Self, Self::Error> {
        let read = Self::parse(&carrier.traceparent, carrier.tracestate.as_deref());
        read.ok_or("the traceparent is not as W3C Trace Context says")
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({})", self.traceparent())
    }
}

/// Capitals are not allowed.
fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A state without its spaces and empty entries; `None` if any entry is wrong.
fn read_state(text: &str) -> Option<Arc<str>> {
    let entries = text.split(',').map(|entry| entry.trim_matches([' ', '\t']));
    let entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
    let state = entries.join(",");
    let fits = (1..=MOST_ENTRIES).contains(&entries.len()) && state.len() <= LONGEST_STATE;
    (fits && entries.into_iter().all(is_entry)).then(|| state.into())
}

/// `key=value` (W3C Trace Context, §3.3.1.3).
fn is_entry(entry: &str) -> bool {
    let Some((key, value)) = entry.split_once('=') else { return false };
    let in_key =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    let in_value = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    let begins =
        key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    begins && key.len() <= 256 && key.bytes().all(in_key) && value.bytes().all(in_value)
}

#[cfg(test)]
mod tests;
